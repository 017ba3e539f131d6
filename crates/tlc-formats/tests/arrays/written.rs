//! What NumPy itself has written is read as it was meant.

use crate::{Given, primitive, python, texts};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};
use tlc_core::{Column, Table, ValueType};
use tlc_formats::{NumPy, import};

const SCRIPT: &str = r#"
import sys, numpy as np
folder = sys.argv[1] + "/"
x = np.arange(24, dtype="f4").reshape(4, 3, 2)
columns = {
    "c": x, "fortran": np.asfortranarray(x), "big": x.astype(">f4"),
    "big_fortran": np.asfortranarray(x.astype(">f4")),
    "half": x.astype("f2"), "flags": (x % 3 == 0), "wide": np.asfortranarray(x.reshape(4, 6)),
    "i1": np.array([-128, 0, 1, 127], "i1"), "i2": np.array([-3, 0, 1, 300], ">i2"),
    "u8": np.array([0, 1, 2, 2**64 - 1], "u8"), "f8": np.array([0.1, np.nan, -np.inf, -0.0], ">f8"),
    "text": np.array(["größer", "", "日本", "a\0b"]), "bytes": np.array([b"one", b"", b"3", b"four"]),
    "big_text": np.array(["größer", "", "日本", "x"]).astype(">U6"),
    "bool": np.array([True, False, True, True]),
    "day": np.array(["2024-02-29", "1969-12-31", "NaT", "0001-01-01"], "M8[D]"),
    "moment": np.array(["2024-02-29T01:02:03.000001", "NaT", "1970-01-01", "1970-01-02"], "M8[us]"),
    "nano": np.array([1000, -2000, 0, 10**18], "i8").astype("M8[ns]"),
    "took": np.array([5, 6, 7, 8], "m8[ms]"),
}
np.savez(folder + "plain.npz", **columns)
np.savez_compressed(folder + "packed.npz", **columns)
for name in ["c", "fortran"]:
    np.save(folder + name + ".npy", columns[name])
np.savez(folder + "scalar.npz", x=np.arange(2), scalar=np.float32(1))
np.savez(folder + "objects.npz", x=np.array([{}, []], dtype=object))
np.savez(folder + "records.npz", x=np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
np.savez(folder + "complex.npz", x=np.array([1j]))
np.savez(folder + "lengths.npz", x=np.arange(2), y=np.arange(3))
np.savez(folder + "nothing.npz", x=np.zeros((0, 3), "f4"), y=np.zeros(0, "i8"))
np.savez(folder + "no_values.npz", x=np.zeros((3, 0), "f4"))
np.savez(folder + "nanoseconds.npz", x=np.array([1], "i8").astype("M8[ns]"))
large = np.asfortranarray(np.arange(70_000 * 128, dtype="f8").reshape(-1, 128))
np.savez_compressed(folder + "large.npz", x=large, row=np.arange(len(large)))
np.save(folder + "large.npy", large)
"#;

fn tensor(table: &Table, column: &str) -> ArrayRef {
    let column = table.column(column).unwrap();
    column.as_fixed_size_list().values().clone()
}

#[test]
fn arrays_of_any_type_and_order_become_columns() {
    let given = Given::new();
    if !python(SCRIPT, given.path()) {
        return;
    }
    let plain = import(&NumPy::new(given.path().join("plain.npz")), given.options())
        .unwrap()
        .table;
    check(&plain);
    let packed = NumPy::new(given.path().join("packed.npz"));
    let packed = import(&packed, given.options()).unwrap().table;
    assert_eq!(packed.id(), plain.id());
    let files = ["fortran.npy", "c.npy"].map(|name| given.path().join(name));
    let options = given.options().table("files");
    let files = import(&NumPy::new(files), options).unwrap().table;
    assert_eq!(files.schema().names().collect::<Vec<_>>(), ["fortran", "c"]);
    assert_eq!(
        tensor(&files, "fortran").as_ref(),
        tensor(&files, "c").as_ref()
    );
    refusals(&given);
    large(&given);
}

fn check(table: &Table) {
    let expected: Vec<f32> = (0..24_u8).map(f32::from).collect();
    for column in ["c", "fortran", "big", "big_fortran", "half", "wide"] {
        let values = tensor(table, column);
        assert_eq!(
            values.as_primitive::<Float32Type>().values(),
            &expected[..],
            "{column}"
        );
    }
    let value = |name: &str| table.schema().column(name).unwrap().value.clone();
    let shape = |dims: &[usize]| ValueType::Tensor {
        item: Box::new(ValueType::Float32),
        shape: dims.iter().map(|dim| Some(*dim)).collect(),
    };
    assert_eq!((value("big"), value("wide")), (shape(&[3, 2]), shape(&[6])));
    let flags = tensor(table, "flags");
    assert!(
        flags
            .as_boolean()
            .values()
            .iter()
            .eq((0..24).map(|n| n % 3 == 0))
    );
    assert_eq!(
        primitive::<Int8Type>(table, "i1").values(),
        &[-128, 0, 1, 127]
    );
    assert_eq!(
        primitive::<Int16Type>(table, "i2").values(),
        &[-3, 0, 1, 300]
    );
    assert_eq!(
        primitive::<UInt64Type>(table, "u8").values(),
        &[0, 1, 2, u64::MAX]
    );
    let f8 = primitive::<Float64Type>(table, "f8");
    let bits: Vec<u64> = f8.values().iter().map(|value| value.to_bits()).collect();
    let expected = [0.1, f64::NAN, f64::NEG_INFINITY, -0.0].map(f64::to_bits);
    assert_eq!(bits, expected);
    assert_eq!(texts(table, "text"), ["größer", "", "日本", "a\0b"]);
    assert_eq!(texts(table, "big_text"), ["größer", "", "日本", "x"]);
    assert_eq!(texts(table, "bytes"), ["one", "", "3", "four"]);
    let bools = table.column("bool").unwrap();
    assert!(
        bools
            .as_boolean()
            .values()
            .iter()
            .eq([true, false, true, true])
    );
    times(table);
}

fn times(table: &Table) {
    let moments = |name| primitive::<TimestampMicrosecondType>(table, name);
    let days: Vec<_> = moments("day").iter().collect();
    let day = 86_400_000_000_i64;
    assert_eq!(
        days,
        [Some(19_782 * day), Some(-day), None, Some(-719_162 * day)]
    );
    let moment = moments("moment");
    assert_eq!(moment.value(0), 19_782 * day + 3_723_000_001);
    assert!(moment.is_null(1));
    assert_eq!(moments("nano").values(), &[1, -2, 0, 1_000_000_000_000_000]);
    assert_eq!(
        primitive::<Int64Type>(table, "took").values(),
        &[5, 6, 7, 8]
    );
    let took = table.schema().column("took").unwrap();
    assert_eq!(took.unit.as_deref(), Some("ms"));
}

fn refusals(given: &Given) {
    for (name, reason) in [
        ("scalar", "an array without dimensions has no rows"),
        ("objects", "only Python can load"),
        ("records", "structured array"),
        ("complex", "`<c16` are not supported"),
        ("lengths", "3 rows, `x` has 2"),
        ("no_values", "a dimension is 0"),
        ("nanoseconds", "microsecond"),
    ] {
        let file = given.path().join(format!("{name}.npz"));
        let refused = import(&NumPy::new(file), given.options().table(name)).unwrap_err();
        assert!(refused.to_string().contains(reason), "{name}: {refused}");
    }
    let chosen = NumPy::new(given.path().join("scalar.npz")).arrays(["x"]);
    assert_eq!(
        import(&chosen, given.options().table("chosen"))
            .unwrap()
            .table
            .len(),
        2
    );
    let missing = NumPy::new(given.path().join("scalar.npz")).arrays(["y"]);
    assert!(import(&missing, given.options().table("missing")).is_err());
    let nothing = NumPy::new(given.path().join("nothing.npz"));
    let table = import(&nothing, given.options().table("nothing"))
        .unwrap()
        .table;
    assert_eq!((table.len(), table.schema().columns().len()), (0, 2));
    let embedding = Column::new("c", ValueType::Embedding { dim: 6 });
    let arrays = NumPy::new(given.path().join("plain.npz")).arrays(["c", "i1"]);
    let options = given.options().table("embedding").column(embedding);
    assert!(import(&arrays, options).is_ok());
}

/// Larger than what is held in memory.
fn large(given: &Given) {
    for name in ["large.npz", "large.npy"] {
        let large = NumPy::new(given.path().join(name));
        let table = import(&large, given.options().table(name)).unwrap().table;
        let column = if name == "large.npz" { "x" } else { "large" };
        assert_eq!(table.len(), 70_000);
        let rows = table.take(&[0, 69_999]).unwrap();
        let values = rows.column_by_name(column).unwrap();
        let values = values.as_fixed_size_list().values().clone();
        let values = values.as_primitive::<Float64Type>().values();
        let expected = (0..128).chain(8_959_872..8_960_000).map(f64::from);
        assert!(values.iter().copied().eq(expected));
    }
}

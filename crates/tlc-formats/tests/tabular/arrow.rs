//! Arrow and Parquet: several files, odd files, hostile files.

use crate::{Place, data, shown, value};
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, DictionaryArray, Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch,
};
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::arrow::ipc::writer::{FileWriter, StreamWriter};
use tlc_core::{Column, IfExists, ValueType};
use tlc_formats::{Arrow, At, Error, Format, Parquet, import};

fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    RecordBatch::try_from_iter(columns.iter().cloned()).unwrap()
}

fn arrow_file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn numbers(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

#[test]
fn files_and_streams_of_dictionaries_and_large_types_are_unpacked() {
    let place = Place::new();
    let words: DictionaryArray<Int32Type> = ["b", "a", "b"].into_iter().collect();
    let large = LargeStringArray::from(vec!["x", "y", "z"]);
    let batch = batch(&[("word", Arc::new(words)), ("large", Arc::new(large))]);
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    stream.write(&batch.slice(1, 1)).unwrap();
    let stream = stream.into_inner().unwrap();
    let file = arrow_file(&[batch.clone(), batch.slice(1, 1)]);
    for (name, bytes) in [("file.arrow", file), ("stream.arrows", stream)] {
        let format = Arrow::new(place.file(name, bytes));
        let options = place.options().table(name).label("word");
        let table = import(&format, options).unwrap().table;
        assert_eq!(shown(&table, "word"), ["1", "0", "1", "0"]);
        assert_eq!(value(&table, "large"), ValueType::String);
        assert_eq!(shown(&table, "large"), ["x", "y", "z", "y"]);
    }
}

#[test]
fn several_files_are_one_table_by_the_names_of_their_columns() {
    let place = Place::new();
    let nulls: ArrayRef = Arc::new(NullArray::new(1));
    let first = batch(&[
        ("n", Arc::new(Int32Array::from(vec![1])) as ArrayRef),
        ("t", nulls),
    ]);
    let text: ArrayRef = Arc::new(LargeStringArray::from(vec!["x"]));
    let second = batch(&[("t", text), ("n", numbers(vec![2]))]);
    place.file("1.arrow", arrow_file(std::slice::from_ref(&first)));
    place.file("2.arrow", arrow_file(&[second]));
    let format = Arrow::new(place.path("*.arrow"));
    let table = place.import(&format).unwrap();
    assert_eq!(value(&table, "n"), ValueType::Int32);
    assert_eq!(shown(&table, "n"), ["1", "2"]);
    assert_eq!(shown(&table, "t"), ["", "x"]);
    // A number that the type of the first file does not hold is told by its row.
    let large = batch(&[
        ("t", Arc::new(NullArray::new(2)) as ArrayRef),
        ("n", numbers(vec![3, 1 << 40])),
    ]);
    place.file("3.arrow", arrow_file(&[large]));
    match import(&format, place.options().if_exists(IfExists::Overwrite)) {
        Err(Error::Row(row)) => assert!(row.place.at == At::Row(2), "{row}"),
        other => panic!("{other:?}"),
    }
    place.file("3.arrow", arrow_file(&[batch(&[("n", numbers(vec![3]))])]));
    let refused = place.import(&format).unwrap_err().to_string();
    assert!(
        refused.contains("3.arrow") && refused.contains("no column `t`"),
        "{refused}"
    );
}

#[test]
fn rows_of_parquet_that_do_not_fit_are_skipped_by_their_number() {
    let place = Place::new();
    let label = Column::new("label", ValueType::Int8);
    let format = Parquet::new(data("fashion_mnist_test_1k.parquet"));
    let whole = import(&format, place.options().column(label))
        .unwrap()
        .table;
    assert_eq!(whole.len(), 1000);
    let classes = Column::new("label", ValueType::labels(["0", "1", "2"]));
    let options = place.options().table("few").column(classes).skip_bad_rows();
    let imported = import(&format, options).unwrap();
    let few = shown(&whole, "label")
        .iter()
        .filter(|label| label.as_str() < "3")
        .count();
    assert_eq!(imported.table.len(), few);
    assert_eq!(imported.skipped.len() as usize, 1000 - few);
    assert!(
        imported.table.description().contains("row "),
        "{}",
        imported.table.description()
    );
}

/// Each cut and many changed bytes: an error or rows, never a panic.
fn attack(place: &Place, name: &str, bytes: &[u8], format: impl Fn() -> Box<dyn Format>) {
    let options = || place.options().if_exists(IfExists::Overwrite);
    let step = (bytes.len() / 150).max(1);
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(step) {
        place.file(name, &bytes[..at]);
        assert!(import(&*format(), options()).is_err(), "{name} cut at {at}");
        for changed in [0x00, 0x7F, 0xFF] {
            let mut bytes = bytes.to_vec();
            if std::mem::replace(&mut bytes[at], changed) != changed {
                place.file(name, bytes);
                refused += usize::from(import(&*format(), options()).is_err());
            }
        }
    }
    assert!(refused > 20, "{name}: only {refused}");
}

#[test]
fn damaged_files_are_refused_and_never_panic() {
    let place = Place::new();
    let text: ArrayRef = Arc::new(LargeStringArray::from(vec!["a", "b", "a"]));
    let words: DictionaryArray<Int32Type> = ["b", "a", "b"].into_iter().collect();
    let batch = batch(&[
        ("n", numbers(vec![1, 2, 3])),
        ("t", text),
        ("w", Arc::new(words)),
    ]);
    let file = arrow_file(std::slice::from_ref(&batch));
    attack(&place, "a.arrow", &file, || {
        Box::new(Arrow::new(place.path("a.arrow")))
    });
    let parquet = place.path("whole.parquet");
    let table = import(
        &Arrow::new(place.file("whole.arrow", &file)),
        place.options().table("whole"),
    );
    let rows = tlc_formats::Rows::of(&table.unwrap().table);
    tlc_formats::export(&tlc_formats::ToParquet::new(&parquet), &rows).unwrap();
    let bytes = std::fs::read(&parquet).unwrap();
    attack(&place, "a.parquet", &bytes, || {
        Box::new(Parquet::new(place.path("a.parquet")))
    });
    // A stream that is cut between two messages is whole.
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let stream = stream.into_inner().unwrap();
    for at in 1..stream.len() - 8 {
        place.file("a.arrows", &stream[..at]);
        let read = place.import(&Arrow::new(place.path("a.arrows")));
        assert!(read.is_err() || read.unwrap().is_empty(), "cut at {at}");
    }
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    let place = Place::new();
    // A message of two gigabytes less a bit, of which there are eight bytes.
    let lie = [&[0xFF; 4][..], &0x7FFF_FFF0_u32.to_le_bytes(), &[0; 8]].concat();
    let refused = place.import(&Arrow::new(place.file("lie.arrows", lie)));
    assert!(matches!(refused, Err(Error::File { .. })), "{refused:?}");
    for text in [
        &b"PAR1"[..],
        b"ARROW1",
        b"FEA1....FEA1",
        b"",
        b"PAR1\xff\xff\xff\x7fPAR1",
    ] {
        let file = place.file("odd", text);
        for format in [&Arrow::new(&file) as &dyn Format, &Parquet::new(&file)] {
            assert!(
                matches!(place.import(format), Err(Error::File { .. })),
                "{text:?}"
            );
        }
    }
}

//! Files that lie about what is in them.

use crate::Given;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;
use std::io::Write;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_formats::{NumPy, import};

/// An `.npy` file.
pub(crate) fn npy(header: &str, values: &[u8]) -> Vec<u8> {
    let len = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0", &len[..], header.as_bytes(), values].concat()
}

fn described(descr: &str, order: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    let given = Given::new();
    let file = given.write(name, bytes);
    import(&NumPy::new(file), given.options())
        .unwrap_err()
        .to_string()
}

/// A ZIP archive of one file; `claimed` is how long it says that is.
fn archive(name: &str, bytes: &[u8], claimed: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    let packed = encoder.finish().unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let len = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let name_len = u16::try_from(name.len()).unwrap().to_le_bytes();
    let sizes = [
        &crc.sum().to_le_bytes()[..],
        &len(packed.len()),
        &claimed.to_le_bytes(),
        &name_len,
    ]
    .concat();
    let local = [
        &b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0"[..],
        &sizes,
        b"\0\0",
        name.as_bytes(),
        &packed,
    ]
    .concat();
    let central = [
        &b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0"[..],
        &sizes,
        &[0; 16],
        name.as_bytes(),
    ]
    .concat();
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &len(central.len()),
        &len(local.len()),
        b"\0\0",
    ]
    .concat();
    [local, central, end].concat()
}

#[test]
fn a_header_that_lies_is_refused() {
    let values = [0; 8];
    for (header, reason) in [
        (
            described("<i4", "False", "(3,)"),
            "3 values, 12 bytes, and 8 bytes follow",
        ),
        (
            described("<i4", "False", "(1,)"),
            "1 values, 4 bytes, and 8 bytes follow",
        ),
        (
            described("<i4", "False", "(18446744073709551615, 4)"),
            "more values than there can be",
        ),
        (
            described("<i4", "False", "(4294967296, 4294967296)"),
            "more values than there can be",
        ),
        (
            described("<i4", "False", "(99999999999999999999,)"),
            "no shape",
        ),
        (described("<i4", "False", "(-1,)"), "no shape"),
        (described("<i4", "Maybe", "(2,)"), "no order"),
        (described("i4", "False", "(2,)"), "not supported"),
        (described("=i4", "False", "(2,)"), "not supported"),
        (described("<i3", "False", "(2,)"), "not supported"),
        (described("<U99999999999", "False", "(2,)"), "not supported"),
        (described("<f16", "False", "(2,)"), "not supported"),
        (described("|V8", "False", "(1,)"), "not supported"),
        (described("<M8[Y]", "False", "(1,)"), "not supported"),
        (described("|O", "False", "(1,)"), "only Python can load"),
        (
            "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,)}".to_owned(),
            "structured",
        ),
        (
            "{'descr': '<i4', 'shape': (2,)}".to_owned(),
            "something is missing",
        ),
        (
            "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), 'x': 1}".to_owned(),
            "unknown name",
        ),
        ("not a dictionary".to_owned(), "no dictionary"),
        ("{".to_owned(), "no name"),
        ("{'descr': '<i4".to_owned(), "no type"),
        (format!("{{'shape': ({})", "1,".repeat(70)), "no shape"),
    ] {
        let refused = refusal("x.npy", &npy(&header, &values));
        assert!(
            refused.contains(reason) && refused.contains("x.npy"),
            "{header}: {refused}"
        );
    }
}

#[test]
fn what_is_no_array_is_refused() {
    let whole = npy(&described("<i4", "False", "(2,)"), &[0; 8]);
    for (bytes, reason) in [
        (&b""[..], "cut"),
        (b"\x93NUMPY", "cut"),
        (b"PK\x03\x04 and so on", "does not begin"),
        (b"\x93NUMPY\x09\0\0\0\0\0", "version"),
        (b"\x93NUMPY\x02\0\xff\xff\xff\xff", "too long"),
        (&whole[..40], "the header is cut"),
        (
            &npy(
                "{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}",
                &[2],
            ),
            "2 is no boolean",
        ),
        (
            &npy(
                "{'descr': '|S2', 'fortran_order': False, 'shape': (1,)}",
                b"\xff\xfe",
            ),
            "is no text",
        ),
        (
            &npy(
                "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}",
                b"\0\xd8\0\0",
            ),
            "is no text",
        ),
    ] {
        let refused = refusal("x.npy", bytes);
        assert!(refused.contains(reason), "{reason}: {refused}");
    }
}

#[test]
fn of_several_files_the_one_is_named_that_is_bad() {
    let given = Given::new();
    let header = described("|b1", "False", "(1,)");
    given.write("a.npy", &npy(&header, &[1]));
    given.write("b.npy", &npy(&header, &[2]));
    let refused = import(&NumPy::new(given.path()), given.options()).unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.contains("`b`: 2 is no boolean") && refused.contains("b.npy"),
        "{refused}"
    );
}

#[test]
fn versions_two_and_three_of_python_two_and_three_are_read() {
    let given = Given::new();
    let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2L,)}";
    for version in [2, 3] {
        let start = [
            b"\x93NUMPY",
            &[version, 0][..],
            &u32::try_from(header.len()).unwrap().to_le_bytes(),
        ];
        let bytes = [
            &start.concat()[..],
            header.as_bytes(),
            &[7, 0, 0, 0, 9, 0, 0, 0],
        ]
        .concat();
        let file = given.write("x.npy", &bytes);
        let table = import(&NumPy::new(file), given.options()).unwrap().table;
        let values = table.column("x").unwrap();
        assert_eq!(values.as_primitive::<Int32Type>().values(), &[7, 9]);
    }
}

#[test]
fn an_archive_that_lies_is_refused() {
    let header = described("<i4", "False", "(1000,)");
    let whole = npy(&header, &[1; 4000]);
    let len = u32::try_from(whole.len()).unwrap();
    let good = archive("x.npy", &whole, len);
    let given = Given::new();
    let file = given.write("x.npz", &good);
    assert_eq!(
        import(&NumPy::new(file), given.options())
            .unwrap()
            .table
            .len(),
        1000
    );
    let bomb = npy(&described("|u1", "False", "(4000000000,)"), &[]);
    let bomb_len = 4_000_000_000 + u32::try_from(bomb.len()).unwrap();
    let mut other_crc = good.clone();
    let central = good.len() - 22 - 46 - 5;
    other_crc[central + 16] ^= 1;
    let mut twice = good.clone(); // one file, named twice
    let entry = good[central..good.len() - 22].to_vec();
    twice.splice(central..central, entry.clone());
    let end = twice.len() - 22;
    twice[end + 8] = 2;
    twice[end + 10] = 2;
    twice[end + 12] = u8::try_from(entry.len() * 2).unwrap();
    for (bytes, reason) in [
        (archive("x.npy", &whole, len + 4), "the archive"),
        (
            archive("x.npy", &whole[..whole.len() - 4], len),
            "ends before its last row",
        ),
        (
            archive("x.npy", &[&whole[..], &[0; 4]].concat(), len),
            "the checksum",
        ),
        (
            archive("x.npy", &bomb, bomb_len),
            "ends before its last row",
        ),
        (
            archive("x.txt", b"hello, world", 12),
            "does not begin as one",
        ),
        (other_crc, "the checksum"),
        (twice, "its files overlap"),
        (good[..good.len() - 30].to_vec(), "no sound ZIP"),
        (b"PK\x05\x06".to_vec(), "no sound ZIP"),
        (Vec::new(), "no sound ZIP"),
    ] {
        let refused = refusal("x.npz", &bytes);
        assert!(refused.contains(reason), "{reason}: {refused}");
    }
    let nothing = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    assert!(refusal("x.npz", &nothing).contains("no array"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_changed_anywhere_give_a_table_or_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        is_archive in any::<bool>(),
    ) {
        let whole = npy(&described("<i4", "True", "(3, 2)"), &[5; 24]);
        let mut bytes = match is_archive {
            true => archive("x.npy", &whole, u32::try_from(whole.len()).unwrap()),
            false => whole,
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let given = Given::new();
        let file = given.write(if is_archive { "x.npz" } else { "x.npy" }, &bytes);
        let _ = import(&NumPy::new(file), given.options());
    }

    #[test]
    fn any_order_of_dimensions_gives_the_same_rows(
        dims in prop::collection::vec(1_usize..5, 1..5),
        seed in any::<u8>(),
    ) {
        let len: usize = dims.iter().product();
        let values: Vec<u8> = (0..len).map(|n| seed.wrapping_add(u8::try_from(n % 251).unwrap())).collect();
        // Value of the index i, j, k at i + d0 * (j + d1 * k).
        let mut fortran = vec![0; len];
        for (place, value) in values.iter().enumerate() {
            let (mut rest, mut at, mut stride) = (place, 0, len);
            for dim in dims.iter().rev() {
                stride /= dim;
                at += (rest % dim) * stride;
                rest /= dim;
            }
            fortran[at] = *value;
        }
        let shape = format!("({},)", dims.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
        let given = Given::new();
        given.write("c.npy", &npy(&described("|u1", "False", &shape), &values));
        given.write("f.npy", &npy(&described("|u1", "True", &shape), &fortran));
        let table = import(&NumPy::new(given.path()), given.options()).unwrap().table;
        let (c, f) = (table.column("c").unwrap(), table.column("f").unwrap());
        prop_assert_eq!(c.as_ref(), f.as_ref());
    }
}

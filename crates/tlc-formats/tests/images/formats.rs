//! Images are told by what is in them, and damaged ones named.

use crate::{Given, bytes, fixture, numbers, texts};
use proptest::prelude::*;
use std::path::Path;
use tlc_core::arrow::array::AsArray;
use tlc_core::{Table, TableOptions, Url};
use tlc_formats::{ImageFolder, ImportOptions, import};

const ALL: [&str; 9] = [
    "extended.webp",
    "lossless.webp",
    "lossy.webp",
    "palette.gif",
    "progressive.jpg",
    "rgb.bmp",
    "rgb.jpg",
    "rgb.png",
    "rgb.tif",
];

#[test]
fn each_format_is_read_with_its_size() {
    let given = Given::new(&[]);
    ALL.iter()
        .for_each(|name| given.write(name, &fixture(name)));
    for folder in [
        ImageFolder::new(&given.folder),
        ImageFolder::new(&given.folder).by_url(),
    ] {
        let table = import(&folder, given.options()).unwrap().table;
        assert_eq!(texts(&table, "file"), ALL);
        assert_eq!(numbers(&table, "width"), vec![Some(3); ALL.len()]);
        assert_eq!(numbers(&table, "height"), vec![Some(2); ALL.len()]);
        tlc_core::delete(table.url()).unwrap();
    }
}

#[test]
fn what_an_image_is_called_does_not_matter() {
    let given = Given::new(&[]);
    given.write("really.png", &fixture("rgb.jpg"));
    let table = import(&ImageFolder::new(&given.folder), given.options())
        .unwrap()
        .table;
    assert_eq!(bytes(&table, "image"), [fixture("rgb.jpg")]);
}

#[test]
fn a_header_of_more_than_64_kib_is_read_on() {
    let given = Given::new(&[]);
    let jpeg = fixture("rgb.jpg");
    let comment = [&[0xff, 0xfe, 0xff, 0xff][..], &[b'x'; 65_533]].concat();
    given.write(
        "a.jpg",
        &[&jpeg[..2], &comment, &comment, &jpeg[2..]].concat(),
    );
    let folder = ImageFolder::new(&given.folder).by_url();
    let table = import(&folder, given.options()).unwrap().table;
    assert_eq!(numbers(&table, "width"), [Some(3)]);
}

/// Why a file is refused.
fn refusal(name: &str, bytes: &[u8]) -> String {
    let given = Given::new(&["good.png"]);
    given.write(name, bytes);
    let folder = ImageFolder::new(&given.folder);
    let refused = import(&folder, given.options()).unwrap_err().to_string();
    let imported = import(&folder, given.options().skip_bad_rows()).unwrap();
    assert_eq!((imported.table.len(), imported.skipped.len()), (1, 1));
    assert!(imported.table.description().contains(name));
    refused
}

#[test]
fn a_damaged_image_is_named_and_can_be_skipped() {
    let png = fixture("rgb.png");
    let jpeg = fixture("rgb.jpg");
    let mut no_width = png.clone();
    no_width[16..20].fill(0);
    let mut enormous = png.clone();
    enormous[16] = 0xff;
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"<html>404</html>", "no image that is known"),
        (&png[..20], "cannot be read"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dJUNK0000000000000000",
            "cannot be read",
        ),
        (&png[..png.len() - 1], "the end of the file is missing"),
        (&jpeg[..jpeg.len() - 2], "the end of the file is missing"),
        (&jpeg[..15], "cannot be read"),
        (
            &fixture("lossy.webp")[..60],
            "the end of the file is missing",
        ),
        (&fixture("rgb.bmp")[..70], "the end of the file is missing"),
        (&no_width, "without pixels"),
        (&enormous, "without pixels"),
    ] {
        let refused = refusal("bad.png", bytes);
        assert!(
            refused.contains("bad.png, column `image`: ") && refused.contains(reason),
            "{reason}: {refused}"
        );
    }
}

#[test]
fn a_format_that_is_not_read_is_told_and_not_passed_over() {
    for name in ["photo.HEIC", "scan.jp2", "x.avif"] {
        let refused = refusal(name, b"whatever");
        assert!(
            refused.contains(name) && refused.contains("convert it first"),
            "{refused}"
        );
    }
}

#[test]
fn trailing_bytes_do_no_harm() {
    let given = Given::new(&[]);
    let padded = [fixture("rgb.png"), vec![0; 7]].concat();
    given.write("a.png", &padded);
    given.write("b.jpg", &[fixture("rgb.jpg"), b"\r\n".to_vec()].concat());
    let table = import(&ImageFolder::new(&given.folder), given.options())
        .unwrap()
        .table;
    assert_eq!(bytes(&table, "image")[0], padded);
}

#[test]
fn real_images_come_out_as_they_went_in() {
    let data =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion_mnist_test_1k.parquet");
    if !data.exists() {
        return; // the crate was unpacked by itself
    }
    let given = Given::new(&[]);
    let images = Table::from_parquet(
        data,
        TableOptions::new("p", "real", "initial").root(&given.root),
    )
    .unwrap();
    let images = images.column("image").unwrap();
    for (row, image) in images.as_binary::<i32>().iter().flatten().enumerate() {
        given.write(&format!("{row:04}.png"), image);
    }
    let table = import(&ImageFolder::new(&given.folder), given.options())
        .unwrap()
        .table;
    let read = bytes(&table, "image");
    assert!(
        images
            .as_binary::<i32>()
            .iter()
            .flatten()
            .eq(read.iter().map(Vec::as_slice))
    );
    assert_eq!(numbers(&table, "width"), vec![Some(28); 1000]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_changed_anywhere_give_an_image_or_a_bad_row(
        which in 0..ALL.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut image = fixture(ALL[which]);
        for (at, byte) in changes {
            let at = at.index(image.len());
            image[at] = byte;
        }
        if is_cut {
            image.truncate(cut.index(image.len()));
        }
        let given = Given::new(&["good.png"]);
        given.write("x.png", &image);
        let root = Url::parse("memory://formats-changed").unwrap();
        let options = ImportOptions::new("p", "d").root(root);
        let options = options.if_exists(tlc_core::IfExists::Overwrite).skip_bad_rows();
        let imported = import(&ImageFolder::new(&given.folder), options).unwrap();
        prop_assert_eq!(imported.table.len() as u64 + imported.skipped.len(), 2);
        prop_assert!(numbers(&imported.table, "width").iter().all(|width| width.unwrap() > 0));
    }
}

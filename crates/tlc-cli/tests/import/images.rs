//! Images and arrays by `tlc import`.

use crate::{INTO, Place, names};
use serde_json::json;

/// The beginning and the end of a grey image of 2 x 1 pixels, which is what an import looks at.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0????\0\0\0\0IEND????";

#[test]
fn a_folder_of_images_becomes_a_table() {
    let place = Place::new();
    for name in [
        "pets/train/cat/1.png",
        "pets/train/dog/2.png",
        "pets/test/cat/3.png",
    ] {
        place.file(name, PNG);
    }
    let made = place.json(&[&["import", "images", "pets"][..], &INTO].concat());
    assert_eq!(made["rows"], json!(3));
    assert_eq!(
        names(&made),
        ["image", "label", "width", "height", "file", "split"]
    );
    let split = ["--table", "test", "--split", "test", "--by-url"];
    let made = place.json(&[&["import", "images", "pets"][..], &INTO, &split].concat());
    assert_eq!((&made["rows"], names(&made).len()), (&json!(1), 5));
    place.file("pets/train/dog/bad.png", b"no image");
    let (code, refused) = place.refused(&[&["import", "images", "pets"][..], &INTO].concat());
    assert!(
        code != 0 && refused.contains("train/dog/bad.png"),
        "{refused}"
    );
    let (code, refused) = place.refused(&[&["import", "images", "nowhere"][..], &INTO].concat());
    assert!(code == 2 && refused.contains("no such folder"), "{refused}");
}

#[test]
fn a_csv_names_images() {
    let place = Place::new();
    place.file("photos/1.png", PNG);
    place.file("labels.csv", b"path,label\n1.png,cat\n");
    let csv = [
        "--csv",
        "labels.csv",
        "--paths-in",
        "path",
        "--label",
        "label",
    ];
    let made = place.json(&[&["import", "images", "photos"][..], &INTO, &csv].concat());
    assert_eq!(names(&made), ["image", "width", "height", "path", "label"]);
    let half = ["--csv", "labels.csv"];
    let (code, _) = place.refused(&[&["import", "images", "photos"][..], &INTO, &half].concat());
    assert_eq!(code, 2);
}

#[test]
fn arrays_of_idx_cifar_and_numpy_become_tables() {
    let place = Place::new();
    place.file(
        "digits/train-images-idx3-ubyte",
        b"\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x02ab",
    );
    place.file(
        "digits/train-labels-idx1-ubyte",
        b"\0\0\x08\x01\0\0\0\x01\x01",
    );
    let options = ["--split", "train", "--classes", "zero,one"];
    let made = place.json(&[&["import", "idx", "digits"][..], &INTO, &options].concat());
    assert_eq!(names(&made), ["image", "label"]);
    place.file("cifar/test_batch.bin", [1; 3073]);
    let table = ["--table", "cifar", "--tensors"];
    let made = place.json(&[&["import", "cifar", "cifar"][..], &INTO, &table].concat());
    assert_eq!(names(&made), ["image", "label", "split"]);
    let header =
        b"\x93NUMPY\x01\0\x37\0{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}\x01\x02";
    place.file("x.npy", header);
    let table = ["--table", "numpy"];
    let made = place.json(&[&["import", "npy", "x.npy"][..], &INTO, &table].concat());
    assert_eq!((names(&made), &made["rows"]), (vec!["x"], &json!(2)));
}

#[test]
fn a_data_set_of_hugging_face_becomes_a_table() {
    let place = Place::new();
    let file = crate::data("digits8x8.parquet");
    std::fs::copy(file, place.path("test-00000-of-00001.parquet")).unwrap();
    let data = ["import", "huggingface", ".", "--label", "label"];
    let made = place.json(&[&data[..], &INTO].concat());
    assert_eq!(
        (names(&made), &made["rows"]),
        (vec!["image", "label", "split"], &json!(1797))
    );
}

//! Images and arrays by `tlc import`.

use crate::{INTO, Place};
use serde_json::{Value, json};

/// The beginning and the end of a grey image of 2 x 1 pixels, which is what an import looks at.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0????\0\0\0\0IEND????";

fn write(place: &Place, name: &str, bytes: &[u8]) {
    let path = place.folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn names(made: &Value) -> Vec<&str> {
    let columns = made["columns"].as_array().unwrap();
    columns
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_folder_of_images_becomes_a_table() {
    let place = Place::new();
    for name in [
        "pets/train/cat/1.png",
        "pets/train/dog/2.png",
        "pets/test/cat/3.png",
    ] {
        write(&place, name, PNG);
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
    write(&place, "pets/train/dog/bad.png", b"no image");
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
    write(&place, "photos/1.png", PNG);
    write(&place, "labels.csv", b"path,label\n1.png,cat\n");
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
    write(
        &place,
        "digits/train-images-idx3-ubyte",
        b"\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x02ab",
    );
    write(
        &place,
        "digits/train-labels-idx1-ubyte",
        b"\0\0\x08\x01\0\0\0\x01\x01",
    );
    let options = ["--split", "train", "--classes", "zero,one"];
    let made = place.json(&[&["import", "idx", "digits"][..], &INTO, &options].concat());
    assert_eq!(names(&made), ["image", "label"]);
    write(&place, "cifar/test_batch.bin", &[1; 3073]);
    let table = ["--table", "cifar", "--tensors"];
    let made = place.json(&[&["import", "cifar", "cifar"][..], &INTO, &table].concat());
    assert_eq!(names(&made), ["image", "label", "split"]);
    let header =
        b"\x93NUMPY\x01\0\x37\0{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}\x01\x02";
    write(&place, "x.npy", header);
    let table = ["--table", "numpy"];
    let made = place.json(&[&["import", "npy", "x.npy"][..], &INTO, &table].concat());
    assert_eq!((names(&made), &made["rows"]), (vec!["x"], &json!(2)));
}

#[test]
fn a_data_set_of_hugging_face_becomes_a_table() {
    let place = Place::new();
    let file = crate::data("digits8x8.parquet");
    std::fs::copy(
        file,
        place.folder.path().join("test-00000-of-00001.parquet"),
    )
    .unwrap();
    let data = ["import", "huggingface", ".", "--label", "label"];
    let made = place.json(&[&data[..], &INTO].concat());
    assert_eq!(
        (names(&made), &made["rows"]),
        (vec!["image", "label", "split"], &json!(1797))
    );
}

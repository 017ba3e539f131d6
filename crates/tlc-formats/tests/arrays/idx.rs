//! IDX files, as MNIST has them.

use crate::{Given, pixels, primitive, texts};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float64Type, Int16Type, Int32Type, UInt8Type};
use tlc_core::{Table, TableOptions, Url, ValueType};
use tlc_formats::{Error, Idx, import};

fn idx(code: u8, dims: &[u32], values: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|dim| dim.to_be_bytes()).collect();
    let dimensions = u8::try_from(dims.len() / 4).unwrap();
    [&[0, 0, code, dimensions][..], &dims, values].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn digits(given: &Given) {
    given.write(
        "train-images-idx3-ubyte",
        &idx(8, &[3, 2, 2], &(0..12).collect::<Vec<_>>()),
    );
    given.write("train-labels-idx1-ubyte", &idx(8, &[3], &[7, 2, 7]));
    given.write(
        "t10k-images-idx3-ubyte.gz",
        &gzip(&idx(8, &[1, 2, 2], &[9; 4])),
    );
    given.write("t10k-labels-idx1-ubyte.gz", &gzip(&idx(8, &[1], &[4])));
}

#[test]
fn a_folder_has_splits_gzipped_or_not() {
    let given = Given::new();
    digits(&given);
    let table = import(&Idx::new(given.path()), given.options())
        .unwrap()
        .table;
    assert_eq!(texts(&table, "split"), ["train", "train", "train", "test"]);
    assert_eq!(
        primitive::<Int32Type>(&table, "label").values(),
        &[7, 2, 7, 4]
    );
    let classes = table.schema().class_map("label").unwrap();
    assert!(classes.ids().eq([2, 4, 7]));
    let image = table.column("image").unwrap();
    assert_eq!(
        pixels(image.as_binary::<i32>().value(1)),
        (2, 2, vec![4, 5, 6, 7])
    );
    for split in ["test", "t10k"] {
        let test = Idx::new(given.path()).split(split).classes(["a"; 10]);
        let options = given.options().table(split);
        let table = import(&test, options).unwrap().table;
        assert_eq!((table.len(), table.schema().column("split")), (1, None));
        assert_eq!(table.schema().class_map("label").unwrap().len(), 10);
    }
    let none = import(&Idx::new(given.path()).split("val"), given.options()).unwrap_err();
    assert!(
        none.to_string().contains("there are: train, test"),
        "{none}"
    );
}

#[test]
fn images_can_stay_numbers_and_labels_be_missing() {
    let given = Given::new();
    let file = given.write(
        "x-images.idx3-ubyte",
        &idx(8, &[2, 1, 3], &[1, 2, 3, 4, 5, 6]),
    );
    let table = import(&Idx::new(&file).tensors(), given.options())
        .unwrap()
        .table;
    let value = &table.schema().columns()[0].value;
    let shape = vec![Some(1), Some(3)];
    assert_eq!(
        *value,
        ValueType::Tensor {
            item: Box::new(ValueType::UInt8),
            shape
        }
    );
    let values = table.column("image").unwrap();
    let values = values.as_fixed_size_list().values().clone();
    assert_eq!(
        values.as_primitive::<UInt8Type>().values(),
        &[1, 2, 3, 4, 5, 6]
    );
    let labels = given.write("labels", &idx(8, &[2], &[1, 0]));
    let with = Idx::new(&file).labels(labels);
    let table = import(&with, given.options().table("with")).unwrap().table;
    assert_eq!(primitive::<Int32Type>(&table, "label").values(), &[1, 0]);
}

#[test]
fn any_type_and_number_of_dimensions_is_read() {
    let given = Given::new();
    let shorts = given.write("shorts", &idx(0x0b, &[2], &[0xff, 0xfe, 1, 0]));
    let table = import(&Idx::new(shorts), given.options().table("shorts"))
        .unwrap()
        .table;
    assert_eq!(primitive::<Int16Type>(&table, "image").values(), &[-2, 256]);
    let doubles: Vec<u8> = [1.5_f64, -0.0]
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let doubles = given.write("doubles", &idx(0x0e, &[1, 2, 1, 1], &doubles));
    let table = import(&Idx::new(doubles), given.options().table("doubles"))
        .unwrap()
        .table;
    let values = table.column("image").unwrap();
    let values = values.as_fixed_size_list().values().clone();
    assert_eq!(values.as_primitive::<Float64Type>().values(), &[1.5, -0.0]);
    let empty = given.write("empty", &idx(8, &[0, 28, 28], &[]));
    let table = import(&Idx::new(empty), given.options().table("empty"))
        .unwrap()
        .table;
    assert_eq!(
        (table.len(), &table.schema().columns()[0].value),
        (0, &ValueType::image_bytes())
    );
}

#[test]
fn a_file_that_lies_or_is_cut_is_refused() {
    let given = Given::new();
    let whole = idx(8, &[2, 2, 2], &[1; 8]);
    for (bytes, reason) in [
        (&b""[..], "the header is cut"),
        (&whole[..10], "the header is cut"),
        (b"\x89PNG\r\n\x1a\n", "does not begin"),
        (&idx(7, &[1], &[1]), "its type"),
        (&[0, 0, 8, 0], "no dimension"),
        (&whole[..whole.len() - 1], "the file ends 1 rows too early"),
        (
            &[&whole[..], &[0]].concat(),
            "more bytes than the header says",
        ),
        (&idx(8, &[u32::MAX, 1, 1], &[1]), "rows too early"),
        (&idx(8, &[1, u32::MAX, u32::MAX], &[1]), "too many"),
        (&idx(8, &[1, 0, 3], &[]), "no values"),
        (&gzip(&whole)[..20], "incomplete deflate stream"),
    ] {
        let file = given.write("x", bytes);
        let refused = import(&Idx::new(file), given.options())
            .unwrap_err()
            .to_string();
        assert!(refused.contains(reason), "{reason}: {refused}");
    }
    let bomb = gzip(&idx(8, &[10, 2, 2], &vec![0; 40_000_000]));
    let file = given.write("x", &bomb);
    let refused = import(&Idx::new(file), given.options())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("more bytes than"), "{refused}");
}

#[test]
fn images_and_labels_must_belong_together() {
    let given = Given::new();
    digits(&given);
    given.write("train-labels-idx1-ubyte", &idx(8, &[2], &[7, 2]));
    let refused = import(&Idx::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("2 labels for 3 images"), "{refused}");
    std::fs::remove_file(given.path().join("train-labels-idx1-ubyte")).unwrap();
    let refused = import(&Idx::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("no labels beside it, train-labels-idx1-ubyte"),
        "{refused}"
    );
    let other = given.write("emnist-train-images-idx3-ubyte", &idx(8, &[1, 1, 1], &[1]));
    given.write("train-labels-idx1-ubyte", &idx(8, &[3], &[7, 2, 7]));
    given.write("emnist-train-labels-idx1-ubyte", &idx(8, &[1], &[1]));
    let refused = import(&Idx::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("of the same split"), "{refused}");
    std::fs::remove_file(other).unwrap();
    // Names that tell no split are of the one that `train` is.
    let other = given.write("images-idx3-ubyte", &idx(8, &[1, 2, 2], &[1; 4]));
    given.write("labels-idx1-ubyte", &idx(8, &[1], &[1]));
    for name in ["train-images-idx3-ubyte", "more-images-idx3-ubyte"] {
        given.write(name, &idx(8, &[3, 2, 2], &[1; 12]));
        given.write(
            &name.replace("images-idx3", "labels-idx1"),
            &idx(8, &[3], &[7, 2, 7]),
        );
        let refused = import(&Idx::new(given.path()), given.options())
            .unwrap_err()
            .to_string();
        assert!(refused.contains("of the same split"), "{refused}");
        std::fs::remove_file(given.path().join(name)).unwrap();
    }
    std::fs::remove_file(other).unwrap();
    given.write("train-images-idx3-ubyte", &idx(8, &[3, 2, 2], &[1; 12]));
    let size = idx(8, &[1, 3, 3], &[0; 9]);
    given.write("t10k-images-idx3-ubyte.gz", &gzip(&size));
    let refused = import(&Idx::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("other values or dimensions"), "{refused}");
}

#[test]
fn what_is_not_there_is_told() {
    let given = Given::new();
    given.write("README", b"x");
    let refused = import(&Idx::new(given.path()), given.options()).unwrap_err();
    assert!(matches!(refused, Error::NoFiles { .. }), "{refused}");
    assert!(import(&Idx::new(given.path().join("none")), given.options()).is_err());
}

#[test]
fn real_digits_are_the_same_pixels() {
    let data =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion_mnist_test_1k.parquet");
    if !data.exists() {
        return; // the crate was unpacked by itself
    }
    let root = Url::parse("memory://formats-idx-real").unwrap();
    let real =
        Table::from_parquet(data, TableOptions::new("p", "real", "initial").root(root)).unwrap();
    let images = real.column("image").unwrap();
    let images: Vec<Vec<u8>> = images
        .as_binary::<i32>()
        .iter()
        .map(|png| pixels(png.unwrap()).2)
        .collect();
    let labels: Vec<u8> = primitive::<Int32Type>(&real, "label")
        .values()
        .iter()
        .map(|label| u8::try_from(*label).unwrap())
        .collect();
    let given = Given::new();
    given.write(
        "train-images-idx3-ubyte.gz",
        &gzip(&idx(8, &[1000, 28, 28], &images.concat())),
    );
    given.write(
        "train-labels-idx1-ubyte.gz",
        &gzip(&idx(8, &[1000], &labels)),
    );
    let table = import(&Idx::new(given.path()), given.options())
        .unwrap()
        .table;
    let read = table.column("image").unwrap();
    let read = read
        .as_binary::<i32>()
        .iter()
        .map(|png| pixels(png.unwrap()).2);
    assert!(read.eq(images));
}

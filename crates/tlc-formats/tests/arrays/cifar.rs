//! CIFAR-10 and CIFAR-100 in the binary version.

use crate::{Given, pixels, primitive, texts};
use tlc_core::ValueType;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_formats::{Cifar, Error, import};

/// A record whose red, green and blue are these everywhere but at its first pixel.
fn record(labels: &[u8], color: [u8; 3]) -> Vec<u8> {
    let planes = color.map(|value| [&[value ^ 0xff][..], &[value; 1023]].concat());
    [labels, &planes.concat()].concat()
}

#[test]
fn batches_are_read_in_their_order_as_images() {
    let given = Given::new();
    for (number, label) in [(2, 1), (10, 2), (1, 0)] {
        given.write(
            &format!("data_batch_{number}.bin"),
            &record(&[label], [number, 20, 30]),
        );
    }
    let two = [record(&[1], [1, 2, 3]), record(&[0], [4, 5, 6])].concat();
    given.write("test_batch.bin", &two);
    given.write(
        "batches.meta.txt",
        b"airplane\r\nautomobile\r\nbird\r\n\r\n",
    );
    let table = import(&Cifar::new(given.path()), given.options())
        .unwrap()
        .table;
    assert_eq!(
        primitive::<Int32Type>(&table, "label").values(),
        &[0, 1, 2, 1, 0]
    );
    assert_eq!(
        texts(&table, "split"),
        ["train", "train", "train", "test", "test"]
    );
    let classes = table.schema().class_map("label").unwrap();
    assert!(classes.names().eq(["airplane", "automobile", "bird"]));
    let image = table.column("image").unwrap();
    let (width, height, pixels) = pixels(image.as_binary::<i32>().value(2));
    assert_eq!((width, height), (32, 32));
    assert_eq!(pixels[..6], [10 ^ 0xff, 20 ^ 0xff, 30 ^ 0xff, 10, 20, 30]);
}

#[test]
fn the_hundred_have_two_labels_and_lie_in_the_folder_of_the_archive() {
    let given = Given::new();
    let folder = given.path().join("cifar-100-binary");
    std::fs::create_dir(&folder).unwrap();
    given.write("cifar-100-binary/train.bin", &record(&[19, 99], [0; 3]));
    let table = import(&Cifar::new(given.path()).split("train"), given.options())
        .unwrap()
        .table;
    assert_eq!(primitive::<Int32Type>(&table, "label").values(), &[99]);
    assert_eq!(
        primitive::<Int32Type>(&table, "coarse_label").values(),
        &[19]
    );
    let names: Vec<_> = table.schema().names().collect();
    assert_eq!(names, ["image", "label", "coarse_label"]);
}

#[test]
fn images_can_stay_numbers() {
    let given = Given::new();
    given.write("test_batch.bin", &record(&[3], [7, 8, 9]));
    let table = import(&Cifar::new(given.path()).tensors(), given.options())
        .unwrap()
        .table;
    let shape = vec![Some(3), Some(32), Some(32)];
    let tensor = ValueType::Tensor {
        item: Box::new(ValueType::UInt8),
        shape,
    };
    assert_eq!(table.schema().columns()[0].value, tensor);
}

#[test]
fn a_cut_file_a_label_without_a_class_and_a_folder_without_data_are_told() {
    let given = Given::new();
    let none = import(&Cifar::new(given.path()), given.options()).unwrap_err();
    assert!(matches!(none, Error::NoFiles { .. }), "{none}");
    given.write("test_batch.bin", &record(&[3], [0; 3])[1..]);
    let cut = import(&Cifar::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(cut.contains("no multiple of 3073"), "{cut}");
    given.write(
        "test_batch.bin",
        &[record(&[3], [0; 3]), record(&[10], [0; 3])].concat(),
    );
    let bad = import(&Cifar::new(given.path()), given.options())
        .unwrap_err()
        .to_string();
    assert!(
        bad.contains("test_batch.bin, row 2, column `label`"),
        "{bad}"
    );
    let skipped = import(&Cifar::new(given.path()), given.options().skip_bad_rows()).unwrap();
    assert_eq!((skipped.table.len(), skipped.skipped.len()), (1, 1));
    let none = import(&Cifar::new(given.path()).split("train"), given.options()).unwrap_err();
    assert!(none.to_string().contains("`train` and `test`"), "{none}");
}

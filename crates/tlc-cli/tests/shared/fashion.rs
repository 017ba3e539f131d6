//! Pictures of Fashion-MNIST as it ships.

use crate::Place;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tlc_core::{Table, TableOptions, Url};

pub(crate) const CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Picture {
    pub(crate) image: Vec<u8>,
    pub(crate) label: i32,
}

/// The first pictures of the test set.
pub(crate) fn pictures(place: &Place, count: usize) -> Vec<Picture> {
    let file = "../../data/fashion_mnist_test_1k.parquet";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let aside = Url::from_path(&place.file("aside")).unwrap();
    let options = TableOptions::new("aside", "pictures", "initial").root(aside);
    let table = Table::from_parquet(file, options).unwrap();
    let pictures = table.rows().unwrap().map(|row| row.unwrap());
    let pictures = pictures.take(count).collect();
    std::fs::remove_dir_all(place.file("aside")).unwrap();
    pictures
}

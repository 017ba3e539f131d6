//! The images of Fashion-MNIST that come with the project.

#[path = "../../grey.rs"]
mod grey;

use burn::data::dataset::InMemDataset;
use grey::decode_grey;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs::File;
use tlc::arrow::array::AsArray;
use tlc::arrow::datatypes::Int32Type;

pub const SIDE: usize = 28;

/// One image, as grey values, row after row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    pub image: Vec<u8>,
    pub label: u8,
}

pub fn train() -> Result<InMemDataset<Picture>, Box<dyn Error>> {
    read("fashion_mnist_train_5k.parquet")
}

pub fn test() -> Result<InMemDataset<Picture>, Box<dyn Error>> {
    read("fashion_mnist_test_1k.parquet")
}

fn read(name: &str) -> Result<InMemDataset<Picture>, Box<dyn Error>> {
    let file = File::open(format!("{}/../data/{name}", env!("CARGO_MANIFEST_DIR")))?;
    let mut pictures = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        let batch = batch?;
        let column = |name| batch.column_by_name(name).ok_or("a column is missing");
        let images = column("image")?.as_binary::<i32>().iter().flatten();
        let labels = column("label")?.as_primitive::<Int32Type>().values();
        for (png, label) in images.zip(labels) {
            pictures.push(Picture {
                image: decode_grey(png)?,
                label: u8::try_from(*label)?,
            });
        }
    }
    Ok(InMemDataset::new(pictures))
}

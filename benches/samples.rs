//! Samples of raw pixels, for the benchmarks that run a model.

use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tlc_core::{Column, Table, TableOptions, Url, ValueType};

/// Names of the classes.
pub const CLASSES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
/// As in MNIST.
pub const GREY: Images = Images {
    channels: 1,
    side: 28,
};
/// As in ImageNet.
pub const COLOR: Images = Images {
    channels: 3,
    side: 224,
};

/// A row of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Values of one channel after the other, row by row.
    pub pixels: Vec<u8>,
    /// Index into `CLASSES`.
    pub label: i32,
}

/// `[batch, channels, side, side]` and `[batch]`.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In 0..=1.
    pub images: Tensor<4>,
    /// Indices into `CLASSES`.
    pub targets: Tensor<1, Int>,
}

/// Square images of one size; stacks rows of them into a batch.
#[derive(Clone, Copy, Debug)]
pub struct Images {
    /// 1 for grey, 3 for colours.
    pub channels: usize,
    /// Width and height.
    pub side: usize,
}

impl Images {
    /// So many rows that differ from one another.
    #[must_use]
    pub fn rows(&self, len: usize) -> Vec<Row> {
        let pixels = self.channels * self.side * self.side;
        let pixel = |row: usize, at: usize| (row * 31 + at * 17 + at * at / 7) as u8;
        let row = |row: usize| Row {
            pixels: (0..pixels).map(|at| pixel(row, at)).collect(),
            label: (row % CLASSES.len()) as i32,
        };
        (0..len).map(row).collect()
    }
}

impl Batcher<Row, Batch> for Images {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
        let shape = [rows.len(), self.channels, self.side, self.side];
        let mut pixels: Vec<f32> = Vec::with_capacity(shape.iter().product());
        for row in &rows {
            pixels.extend(row.pixels.iter().map(|pixel| f32::from(*pixel) / 255.0));
        }
        let labels: Vec<i32> = rows.iter().map(|row| row.label).collect();
        Batch {
            images: Tensor::from_data(TensorData::new(pixels, shape), device),
            targets: Tensor::from_data(TensorData::new(labels, [rows.len()]), device),
        }
    }
}

/// A table of these rows.
pub fn table(root: &Url, rows: &[Row]) -> Table {
    let options = TableOptions::new("benches", "pixels", "raw")
        .root(root)
        .column(Column::new("pixels", ValueType::Bytes))
        .column(Column::new("label", ValueType::labels(CLASSES)));
    Table::create(options, |writer| writer.add_rows(rows)).unwrap()
}

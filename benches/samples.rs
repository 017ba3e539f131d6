//! Samples of raw pixels and a small net, for the benchmarks that run a model.

use burn::data::dataloader::batcher::Batcher;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use serde::{Deserialize, Serialize};
use tlc_burn::prelude::*;
use tlc_core::{Column, Table, TableOptions, Url, ValueType};

/// Width and height of the images.
pub const SIDE: usize = 28;
/// Names of the classes.
pub const CLASSES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// A row of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Grey values, row by row.
    pub pixels: Vec<u8>,
    /// Index into `CLASSES`.
    pub label: i32,
}

/// `[batch, 1, SIDE, SIDE]` and `[batch]`.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In 0..=1.
    pub images: Tensor<4>,
    /// Indices into `CLASSES`.
    pub targets: Tensor<1, Int>,
}

/// Stacks rows into a batch.
#[derive(Clone, Copy, Debug)]
pub struct Stack;

impl Batcher<Row, Batch> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
        let pixels: Vec<f32> = rows
            .iter()
            .flat_map(|row| &row.pixels)
            .map(|pixel| f32::from(*pixel) / 255.0)
            .collect();
        let labels: Vec<i32> = rows.iter().map(|row| row.label).collect();
        let shape = [rows.len(), 1, SIDE, SIDE];
        Batch {
            images: Tensor::from_data(TensorData::new(pixels, shape), device),
            targets: Tensor::from_data(TensorData::new(labels, [rows.len()]), device),
        }
    }
}

/// Strided convolutions of 16 and 32 channels: a pass that costs a tenth, in which
/// everything beside the model counts ten times.
#[derive(Module, Debug)]
pub struct Small {
    first: Conv2d,
    second: Conv2d,
    hidden: Linear,
    head: Linear,
}

impl Small {
    /// Always the same weights.
    pub fn new(device: &Device) -> Self {
        device.seed(1);
        let conv = |channels| {
            let padding = burn::nn::PaddingConfig2d::Explicit(1, 1, 1, 1);
            let config = Conv2dConfig::new(channels, [3, 3]).with_stride([2, 2]);
            config.with_padding(padding).init(device)
        };
        Self {
            first: conv([1, 16]),
            second: conv([16, 32]),
            hidden: LinearConfig::new(32 * 7 * 7, 128).init(device),
            head: LinearConfig::new(128, CLASSES.len()).init(device),
        }
    }
}

impl Predict for Small {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
        let maps = relu(self.first.forward(batch.images));
        let maps = relu(self.second.forward(maps));
        let hidden = relu(self.hidden.forward(maps.flatten::<2>(1, 3))); // [batch, 128]
        tap.tap("hidden", &hidden);
        ClassificationInput::new(self.head.forward(hidden), batch.targets)
    }
}

/// So many rows that differ from one another.
pub fn rows(len: usize) -> Vec<Row> {
    let pixel = |row: usize, at: usize| (row * 31 + at * 17 + at * at / 7) as u8;
    let row = |row: usize| Row {
        pixels: (0..SIDE * SIDE).map(|at| pixel(row, at)).collect(),
        label: (row % CLASSES.len()) as i32,
    };
    (0..len).map(row).collect()
}

/// A table of these rows.
pub fn table(root: &Url, rows: &[Row]) -> Table {
    let options = TableOptions::new("benches", "pixels", "raw")
        .root(root)
        .column(Column::new("pixels", ValueType::Bytes))
        .column(Column::new("label", ValueType::labels(CLASSES)));
    Table::create(options, |writer| writer.add_rows(rows)).unwrap()
}

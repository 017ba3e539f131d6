//! What the tests of the workspace share: a small table, a small model and ways to
//! read a metrics table back.

#![allow(clippy::panic, clippy::unwrap_used)] // tests' own

pub mod given;
pub mod shards;
pub mod tokens;

use burn::data::dataloader::batcher::Batcher;
use burn::module::{ModuleMapper, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_burn::{ClassificationInput, Predict, Samples, TableSamples, Tap};
use tlc_core::arrow::array::{ArrayRef, AsArray};
use tlc_core::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type};
use tlc_core::{Column, MetricsTable, Run, RunOptions, Table, TableOptions, Url, ValueType};

/// Width and height of the images.
pub const SIDE: usize = 8;
/// Names of the classes.
pub const CLASSES: [&str; 4] = ["zero", "one", "two", "three"];

/// What a row of the table holds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// `SIDE` x `SIDE` grey values.
    pub pixels: Vec<u8>,
    /// Index into `CLASSES`.
    pub label: i32,
    /// Weight in training.
    pub weight: f32,
    /// A column that samples do not need.
    pub name: String,
}

/// What a sample needs of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Pixels {
    /// `SIDE` x `SIDE` grey values.
    pub pixels: Vec<u8>,
    /// Index into `CLASSES`.
    pub label: i32,
}

/// One item of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// `SIDE` x `SIDE` values in 0..=1.
    pub values: Vec<f32>,
    /// Index into `CLASSES`.
    pub label: i32,
}

/// One batch.
#[derive(Clone, Debug)]
pub struct Images {
    /// `[batch, 1, SIDE, SIDE]`.
    pub inputs: Tensor<4>,
    /// `[batch]`.
    pub targets: Tensor<1, Int>,
}

/// A root in memory that no other test uses.
pub fn root() -> Url {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://tests-{}-{number}/", std::process::id())).unwrap()
}

/// Rows that differ from one another; every fifth has weight 0.
pub fn rows(len: usize) -> Vec<Row> {
    let row = |row: usize| Row {
        pixels: (0..SIDE * SIDE)
            .map(|pixel| (row * 31 + pixel * 17 + pixel * pixel) as u8)
            .collect(),
        label: (row * 7 % CLASSES.len()) as i32,
        weight: if row % 5 == 3 { 0.0 } else { 1.0 },
        name: format!("image {row}"),
    };
    (0..len).map(row).collect()
}

/// A table of these rows.
pub fn table_of(rows: &[Row], root: &Url) -> Table {
    let options = TableOptions::new("tests", "images", "train")
        .root(root)
        .column(Column::new("label", ValueType::labels(CLASSES)))
        .column(Column::new("weight", ValueType::SampleWeight));
    Table::create(options, |writer| writer.add_rows(rows)).unwrap()
}

/// A table without rows, but with columns.
pub fn empty_table(root: &Url) -> Table {
    let options = TableOptions::new("tests", "images", "empty")
        .root(root)
        .columns([
            Column::new(
                "pixels",
                ValueType::List {
                    item: Box::new(ValueType::UInt8),
                    len: None,
                },
            ),
            Column::new("label", ValueType::labels(CLASSES)),
        ]);
    Table::create(options, |_| Ok(())).unwrap()
}

/// A row as collection should see it.
pub fn decode(row: Pixels) -> Result<Image, String> {
    let values = row
        .pixels
        .iter()
        .map(|pixel| f32::from(*pixel) / 255.0)
        .collect();
    Ok(Image {
        values,
        label: row.label,
    })
}

/// A table of so many rows, its samples without augmentation, and a run beside it.
pub fn samples(len: usize) -> (Samples<Pixels, Image>, Run) {
    let root = root();
    let table = if len == 0 {
        empty_table(&root)
    } else {
        table_of(&rows(len), &root)
    };
    (table.samples().try_map(decode), run_in(&root))
}

/// A run of the tests' project.
pub fn run_in(root: &Url) -> Run {
    Run::create(RunOptions::new("tests").root(root.clone())).unwrap()
}

/// Stacks images.
#[derive(Clone, Copy, Debug)]
pub struct Stack;

impl Batcher<Image, Images> for Stack {
    fn batch(&self, items: Vec<Image>, device: &Device) -> Images {
        let values: Vec<f32> = items
            .iter()
            .flat_map(|item| item.values.iter().copied())
            .collect();
        let labels: Vec<i32> = items.iter().map(|item| item.label).collect();
        let shape = [items.len(), 1, SIDE, SIDE];
        Images {
            inputs: Tensor::from_data(TensorData::new(values, shape), device),
            targets: Tensor::from_data(TensorData::new(labels, [items.len()]), device),
        }
    }
}

/// A small convolutional net with dropout, which inference must switch off.
#[derive(Module, Debug)]
pub struct Net {
    conv: Conv2d,
    hidden: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Net {
    /// Always the same weights, ready to train on the device.
    pub fn new(device: &Device) -> Self {
        let device = device.clone().autodiff();
        let net = Self {
            conv: Conv2dConfig::new([1, 6], [3, 3]).init(&device),
            hidden: LinearConfig::new(6 * 36, 16).init(&device),
            dropout: DropoutConfig::new(0.5).init(),
            head: LinearConfig::new(16, CLASSES.len()).init(&device),
        };
        fixed(net)
    }
}

/// The module with weights by a formula, always the same.
pub fn fixed<M: Module>(module: M) -> M {
    module.map(&mut FixedWeights(0))
}

/// Weights by a formula: tests run side by side, and Burn's random numbers are drawn
/// from one generator that all threads share.
struct FixedWeights(usize);

impl ModuleMapper for FixedWeights {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        let shape = old.shape();
        let scale = (shape.iter().skip(1).product::<usize>() as f32)
            .sqrt()
            .recip();
        let values: Vec<f32> = (self.0..self.0 + shape.num_elements())
            .map(|at| scale * (at as f32 * 12.9898).sin())
            .collect();
        self.0 += values.len();
        let new = Tensor::from_data(TensorData::new(values, shape), &old.device());
        let new = new.set_require_grad(old.is_require_grad());
        Param::from_mapped_value(id, new, mapper)
    }
}

impl Predict for Net {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, tap: &mut impl Tap) -> ClassificationInput {
        let conv = relu(self.conv.forward(batch.inputs)); // [batch, 6, 6, 6]
        tap.tap("conv", &conv);
        let hidden = relu(self.hidden.forward(conv.flatten::<2>(1, 3))); // [batch, 16]
        tap.tap("hidden", &hidden);
        let logits = self.head.forward(self.dropout.forward(hidden));
        ClassificationInput::new(logits, batch.targets)
    }
}

/// The CPU.
pub fn cpu() -> Device {
    tlc_burn::device("cpu").unwrap()
}

/// A whole column of a metrics table.
pub fn column(table: &MetricsTable, name: &str) -> ArrayRef {
    let batch = table.read().unwrap();
    let names = || table.schema().names().collect::<Vec<_>>().join(", ");
    batch
        .column_by_name(name)
        .unwrap_or_else(|| panic!("no `{name}` in: {}", names()))
        .clone()
}

/// A column of floats.
pub fn floats(table: &MetricsTable, name: &str) -> Vec<f32> {
    column(table, name)
        .as_primitive::<Float32Type>()
        .values()
        .to_vec()
}

/// A column of integers of any width.
pub fn ints(table: &MetricsTable, name: &str) -> Vec<i64> {
    let wide = tlc_core::arrow::compute::cast(&column(table, name), &DataType::Int64).unwrap();
    wide.as_primitive::<Int64Type>().values().to_vec()
}

/// A column of embeddings.
pub fn vectors(table: &MetricsTable, name: &str) -> Vec<Vec<f32>> {
    let column = column(table, name);
    let lists = column.as_fixed_size_list().iter().map(|list| list.unwrap());
    lists
        .map(|list| list.as_primitive::<Float32Type>().values().to_vec())
        .collect()
}

/// The points of a logged series.
pub fn series(run: &Run, key: &str) -> Vec<(f64, f64)> {
    let found = run
        .aggregates()
        .unwrap()
        .into_iter()
        .find(|series| series.key == key);
    found
        .unwrap_or_else(|| panic!("nothing logged as `{key}`"))
        .points
}

/// A column as 64-bit floats, for means.
pub fn doubles(table: &MetricsTable, name: &str) -> Vec<f64> {
    let wide = tlc_core::arrow::compute::cast(&column(table, name), &DataType::Float64).unwrap();
    wide.as_primitive::<Float64Type>().values().to_vec()
}

/// Asserts that two sequences of numbers agree to `tolerance`, absolutely or
/// relatively, whichever is wider.
pub fn assert_close(what: &str, left: &[f32], right: &[f32], tolerance: f32) {
    assert_eq!(left.len(), right.len(), "{what}: lengths");
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        let scale = left.abs().max(right.abs()).max(1.0);
        let close = (left - right).abs() <= tolerance * scale || (left.is_nan() && right.is_nan());
        assert!(close, "{what}, value {at}: {left} and {right}");
    }
}

//! A model that says what its rows say, for collectors that are held against figures
//! of other programs, or against another device.

use crate::shards::assert_same;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_burn::{Collectors, IntoCollectors, Shards, collect_metrics};
use tlc_core::arrow::array::AsArray;
use tlc_core::{Column, MetricsTable, Run, Table, TableOptions, ValueType};

/// Rows of a batch; no golden file has a multiple of it.
const BATCH: usize = 8;

/// What the model says of a sample, and what it should say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// What the model says.
    pub values: Vec<f32>,
    /// What it should say.
    pub targets: Vec<f32>,
}

/// `[batch, values]` and `[batch, targets]`.
#[derive(Clone, Debug)]
pub struct Given {
    /// `[batch, values]`.
    pub values: Tensor<2>,
    /// `[batch, targets]`.
    pub targets: Tensor<2>,
}

#[derive(Module, Debug)]
struct Says {}

impl Predict for Says {
    type Batch = Given;
    type Output = Given;

    fn predict(&self, batch: Given, _: &mut impl Tap) -> Given {
        batch
    }
}

struct Stack;

impl Batcher<Row, Given> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> Given {
        let stack = |of: fn(&Row) -> &Vec<f32>| {
            let values: Vec<f32> = rows.iter().flat_map(of).copied().collect();
            let shape = [rows.len(), values.len() / rows.len()];
            Tensor::from_data(TensorData::new(values, shape), device)
        };
        Given {
            values: stack(|row| &row.values),
            targets: stack(|row| &row.targets),
        }
    }
}

impl Adapt<ClassificationInput> for Given {
    fn to_input(&self) -> ClassificationInput {
        let targets = self.targets.clone().int().squeeze_dim::<1>(1);
        ClassificationInput::new(self.values.clone(), targets)
    }
}

impl Adapt<BinaryClassificationInput> for Given {
    fn to_input(&self) -> BinaryClassificationInput {
        let logits = self.values.clone().squeeze_dim::<1>(1);
        let targets = self.targets.clone().int().squeeze_dim::<1>(1);
        BinaryClassificationInput::new(logits, targets)
    }
}

impl Adapt<MultiLabelInput> for Given {
    fn to_input(&self) -> MultiLabelInput {
        MultiLabelInput::new(self.values.clone(), self.targets.clone().int())
    }
}

impl Adapt<RegressionInput> for Given {
    fn to_input(&self) -> RegressionInput {
        RegressionInput::new(self.values.clone(), self.targets.clone())
    }
}

/// A target for each token, and for each token a value for each class.
impl Adapt<SequenceInput> for Given {
    fn to_input(&self) -> SequenceInput {
        let ([batch, values], [_, tokens]) = (self.values.dims(), self.targets.dims());
        let logits = self
            .values
            .clone()
            .reshape([batch, tokens, values / tokens]);
        SequenceInput::new(logits, self.targets.clone().int())
    }
}

/// A target for each pixel of a square image, and for each class a value for each pixel.
impl Adapt<SegmentationInput> for Given {
    fn to_input(&self) -> SegmentationInput {
        let ([batch, values], [_, pixels]) = (self.values.dims(), self.targets.dims());
        let side = pixels.isqrt();
        let logits = self.values.clone();
        let logits = logits.reshape([batch, values / pixels, side, side]);
        let targets = self.targets.clone().int().reshape([batch, side, side]);
        SegmentationInput::new(logits, targets)
    }
}

/// Rows of a golden file, from its values and its targets.
pub fn rows(values: &Value, targets: &Value) -> Vec<Row> {
    let rows = values.as_array().unwrap().iter();
    let rows = rows.zip(targets.as_array().unwrap());
    rows.map(|(values, targets)| Row {
        values: numbers(values),
        targets: numbers(targets),
    })
    .collect()
}

/// All numbers of a golden value, however they are nested.
pub fn numbers(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap() as f32],
    }
}

/// Collects from these rows in several batches, the last of them padded; in shards it must give
/// the same.
pub fn collect<K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'static, Given, Given, K>,
    options: impl Fn(CollectOptions) -> CollectOptions,
) -> (tlc_burn::Result<MetricsTable>, Run) {
    let mut list = Collectors::new();
    list.add(collectors);
    let (table, run) = written(rows);
    let predictor = says(&crate::cpu());
    let collected = collect_from(&table, &run, list.clone(), &predictor, &options);
    let shards = Shards::new(
        "says",
        |table: &Table| table.samples::<Row>(),
        list,
        predictor,
    );
    assert_same(
        &shards.shard_rows(2 * BATCH),
        &table,
        &collected,
        &run,
        options,
    );
    (collected, run)
}

/// Collects on a device.
pub fn collect_on<'c, K>(
    device: &Device,
    rows: &[Row],
    collectors: impl IntoCollectors<'c, Given, Given, K>,
    options: impl Fn(CollectOptions) -> CollectOptions,
) -> (tlc_burn::Result<MetricsTable>, Run) {
    let (table, run) = written(rows);
    (
        collect_from(&table, &run, collectors, &says(device), &options),
        run,
    )
}

fn collect_from<'c, K>(
    table: &Table,
    run: &Run,
    collectors: impl IntoCollectors<'c, Given, Given, K>,
    predictor: &Predictor<Says, Stack>,
    options: &impl Fn(CollectOptions) -> CollectOptions,
) -> tlc_burn::Result<MetricsTable> {
    let options = options(CollectOptions::new().run(run).progress(false));
    collect_metrics(&table.samples::<Row>(), collectors, predictor, options)
}

/// The rows as a table, and a run beside it.
fn written(rows: &[Row]) -> (Table, Run) {
    let root = crate::root();
    let list = || ValueType::List {
        item: Box::new(ValueType::Float32),
        len: None,
    };
    let table = TableOptions::new("tests", "given", "all").root(&root);
    let table = table.columns(["values", "targets"].map(|name| Column::new(name, list())));
    let table = Table::create(table, |writer| writer.add_rows(rows)).unwrap();
    (table, crate::run_in(&root))
}

fn says(device: &Device) -> Predictor<Says, Stack> {
    let predictor = Predictor::new(&Says {}, Stack).device(device);
    predictor.batch_size(BATCH).pad_last(true)
}

/// Collects from these rows, which must work.
pub fn collected<K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'static, Given, Given, K>,
) -> MetricsTable {
    collect(rows, collectors, |options| options).0.unwrap()
}

/// Collects from these rows, which must fail.
pub fn refused<K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'static, Given, Given, K>,
) -> String {
    let result = collect(rows, collectors, |options| options).0;
    result.unwrap_err().to_string()
}

/// The table of a stream.
pub fn of_stream(run: &Run, stream: &str) -> MetricsTable {
    let tables = run.metrics().unwrap().into_iter();
    let mut tables = tables.filter(|table| table.info().stream_name == stream);
    tables.next().unwrap()
}

/// A column of lists of floats or labels, each list as floats.
pub fn lists(table: &MetricsTable, name: &str) -> Vec<Vec<f32>> {
    use tlc_core::arrow::datatypes::{DataType, Float32Type};
    let open = DataType::new_list(DataType::Float32, true);
    let column = tlc_core::arrow::compute::cast(&crate::column(table, name), &open).unwrap();
    let lists = column.as_list::<i32>().iter();
    lists
        .map(|list| {
            list.unwrap()
                .as_primitive::<Float32Type>()
                .values()
                .to_vec()
        })
        .collect()
}

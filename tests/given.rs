//! A model that says what its rows say, for collectors that are held against figures
//! of other programs.

use crate::into_run;
use arrow::array::AsArray;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_burn::{IntoCollectors, collect_metrics};
use tlc_core::{Column, MetricsTable, Run, Table, TableOptions, ValueType};
use tlc_tests::cpu;

/// Rows of a batch; no golden file has a multiple of it.
const BATCH: usize = 8;

/// What the model says of a sample, and what it should say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) values: Vec<f32>,
    pub(crate) targets: Vec<f32>,
}

/// `[batch, values]` and `[batch, targets]`.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) values: Tensor<2>,
    pub(crate) targets: Tensor<2>,
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
    fn adapt(&self) -> ClassificationInput {
        let targets = self.targets.clone().int().squeeze_dim::<1>(1);
        ClassificationInput::new(self.values.clone(), targets)
    }
}

/// Rows of a golden file, from its values and its targets.
pub(crate) fn rows(values: &Value, targets: &Value) -> Vec<Row> {
    let rows = values.as_array().unwrap().iter();
    let rows = rows.zip(targets.as_array().unwrap());
    rows.map(|(values, targets)| Row {
        values: numbers(values),
        targets: numbers(targets),
    })
    .collect()
}

/// All numbers of a golden value, however they are nested.
pub(crate) fn numbers(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap() as f32],
    }
}

/// Collects from these rows in several batches, the last of them padded.
pub(crate) fn collect<'c, K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'c, Given, Given, K>,
    options: impl Fn(CollectOptions) -> CollectOptions,
) -> (tlc_burn::Result<MetricsTable>, Run) {
    let root = tlc_tests::root();
    let list = || ValueType::List {
        item: Box::new(ValueType::Float32),
        len: None,
    };
    let table = TableOptions::new("tests", "given", "all").root(&root);
    let table = table.columns(["values", "targets"].map(|name| Column::new(name, list())));
    let table = Table::create(table, |writer| writer.add_rows(rows)).unwrap();
    let samples = table.samples().map(Ok::<Row, String>);
    let predictor = Predictor::new(&Says {}, Stack)
        .device(&cpu())
        .batch_size(BATCH)
        .pad_last(true);
    let run = tlc_tests::run_in(&root);
    let options = options(into_run(&run));
    (
        collect_metrics(&samples, collectors, &predictor, options),
        run,
    )
}

/// Collects from these rows, which must work.
pub(crate) fn collected<'c, K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'c, Given, Given, K>,
) -> MetricsTable {
    collect(rows, collectors, |options| options).0.unwrap()
}

/// Collects from these rows, which must fail.
pub(crate) fn refused<'c, K>(
    rows: &[Row],
    collectors: impl IntoCollectors<'c, Given, Given, K>,
) -> String {
    let result = collect(rows, collectors, |options| options).0;
    result.unwrap_err().to_string()
}

/// The table of a stream.
pub(crate) fn of_stream(run: &Run, stream: &str) -> MetricsTable {
    let tables = run.metrics().unwrap().into_iter();
    let mut tables = tables.filter(|table| table.info().stream_name == stream);
    tables.next().unwrap()
}

/// A column of lists of floats or labels, each list as floats.
pub(crate) fn lists(table: &MetricsTable, name: &str) -> Vec<Vec<f32>> {
    use arrow::datatypes::{DataType, Float32Type};
    let open = DataType::new_list(DataType::Float32, true);
    let column = arrow::compute::cast(&tlc_tests::column(table, name), &open).unwrap();
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

//! A model that takes as long as a GPU would, says what rows say, and notes what it is asked.

use burn::data::dataloader::batcher::Batcher;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tlc_burn::prelude::*;
use tlc_burn::{ByClosure, CollectShards, Shards};
use tlc_core::{Run, RunOptions, Series, Table, TableOptions, Url};
use tlc_query::Collection;

const BATCH_ROWS: usize = 50;
pub(crate) const SHARD_ROWS: usize = 500;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    number: i64,
    value: f32,
}

/// What tells a process how to compute.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Where each batch is noted.
    pub(crate) notes: PathBuf,
    /// How long a batch takes.
    pub(crate) millis: u64,
    /// A row that it cannot stand.
    pub(crate) refused: Option<i64>,
    /// Rows of a batch, and of a shard.
    pub(crate) rows: [usize; 2],
}

struct Stack;

type Batch = (Vec<i64>, Tensor<1>);

impl Batcher<Row, Batch> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
        let values: Vec<f32> = rows.iter().map(|row| row.value).collect();
        let numbers = rows.iter().map(|row| row.number).collect();
        (numbers, Tensor::from_floats(values.as_slice(), device))
    }
}

impl Model {
    pub(crate) fn new(notes: &Path, millis: u64) -> Self {
        Self {
            notes: notes.to_owned(),
            millis,
            refused: None,
            rows: [BATCH_ROWS, SHARD_ROWS],
        }
    }

    pub(crate) fn collection(&self) -> Collection {
        Collection::new(self.shards())
    }

    pub(crate) fn shards(&self) -> impl CollectShards + use<> {
        let samples = |table: &Table| table.samples::<Row>();
        let shards = Shards::new("sine", samples, Regression::new(), self.predictor());
        shards.shard_rows(self.rows[1])
    }

    fn predictor(&self) -> Predictor<ByClosure<Linear, Batch, RegressionInput>, Stack> {
        let model: Linear = LinearConfig::new(1, 1).init(&tlc_burn::device("cpu").unwrap());
        let asked = self.clone();
        let predictor = Predictor::by(&model, Stack, move |_, (numbers, values): Batch| {
            asked.compute(&numbers);
            RegressionInput::new(values.clone().sin(), values)
        });
        predictor.batch_size(self.rows[0]).in_flight(1)
    }

    fn compute(&self, numbers: &[i64]) {
        if let Some(refused) = self.refused {
            assert!(!numbers.contains(&refused), "cannot stand {refused}");
        }
        std::thread::sleep(Duration::from_millis(self.millis));
        let notes = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.notes);
        let note = format!("{} {}\n", numbers.first().unwrap(), numbers.len());
        notes.unwrap().write_all(note.as_bytes()).unwrap();
    }

    /// How often each row was computed, by all processes that note it here.
    pub(crate) fn computed(&self, rows: usize) -> Vec<usize> {
        let mut computed = vec![0; rows];
        let notes = std::fs::read_to_string(&self.notes).unwrap_or_default();
        for note in notes.lines() {
            let (first, len) = note.split_once(' ').unwrap();
            let first: usize = first.parse().unwrap();
            let rows = first..first + len.parse::<usize>().unwrap();
            computed[rows].iter_mut().for_each(|times| *times += 1);
        }
        computed
    }
}

pub(crate) fn options(run: &Run) -> CollectOptions {
    let options = CollectOptions::new().run(run).epoch(2).split("train");
    // Which would compute some rows once more.
    options.check_order(false).progress(false)
}

pub(crate) fn table(root: &Url, rows: usize) -> Table {
    let rows = (0..rows).map(|row| Row {
        number: row as i64,
        value: row as f32 / 100.0,
    });
    let rows: Vec<Row> = rows.collect();
    let options = TableOptions::new("p", "numbers", "all").root(root);
    Table::create(options, |writer| writer.add_rows(&rows)).unwrap()
}

pub(crate) fn run(root: &Url, name: &str) -> Run {
    Run::create(RunOptions::new("p").name(name).root(root)).unwrap()
}

/// Asserts that a run has what `collect_metrics` gives.
pub(crate) fn assert_whole(run: &Run, table: &Table, folder: &Path) {
    let root = std::iter::successors(run.url().parent(), Url::parent).nth(2);
    let expected = Run::create(RunOptions::new("p").root(root.unwrap())).unwrap();
    let (model, samples) = (
        Model::new(&folder.join("expected"), 0),
        table.samples::<Row>(),
    );
    let into_it = options(&expected);
    collect_metrics(&samples, Regression::new(), &model.predictor(), into_it).unwrap();
    run.refresh().unwrap();
    let (found, others) = (run.metrics().unwrap(), expected.metrics().unwrap());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].read().unwrap(), others[0].read().unwrap());
    let (found, others) = (run.aggregates().unwrap(), expected.aggregates().unwrap());
    let keys = |all: &[Series]| all.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&found), keys(&others));
    for (found, other) in found.iter().zip(&others) {
        assert_eq!(found.points.len(), other.points.len(), "{}", found.key);
        for ((_, found), (_, other)) in found.points.iter().zip(&other.points) {
            assert!((found - other).abs() <= 1e-9 * other.abs().max(1.0));
        }
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

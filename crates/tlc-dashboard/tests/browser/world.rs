//! A project with real pictures and a model that is a rule: what it says of each sample, and
//! which labels are wrong, is known.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tempfile::TempDir;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Status, Table, TableOptions, Url, ValueType,
};
use tlc_dashboard::{Dashboard, Serving};

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
pub(crate) const PROJECT: &str = "fashion";
pub(crate) const EPOCHS: i64 = 3;
pub(crate) const SAMPLES: usize = 1000;

/// A picture of Fashion-MNIST as it ships.
#[derive(Deserialize)]
struct Picture {
    image: Vec<u8>,
    label: i32,
}

#[derive(Serialize)]
struct Row {
    image: Vec<u8>,
    label: i32,
    weight: f32,
}

/// A sample, and what a model says of it after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) id: usize,
    pub(crate) label: i32,
    pub(crate) is_mislabelled: bool,
    pub(crate) predicted: i32,
    pub(crate) confidence: f32,
    pub(crate) loss: f32,
    pub(crate) margin: f32,
    pub(crate) across: f32,
    pub(crate) up: f32,
    probabilities: [f32; 10],
}

impl Said {
    pub(crate) fn is_right(&self) -> bool {
        self.predicted == self.label
    }
}

/// A folder with the project, and what is true of it.
pub(crate) struct World {
    pub(crate) root: Url,
    pub(crate) table: Table,
    pub(crate) run: Run,
    truths: Vec<i32>,
    /// Last, so that it goes last.
    _folder: TempDir,
}

/// A number from 0 to 1 that these three always give.
fn chance(seed: u64, id: usize, what: u64) -> f32 {
    let mut bits = seed ^ (id as u64) << 20 ^ what << 52;
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        bits = (bits ^ bits >> 30)
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(factor);
    }
    ((bits ^ bits >> 31) >> 40) as f32 / (1_u64 << 24) as f32
}

/// Every twentieth label is three classes too far.
fn given(id: usize, truth: i32) -> (i32, bool) {
    let is_mislabelled = id % 20 == 7;
    match is_mislabelled {
        true => ((truth + 3) % 10, true),
        false => (truth, false),
    }
}

/// What the model of this seed says of a sample after an epoch: mostly the truth.
fn says(seed: u64, id: usize, truth: i32, epoch: i64) -> Said {
    let (label, is_mislabelled) = given(id, truth);
    let about = seed.wrapping_add(epoch.unsigned_abs());
    let is_mistaken = !is_mislabelled && chance(about, id, 1) < 0.06;
    let predicted = if is_mistaken { (truth + 1) % 10 } else { truth };
    let confidence = match is_mistaken {
        true => 0.4 + 0.15 * chance(about, id, 2),
        false => 0.8 + 0.19 * chance(about, id, 2),
    };
    let rest = (1.0 - confidence) / 9.0;
    let probabilities = std::array::from_fn(|class| match class as i32 == predicted {
        true => confidence,
        false => rest,
    });
    let of_label: f32 = probabilities[label as usize];
    let angle = truth as f32 * std::f32::consts::TAU / 10.0;
    Said {
        id,
        label,
        is_mislabelled,
        predicted,
        confidence,
        loss: -of_label.ln(),
        // What cannot be computed is among real metrics, too.
        margin: if id % 97 == 13 {
            f32::NAN
        } else {
            of_label - rest
        },
        across: 3.0 * angle.cos() + chance(seed, id, 3),
        up: 3.0 * angle.sin() + chance(seed, id, 4),
        probabilities,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("projects");
        std::fs::create_dir(&root).unwrap();
        let root = Url::from_path(&root).unwrap();
        let pictures = pictures(&folder);
        let truths: Vec<i32> = pictures.iter().map(|picture| picture.label).collect();
        let table = table(&root, pictures);
        let run = collected(&root, "first", 1, &table, &truths);
        Self {
            root,
            table,
            run,
            truths,
            _folder: folder,
        }
    }

    /// Another run over the same table, of the model of another seed.
    pub(crate) fn another_run(&self, name: &str, seed: u64) -> Run {
        collected(&self.root, name, seed, &self.table, &self.truths)
    }

    /// What the model of a seed says after the last epoch, by the rows of the view.
    pub(crate) fn said(&self, seed: u64) -> Vec<Said> {
        epoch_of(seed, EPOCHS, &self.truths)
    }

    pub(crate) fn serve(&self) -> Serving {
        let dashboard = Dashboard::new().root(&self.root).port(0);
        dashboard.start().unwrap()
    }
}

/// Samples in the order in which a model was asked about them: the last first.
fn epoch_of(seed: u64, epoch: i64, truths: &[i32]) -> Vec<Said> {
    let ids = (0..truths.len()).rev();
    ids.map(|id| says(seed, id, truths[id], epoch)).collect()
}

fn pictures(folder: &TempDir) -> Vec<Picture> {
    let file =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion_mnist_test_1k.parquet");
    let aside = Url::from_path(&folder.path().join("aside")).unwrap();
    let options = TableOptions::new("aside", "pictures", "initial").root(aside);
    let table = Table::from_parquet(file, options).unwrap();
    let rows = table.rows().unwrap();
    let pictures: Vec<Picture> = rows.map(|row| row.unwrap()).collect();
    assert_eq!(pictures.len(), SAMPLES);
    pictures
}

fn table(root: &Url, pictures: Vec<Picture>) -> Table {
    let columns = [
        Column::new("image", ValueType::image_bytes()),
        Column::new("label", ValueType::labels(CLASSES)).writable(true),
        Column::new("weight", ValueType::SampleWeight).writable(true),
    ];
    let options = TableOptions::new(PROJECT, "train", "initial").root(root);
    let rows = pictures.into_iter().enumerate();
    let rows = rows.map(|(id, Picture { image, label })| Row {
        image,
        label: given(id, label).0,
        weight: 1.0,
    });
    let rows: Vec<Row> = rows.collect();
    Table::create(options.columns(columns), |writer| writer.add_rows(&rows)).unwrap()
}

fn collected(root: &Url, name: &str, seed: u64, table: &Table, truths: &[i32]) -> Run {
    let options = RunOptions::new(PROJECT).root(root).name(name);
    let run = Run::create(options.parameter("seed", seed as i64)).unwrap();
    run.change().input_table(table).commit().unwrap();
    for epoch in 1..=EPOCHS {
        add_epoch(&run, table, &epoch_of(seed, epoch, truths), epoch);
        let loss = 1.0 / (epoch as f64 + seed as f64 / 10.0);
        run.log([("epoch", epoch as f64), ("loss", loss)]).unwrap();
    }
    run.flush().unwrap();
    run.change().status(Status::Completed).commit().unwrap();
    run
}

/// The first epoch of some samples.
pub(crate) fn add_rows(run: &Run, table: &Table, rows: std::ops::Range<usize>) {
    let labels = table.column("label").unwrap();
    let labels = labels.as_primitive::<Int32Type>().values();
    let said: Vec<Said> = rows.map(|id| says(3, id, labels[id], 1)).collect();
    add_epoch(run, table, &said, 1);
}

fn add_epoch(run: &Run, table: &Table, said: &[Said], epoch: i64) {
    let about = AddMetrics::new()
        .foreign_table(table)
        .constant("epoch", epoch)
        .column(Column::new("predicted", ValueType::labels(CLASSES)).role(Role::Prediction))
        .column(Column::new("confidence", ValueType::Confidence))
        .column(Column::new("embeddings", ValueType::Embedding { dim: 2 }).visible(false));
    run.add_metrics(columns(said), about).unwrap();
}

fn columns(said: &[Said]) -> Columns {
    fn all<T>(said: &[Said], of: impl Fn(&Said) -> T) -> Vec<T> {
        said.iter().map(of).collect()
    }
    Columns::new()
        .column("example_id", all(said, |each| each.id as i64))
        .column("loss", all(said, |each| each.loss))
        .column("predicted", all(said, |each| each.predicted))
        .column("confidence", all(said, |each| each.confidence))
        .column("margin", all(said, |each| each.margin))
        .column("across", all(said, |each| each.across))
        .column("up", all(said, |each| each.up))
        .column("probabilities", all(said, |each| each.probabilities))
        .column("embeddings", all(said, |each| [each.across, each.up]))
}

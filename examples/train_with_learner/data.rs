//! The tables of the training and the test samples, some training labels flipped.

use crate::args::Args;
use crate::augment::augmented;
use crate::fashion::{FASHION, Row};
use crate::samples::{self, ImageSamples};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::error::Error;
use std::path::Path;
use tlc::prelude::*;
use tlc::{Column, IfExists, Table, TableOptions, Url, ValueType};

pub const PROJECT: &str = "fashion-mnist-learner";

pub struct Data {
    /// Augmented for training, not for collection.
    pub train: ImageSamples,
    /// Never augmented.
    pub test: ImageSamples,
    /// The label each training sample has by its row, and the one it had before flips.
    pub labels: Vec<[i32; 2]>,
}

impl Data {
    /// Opens the tables, or makes them where this is the first time.
    pub fn open(args: &Args) -> Result<Self, Box<dyn Error>> {
        let root = args.root()?;
        let original = packaged("train", &root)?;
        let train = flipped(&original, args, &root)?;
        let labels = |table: &Table| -> Result<Vec<i32>, tlc::core::Error> {
            table.rows::<Row>()?.map(|row| Ok(row?.label)).collect()
        };
        let pairs = labels(&train)?.into_iter().zip(labels(&original)?);
        Ok(Self {
            labels: pairs.map(|(label, original)| [label, original]).collect(),
            train: train
                .samples::<Row>()
                .try_map(augmented(args.seed))
                .try_map_collect_metrics(samples::decode),
            test: packaged("test", &root)?
                .samples::<Row>()
                .try_map(samples::decode),
        })
    }

    /// Whether the label of a training sample was flipped.
    pub fn is_flipped(&self, row: usize) -> bool {
        let [label, original] = self.labels[row];
        label != original
    }

    pub fn flips(&self) -> usize {
        (0..self.labels.len())
            .filter(|row| self.is_flipped(*row))
            .count()
    }
}

fn options(split: &str, name: &str, root: &Url) -> TableOptions {
    TableOptions::new(PROJECT, split, name)
        .root(root)
        .if_exists(IfExists::Reuse)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(FASHION)))
}

/// The samples that come with the project.
fn packaged(split: &str, root: &Url) -> Result<Table, tlc::core::Error> {
    let name = if split == "train" {
        "train_5k"
    } else {
        "test_1k"
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let file = data.join(format!("fashion_mnist_{name}.parquet"));
    Table::from_parquet(file, options(split, "initial", root))
}

/// The same samples, so many of a hundred labels replaced by another one.
fn flipped(original: &Table, args: &Args, root: &Url) -> Result<Table, tlc::core::Error> {
    let name = format!("flipped_{}_percent_{}", args.flip_percent, args.seed);
    let mut random = StdRng::seed_from_u64(args.seed);
    let count = original.len() * usize::from(args.flip_percent) / 100;
    let chosen = rand::seq::index::sample(&mut random, original.len(), count);
    let mut is_chosen = vec![false; original.len()];
    chosen.iter().for_each(|row| is_chosen[row] = true);
    Table::create(options("train", &name, root), |writer| {
        for (row, is_chosen) in original.rows::<Row>()?.zip(is_chosen) {
            let Row { image, label } = row?;
            let step = if is_chosen {
                random.random_range(1..10)
            } else {
                0
            };
            let label = (label + step) % 10;
            writer.add_rows(&[Row { image, label }])?;
        }
        Ok(())
    })
}

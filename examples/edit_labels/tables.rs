//! The tables: the samples that come with the project, and a revision with some wrong labels.

use crate::args::{Args, PROJECT};
use crate::fashion::{FASHION, Row};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::Path;
use tlc::core::Error;
use tlc::{Column, IfExists, Table, TableOptions, ValueType};

/// The training samples, and a revision of them with so many of a hundred labels replaced.
pub fn tables(args: &Args) -> Result<(Table, Table), Error> {
    let original = packaged("train", "train_5k", args)?;
    let mut random = StdRng::seed_from_u64(args.seed);
    let count = original.len() * usize::from(args.flip_percent) / 100;
    let rows = rand::seq::index::sample(&mut random, original.len(), count).into_vec();
    let known = labels(&original)?;
    let other = |row: &usize| (known[*row] + random.random_range(1..10)) % 10;
    let flipped: Vec<i32> = rows.iter().map(other).collect();
    let mut editor = original.edit()?;
    editor.set_values("label", rows, flipped)?;
    let noisy = editor.commit(format!("{} % of the labels replaced", args.flip_percent))?;
    Ok((original, noisy))
}

pub fn labels(table: &Table) -> Result<Vec<i32>, Error> {
    table.rows::<Row>()?.map(|row| Ok(row?.label)).collect()
}

/// The samples that come with the project.
pub fn packaged(split: &str, file: &str, args: &Args) -> Result<Table, Error> {
    let options = TableOptions::new(PROJECT, split, "initial")
        .root(args.root()?)
        .if_exists(IfExists::Reuse)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(FASHION)));
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    Table::from_parquet(data.join(format!("fashion_mnist_{file}.parquet")), options)
}

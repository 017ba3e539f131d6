//! Pending edits: what is done, undone, kept and committed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)] // a test stops at the first surprise

mod commit;
mod damage;
mod faults;
mod model;
mod review;
mod scale;

use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type};
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_view::PendingEdits;

const CLASSES: [&str; 4] = ["cat", "dog", "owl", "cow"];

fn root(name: &str) -> Url {
    Url::parse(&format!("memory://edits-{name}/")).unwrap()
}

/// A table of rows with a label, a weight and a note.
fn table(root: &Url, rows: i32) -> Table {
    let columns = [
        Column::new("label", ValueType::labels(CLASSES)),
        Column::new("weight", ValueType::SampleWeight),
        Column::new("note", ValueType::String).nullable(true),
    ];
    let options = TableOptions::new("demo", "pets", "train")
        .columns(columns)
        .root(root);
    let notes = (0..rows).map(|row| (row % 2 == 0).then(|| format!("n{row}")));
    let values = Columns::new()
        .column("label", (0..rows).map(|row| row % 4).collect::<Vec<_>>())
        .column("weight", vec![1.0_f32; rows as usize])
        .column("note", notes.collect::<Vec<_>>());
    Table::create(options, |writer| writer.add_batch(values)).unwrap()
}

fn labels(table: &Table) -> Vec<i32> {
    let labels = table.column("label").unwrap();
    labels.as_primitive::<Int32Type>().values().to_vec()
}

fn weights(table: &Table) -> Vec<f32> {
    let weights = table.column("weight").unwrap();
    weights.as_primitive::<Float32Type>().values().to_vec()
}

/// The labels as they would be committed.
fn pending_labels(edits: &PendingEdits) -> Vec<i32> {
    let mut all = labels(edits.table());
    for (row, label) in all.iter_mut().enumerate() {
        if let Some(value) = edits.value(row, "label").unwrap() {
            *label = value.as_primitive::<Int32Type>().value(0);
        }
    }
    all
}

/// How many cells of which columns would be changed.
fn counted(edits: &PendingEdits) -> Vec<(String, usize)> {
    let counts = edits.counts().unwrap().into_iter();
    counts.map(|count| (count.column, count.cells)).collect()
}

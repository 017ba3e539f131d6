//! What revisions promise: tables that are made of others.
#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)] // a test stops at the first surprise

#[path = "../tools/child.rs"]
mod child;
mod choices;
mod class_maps;
mod edits;
mod faults;
mod latest;
mod model;
mod races;
mod upkeep;

use child::child;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};

const CLASSES: [&str; 3] = ["cat", "dog", "cow"];

/// A table of rows 0 to `rows`, with a number, a text and a label each.
fn table(root: &Url, rows: i64) -> Table {
    let options = TableOptions::new("p", "pets", "train")
        .column(Column::new("label", ValueType::labels(CLASSES)))
        .root(root);
    let columns = Columns::new()
        .column("number", (0..rows).collect::<Vec<_>>())
        .column(
            "text",
            (0..rows)
                .map(|row| format!("row {row}"))
                .collect::<Vec<_>>(),
        )
        .column("label", (0..rows).map(|row| row % 3).collect::<Vec<_>>());
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

fn labels(table: &Table) -> Vec<i32> {
    #[derive(serde::Deserialize)]
    struct Row {
        label: i32,
    }
    table
        .rows::<Row>()
        .unwrap()
        .map(|row| row.unwrap().label)
        .collect()
}

fn numbers(table: &Table) -> Vec<i64> {
    #[derive(serde::Deserialize)]
    struct Row {
        number: i64,
    }
    table
        .rows::<Row>()
        .unwrap()
        .map(|row| row.unwrap().number)
        .collect()
}

/// A project root in memory and one on disk.
fn roots(name: &str) -> (tempfile::TempDir, [Url; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let local = Url::from_path(folder.path()).unwrap();
    (
        folder,
        [local, Url::parse(&format!("memory://{name}")).unwrap()],
    )
}

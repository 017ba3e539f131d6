//! A run about a table of labelled samples, and metrics of it.

use serde::Serialize;
use tlc_core::{
    AddMetrics, Column, Columns, MetricsTable, Run, RunOptions, Table, TableOptions, Url, ValueType,
};

#[derive(Serialize)]
struct Sample {
    label: i32,
}

/// A sample that an epoch saw, and the probabilities of two classes that it gave it.
pub(crate) type Seen = (i64, [f32; 2]);

/// Samples with these labels of `cat` and `dog`.
pub(crate) fn given(name: &str, labels: &[i32]) -> (Run, Table) {
    let root = Url::parse(&format!("memory://{name}")).unwrap();
    let table = table(&root, "train", labels);
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    (run, table)
}

pub(crate) fn table(root: &Url, dataset: &str, labels: &[i32]) -> Table {
    let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    let options = TableOptions::new("project", dataset, "initial").root(root);
    let rows: Vec<Sample> = labels
        .iter()
        .map(|label| Sample { label: *label })
        .collect();
    Table::create(options.column(label), |writer| writer.add_rows(&rows)).unwrap()
}

pub(crate) fn probabilities(seen: &[Seen]) -> Columns {
    Columns::new()
        .column(
            "example_id",
            seen.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        )
        .column(
            "probabilities",
            seen.iter().map(|(_, row)| *row).collect::<Vec<_>>(),
        )
}

/// What an epoch says, in its own order.
pub(crate) fn epoch(run: &Run, table: &Table, epoch: i64, seen: &[Seen]) -> MetricsTable {
    let about = AddMetrics::new().foreign_table(table);
    run.add_metrics(probabilities(seen), about.constant("epoch", epoch))
        .unwrap()
}

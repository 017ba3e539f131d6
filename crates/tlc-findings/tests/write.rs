//! Findings written into the run they were found in.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::Serialize;
use tlc_core::arrow::array::{AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::{AddMetrics, Columns, MetricsTable, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::neighbors::{
    DUPLICATE_THRESHOLD, Metric, Neighbors, near_duplicates, nearest, outliers,
};
use tlc_findings::{Embeddings, Error};

#[derive(Serialize)]
struct Sample {
    label: i32,
}

const SAMPLES: usize = 6;

/// Two far apart from the rest, rows 2 and 3 nearly the same.
fn neighbors() -> Neighbors {
    let values = vec![0.0, 1.0, 2.0, 2.05, 4.0, 50.0];
    nearest(&Embeddings::new(values, 1).unwrap(), 2, Metric::Euclidean).unwrap()
}

/// Metrics of epoch 4 about a table, the last sample first.
fn given(name: &str) -> (Run, Table, MetricsTable) {
    let root = Url::parse(&format!("memory://write-{name}")).unwrap();
    let options = TableOptions::new("project", "data", "initial").root(&root);
    let rows: Vec<Sample> = (0..SAMPLES).map(|_| Sample { label: 0 }).collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    let source = metrics(&run, &table, SAMPLES);
    (run, table, source)
}

fn metrics(run: &Run, table: &Table, samples: usize) -> MetricsTable {
    let ids = (0..i64::try_from(samples).unwrap())
        .rev()
        .collect::<Vec<_>>();
    let columns = Columns::new()
        .column("example_id", ids)
        .column("loss", vec![0.5_f32; samples]);
    let about = AddMetrics::new().foreign_table(table).constant("epoch", 4);
    run.add_metrics(columns, about).unwrap()
}

/// The written table stands in the run beside its source; gives its rows.
fn rows(
    written: &MetricsTable,
    (run, table, source): &(Run, Table, MetricsTable),
    stream: &str,
    columns: &[&str],
) -> RecordBatch {
    assert_eq!(written.info().stream_name, stream);
    let names: Vec<&str> = written.schema().names().collect();
    assert_eq!(names, [&["example_id"], columns, &["epoch"]].concat());
    assert!(written.is_about(table));
    assert_eq!(written.constants().collect::<Vec<_>>(), ["epoch"]);
    assert!(written.is_finding());
    let newest = run.metrics().unwrap().about(table).newest().unwrap();
    assert!(!newest.is_finding(), "what a model said is not hidden");
    let listed = run.metrics().unwrap();
    assert!(
        listed
            .iter()
            .any(|metrics| metrics.name() == written.name())
    );
    let rows = written.read().unwrap();
    let before = source.read().unwrap();
    assert_eq!(rows["example_id"].as_ref(), before["example_id"].as_ref());
    assert_eq!(rows["epoch"].as_ref(), before["epoch"].as_ref());
    rows
}

fn floats(rows: &RecordBatch, column: &str) -> Vec<f32> {
    rows[column].as_primitive::<Float32Type>().values().to_vec()
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

/// Metrics of another number of rows are refused, and nothing is written.
fn assert_refused(
    (run, table, _): &(Run, Table, MetricsTable),
    write: impl FnOnce(&MetricsTable) -> Result<MetricsTable, Error>,
) {
    let other = metrics(run, table, SAMPLES - 1);
    let before = run.metrics().unwrap().len();
    let refused = write(&other);
    assert!(matches!(refused, Err(Error::Rows { metrics, .. }) if metrics == other.name()));
    assert_eq!(run.metrics().unwrap().len(), before);
}

#[test]
fn outliers_stand_beside_the_metrics_they_were_found_in() {
    let given = given("outliers");
    let found = outliers(&neighbors(), 1.0);
    let written = found.write(&given.0, &given.2).unwrap();
    let columns = ["outlier_score", "neighbor_distance"];
    let rows = rows(&written, &given, "outliers", &columns);
    assert_eq!(floats(&rows, "outlier_score"), narrow(&found.scores));
    assert_eq!(
        floats(&rows, "neighbor_distance"),
        narrow(&found.mean_distances)
    );
    assert_refused(&given, |other| found.write(&given.0, other));
}

#[test]
fn near_duplicates_stand_beside_the_metrics_with_the_number_of_their_set() {
    let given = given("duplicates");
    let found = near_duplicates(&neighbors(), DUPLICATE_THRESHOLD);
    assert_eq!(found.sets, [[2, 3]]);
    let written = found.write(&given.0, &given.2).unwrap();
    let columns = ["duplicate_similarity", "duplicate_set"];
    let rows = rows(&written, &given, "near_duplicates", &columns);
    assert_eq!(
        floats(&rows, "duplicate_similarity"),
        narrow(&found.similarity)
    );
    let sets = rows["duplicate_set"].as_primitive::<Int64Type>();
    let sets: Vec<Option<i64>> = sets.iter().collect();
    assert_eq!(sets, [None, None, Some(0), Some(0), None, None]);
    assert_refused(&given, |other| found.write(&given.0, other));
}

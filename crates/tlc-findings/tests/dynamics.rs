//! Training dynamics: against NumPy, by hand, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::{Deserialize, Serialize};
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::Error;
use tlc_findings::dynamics::{Dynamics, DynamicsOptions, STREAM};

#[derive(Serialize)]
struct Sample {
    label: i32,
}

#[derive(Deserialize)]
struct Case {
    loss: Vec<Vec<f32>>,
    accuracy: Vec<Vec<f32>>,
    margin: Vec<Vec<f32>>,
    mean_confidence: Vec<f32>,
    variability: Vec<f32>,
    correctness: Vec<f32>,
    forgetting_events: Vec<i64>,
    first_epoch_learned: Vec<Option<i64>>,
    area_under_margin: Vec<f32>,
}

fn run(name: &str, samples: usize) -> (Run, Table) {
    let root = Url::parse(&format!("memory://dynamics-{name}")).unwrap();
    let options = TableOptions::new("project", "data", "initial").root(&root);
    let rows: Vec<Sample> = (0..samples).map(|_| Sample { label: 0 }).collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    (run, table)
}

/// Metrics of samples that are right or not, with a loss of 0.5.
fn epoch(run: &Run, table: &Table, epoch: i64, rows: &[(i64, bool)]) {
    let accuracy: Vec<f32> = rows
        .iter()
        .map(|(_, right)| f32::from(u8::from(*right)))
        .collect();
    let columns = Columns::new()
        .column(
            "example_id",
            rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        )
        .column("loss", vec![0.5_f32; rows.len()])
        .column("accuracy", accuracy);
    add(run, table, epoch, columns);
}

fn add(run: &Run, table: &Table, epoch: i64, columns: Columns) {
    let about = AddMetrics::new()
        .foreign_table(table)
        .constant("epoch", epoch);
    run.add_metrics(columns, about).unwrap();
}

fn dynamics(run: &Run, table: &Table) -> Result<Dynamics, Error> {
    Dynamics::of_run(run, table, &DynamicsOptions::new())
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn values_are_those_of_numpy_in_memory_and_in_the_table_written() {
    let case: Case = serde_json::from_str(include_str!("golden/dynamics/case.json")).unwrap();
    let (run, table) = run("golden", case.loss[0].len());
    // Written out of order; read in the order of the epochs.
    for at in [3, 0, 5, 1, 4, 2] {
        let columns = Columns::new()
            .column("loss", case.loss[at].clone())
            .column("accuracy", case.accuracy[at].clone())
            .column("margin", case.margin[at].clone());
        add(&run, &table, i64::try_from(at).unwrap() + 1, columns);
    }
    let found = dynamics(&run, &table).unwrap();
    assert_eq!(found.epochs, [6; 12]);
    assert_close(&found.mean_confidence, &case.mean_confidence);
    let losses = |sample: usize| case.loss.iter().map(move |losses| losses[sample]);
    let means: Vec<f32> = (0..12)
        .map(|sample| losses(sample).sum::<f32>() / 6.0)
        .collect();
    assert_close(&found.mean_loss, &means);
    let first = found.ranking().unwrap().ranked()[0];
    let largest = (0..12)
        .max_by(|a, b| means[*a].total_cmp(&means[*b]))
        .unwrap();
    assert_eq!(usize::try_from(first).unwrap(), largest);
    assert_close(&found.variability, &case.variability);
    assert_close(&found.correctness, &case.correctness);
    assert_eq!(found.forgetting_events, case.forgetting_events);
    assert_eq!(found.first_epoch_learned, case.first_epoch_learned);
    let margins = found.area_under_margin.as_ref().unwrap();
    assert_close(margins, &case.area_under_margin);

    let written = found.write(&run, &table).unwrap();
    assert!(written.is_finding());
    assert_eq!(written.info().stream_name, STREAM);
    assert!(written.is_about(&table));
    let rows = written.read().unwrap();
    let floats = |name: &str| rows[name].as_primitive::<Float32Type>().values().to_vec();
    assert_eq!(floats("mean_confidence"), found.mean_confidence);
    assert_eq!(floats("mean_loss"), found.mean_loss);
    assert_eq!(floats("variability"), found.variability);
    assert_eq!(floats("correctness"), found.correctness);
    assert_eq!(floats("area_under_margin"), *margins);
    let ints = |name: &str| rows[name].as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(ints("example_id"), (0..12).collect::<Vec<_>>());
    assert_eq!(ints("forgetting_events"), found.forgetting_events);
    let first = rows["first_epoch_learned"].as_primitive::<Int64Type>();
    assert_eq!(first.iter().collect::<Vec<_>>(), found.first_epoch_learned);
    assert!(rows["never_learned"].as_boolean().value(0) && first.is_null(0));
    assert_eq!(
        rows["never_learned"].as_boolean().true_count(),
        first.null_count()
    );
}

#[test]
fn forgetting_counts_from_one_seen_epoch_to_the_next() {
    let (run, table) = run("forgetting", 4);
    epoch(&run, &table, 1, &[(0, true), (1, false), (2, true)]);
    epoch(&run, &table, 2, &[(0, false), (1, false)]); // 2 is not seen
    epoch(&run, &table, 5, &[(0, true), (1, true), (2, false)]);
    epoch(&run, &table, 9, &[(0, false), (1, true), (2, false)]);
    let found = dynamics(&run, &table).unwrap();
    assert_eq!(found.example_ids, [0, 1, 2]); // 3 was never seen
    assert_eq!(found.epochs, [4, 4, 3]);
    assert_eq!(found.forgetting_events, [2, 0, 1]);
    assert_eq!(found.first_epoch_learned, [Some(1), Some(5), Some(1)]);
    assert_close(&found.correctness, &[0.5, 0.5, 1.0 / 3.0]);
    assert_close(&found.variability, &[0.0; 3]);
    assert_eq!(found.area_under_margin, None);
}

#[test]
fn tables_of_one_epoch_count_as_one_and_a_repeated_sample_is_refused() {
    let (run, table) = run("repeated", 3);
    epoch(&run, &table, 1, &[(0, true)]);
    epoch(&run, &table, 1, &[(2, true), (1, false)]);
    assert_eq!(dynamics(&run, &table).unwrap().epochs, [1, 1, 1]);
    epoch(&run, &table, 1, &[(2, true)]);
    match dynamics(&run, &table).unwrap_err() {
        Error::Repeated {
            example_id: 2,
            epoch: Some(1),
        } => {}
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_column_is_an_error_that_says_what_to_collect() {
    for missing in ["loss", "accuracy"] {
        let (run, table) = run(missing, 2);
        let mut columns = Columns::new();
        for name in ["loss", "accuracy"]
            .into_iter()
            .filter(|name| *name != missing)
        {
            columns.push(name, vec![1.0_f32, 1.0]);
        }
        add(&run, &table, 1, columns);
        let error = dynamics(&run, &table).unwrap_err().to_string();
        assert!(
            error.contains(&format!("`{missing}`")) && error.contains("collect"),
            "{error}"
        );
    }
    let (run, table) = run("epoch", 2);
    assert!(matches!(
        dynamics(&run, &table),
        Err(Error::NoEpochs { .. })
    ));
    let about = AddMetrics::new().foreign_table(&table);
    run.add_metrics(Columns::new().column("loss", vec![1.0_f32, 1.0]), about)
        .unwrap();
    let error = dynamics(&run, &table).unwrap_err().to_string();
    assert!(error.contains("constant `epoch`"), "{error}");
}

#[test]
fn a_table_of_several_epochs_is_refused() {
    let (run, table) = run("varies", 2);
    let columns = Columns::new()
        .column("loss", vec![0.1_f32, 0.2])
        .column("accuracy", vec![1.0_f32, 0.0])
        .column("epoch", vec![1_i64, 2]);
    run.add_metrics(columns, AddMetrics::new().foreign_table(&table))
        .unwrap();
    assert!(matches!(
        dynamics(&run, &table),
        Err(Error::EpochVaries {
            first: 1,
            found: 2,
            ..
        })
    ));
}

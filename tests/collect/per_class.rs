//! Scores of each class and the confusion matrix, beside the metrics of samples.

use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_core::MetricsTable;
use tlc_tests::given::{Row, collect, numbers, of_stream, rows};
use tlc_tests::{assert_close, doubles, floats, ints, series};

const CLASSES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn golden() -> Value {
    let json = include_str!("../golden/classification/classification.json");
    serde_json::from_str(json).unwrap()
}

fn collector() -> Classification {
    Classification::new(CLASSES).per_class(true)
}

fn epoch_three(options: CollectOptions) -> CollectOptions {
    options.split("val").constant("epoch", 3)
}

fn column(table: &MetricsTable, name: &str) -> Vec<f32> {
    doubles(table, name)
        .iter()
        .map(|value| *value as f32)
        .collect()
}

#[test]
fn scores_of_each_class_are_those_of_scikit_learn() {
    let golden = golden();
    let rows = rows(&golden["logits"], &golden["targets"]);
    let run = collect(&rows, collector(), epoch_three).1;
    let table = of_stream(&run, "per_class_metrics");
    assert_eq!(ints(&table, "class"), [0, 1, 2, 3, 4, 5]);
    for score in ["precision", "recall", "f1", "support"] {
        let expected = numbers(&golden[score]);
        assert_close(score, &column(&table, score), &expected, 1e-6);
    }
    let macros = ["val_macro_precision", "val_macro_recall", "val_macro_f1"];
    for (name, expected) in macros.iter().zip(numbers(&golden["macro"])) {
        let (epoch, value) = series(&run, name)[0];
        assert_eq!(epoch, 3.0);
        assert_close(name, &[value as f32], &[expected], 1e-6);
    }
}

#[test]
fn the_confusion_matrix_is_that_of_scikit_learn_without_its_zeros() {
    let golden = golden();
    let rows = rows(&golden["logits"], &golden["targets"]);
    let run = collect(&rows, collector(), epoch_three).1;
    let table = of_stream(&run, "confusion_matrix");
    let cells: Vec<f32> = (0..table.len())
        .flat_map(|row| ["label", "predicted", "count"].map(|name| column(&table, name)[row]))
        .collect();
    assert_eq!(cells, numbers(&golden["confusion"]));
}

#[test]
fn three_tables_are_registered_with_split_epoch_and_class_names() {
    let golden = golden();
    let rows = rows(&golden["logits"], &golden["targets"]);
    let (metrics, run) = collect(&rows, collector(), epoch_three);
    let tables = run.metrics().unwrap();
    let mut streams: Vec<_> = tables
        .iter()
        .map(|table| table.info().stream_name)
        .collect();
    streams.sort();
    let expected = ["confusion_matrix", "default_stream", "per_class_metrics"];
    assert_eq!(streams, expected);
    assert_eq!(metrics.unwrap().len(), rows.len());
    for (stream, label) in [
        ("per_class_metrics", "class"),
        ("confusion_matrix", "label"),
    ] {
        let table = of_stream(&run, stream);
        let split = tlc_tests::column(&table, "split");
        let split = tlc_core::arrow::util::display::array_value_to_string(&split, 0).unwrap();
        assert_eq!(split, "val");
        assert_eq!(ints(&table, "epoch"), vec![3; table.len()]);
        let label = table.schema().column(label).unwrap();
        assert_eq!(
            *label.value.classes().unwrap(),
            tlc_core::ClassMap::new(CLASSES)
        );
    }
}

#[test]
fn without_aggregates_or_by_default_only_the_metrics_of_samples_are_written() {
    let golden = golden();
    let rows = rows(&golden["logits"], &golden["targets"]);
    let count = |collector: Classification, aggregates: bool| {
        let run = collect(&rows, collector, |options| options.aggregates(aggregates)).1;
        run.metrics().unwrap().len()
    };
    assert_eq!(count(collector(), false), 1);
    let without = collect(&rows, collector().without_aggregates(), |options| options).1;
    assert_eq!(without.metrics().unwrap().len(), 1);
    assert_eq!(count(Classification::new(CLASSES), true), 1);
    assert_eq!(count(collector(), true), 3);
}

#[test]
fn of_no_sample_every_score_is_zero() {
    let run = collect(&[], collector(), epoch_three).1;
    let table = of_stream(&run, "per_class_metrics");
    assert_eq!(doubles(&table, "f1"), [0.0; 6]);
    assert_eq!(ints(&table, "support"), [0; 6]);
    assert!(of_stream(&run, "confusion_matrix").is_empty());
    assert_eq!(series(&run, "val_macro_f1"), [(3.0, 0.0)]);
}

#[test]
fn a_sample_whose_logits_hold_a_nan_is_missed_by_its_class() {
    let row = |values: [f32; 6]| Row {
        values: values.into(),
        targets: vec![0.0],
    };
    let rows = [
        row([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        row([f32::NAN, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ];
    let (metrics, run) = collect(&rows, collector(), |options| options);
    assert_eq!(floats(&metrics.unwrap(), "accuracy"), [1.0, 0.0]);
    let scores = of_stream(&run, "per_class_metrics");
    assert_eq!(doubles(&scores, "recall")[0], 0.5);
    assert_eq!(doubles(&scores, "precision")[0], 1.0);
    assert_eq!(ints(&of_stream(&run, "confusion_matrix"), "count"), [1]);
}

//! One logit a sample.

use serde_json::{Value, json};
use tlc_burn::prelude::*;
use tlc_core::MetricsTable;
use tlc_tests::given::{Row, collect, collected, numbers, of_stream, refused, rows};
use tlc_tests::{assert_close, doubles, floats, ints, series};

const CLASSES: [&str; 2] = ["ham", "spam"];

fn row(logit: f32, target: f32) -> Row {
    Row {
        values: vec![logit],
        targets: vec![target],
    }
}

/// The figures, and the rows of the first label.
fn golden() -> (Value, Vec<Row>) {
    let json = include_str!("../golden/binary/binary.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let rows = rows(&golden["logits"], &golden["targets"]).into_iter();
    let rows = rows.map(|all| row(all.values[0], all.targets[0])).collect();
    (golden["binary"].clone(), rows)
}

#[test]
fn loss_prediction_accuracy_and_confidence_are_those_of_numpy() {
    let (golden, rows) = golden();
    let metrics = collected(&rows, BinaryClassification::new(CLASSES).threshold(0.4));
    for name in ["loss", "accuracy", "confidence"] {
        let expected = numbers(&golden[name]);
        assert_close(name, &floats(&metrics, name), &expected, 1e-6);
    }
    let predicted = ints(&metrics, "predicted");
    assert_eq!(json!(predicted), golden["predicted"]);
    let column = metrics.schema().column("predicted").unwrap();
    assert_eq!(
        *column.value.classes().unwrap(),
        tlc_core::ClassMap::new(CLASSES)
    );
}

#[test]
fn scores_and_confusion_are_those_of_scikit_learn() {
    let (golden, rows) = golden();
    let collector = BinaryClassification::new(CLASSES)
        .threshold(0.4)
        .per_class(true);
    let run = collect(&rows, collector, |options| options.split("val")).1;
    let narrow = |table: &MetricsTable, name: &str| -> Vec<f32> {
        doubles(table, name)
            .iter()
            .map(|value| *value as f32)
            .collect()
    };
    let scores = of_stream(&run, "per_class_metrics");
    for name in ["precision", "recall", "f1", "support"] {
        assert_close(name, &narrow(&scores, name), &numbers(&golden[name]), 1e-6);
    }
    let f1 = series(&run, "val_macro_f1")[0].1;
    assert_close("macro", &[f1 as f32], &numbers(&golden["macro"])[2..], 1e-6);
    let confusion = of_stream(&run, "confusion_matrix");
    let cells: Vec<f32> = (0..confusion.len())
        .flat_map(|row| ["label", "predicted", "count"].map(|name| narrow(&confusion, name)[row]))
        .collect();
    assert_eq!(cells, numbers(&golden["confusion"]));
}

#[test]
fn a_half_is_not_above_the_default_threshold() {
    let rows = [row(0.0, 0.0), row(0.1, 1.0), row(-0.1, 1.0)];
    let metrics = collected(&rows, BinaryClassification::new(CLASSES));
    assert_eq!(ints(&metrics, "predicted"), [0, 1, 0]);
    assert_eq!(floats(&metrics, "accuracy"), [1.0, 1.0, 0.0]);
}

#[test]
fn infinite_logits_lose_nothing_where_they_are_right() {
    let rows = [row(f32::INFINITY, 1.0), row(f32::NEG_INFINITY, 0.0)];
    let metrics = collected(&rows, BinaryClassification::new(CLASSES));
    assert_eq!(floats(&metrics, "loss"), [0.0, 0.0]);
    assert_eq!(floats(&metrics, "confidence"), [1.0, 1.0]);
}

#[test]
fn a_logit_of_nan_gives_nan_loss_and_confidence_and_counts_as_wrong() {
    let rows = [row(f32::NAN, 0.0), row(-1.0, 0.0)];
    let metrics = collected(&rows, BinaryClassification::new(CLASSES));
    let is_nan = |name| {
        floats(&metrics, name)
            .iter()
            .map(|v| v.is_nan())
            .collect::<Vec<_>>()
    };
    assert_eq!(is_nan("loss"), [true, false]);
    assert_eq!(is_nan("confidence"), [true, false]);
    assert_eq!(floats(&metrics, "accuracy"), [0.0, 1.0]);
}

#[test]
fn a_target_that_is_neither_zero_nor_one_names_its_example() {
    let rows = [row(1.0, 1.0), row(1.0, 2.0)];
    let expected = "collector `binary_classification`, column `loss`: label 2 of example 1 is \
                    not in 0..2, with predictions [8] and targets [8]";
    assert_eq!(refused(&rows, BinaryClassification::new(CLASSES)), expected);
}

#[test]
fn a_threshold_that_is_no_probability_is_an_error() {
    for threshold in [1.5, -0.1, f32::NAN] {
        let collector = BinaryClassification::new(CLASSES).threshold(threshold);
        let expected = format!(
            "collector `binary_classification`: the threshold is {threshold}, but it must be 0 to 1"
        );
        assert_eq!(refused(&[row(1.0, 1.0)], collector), expected);
    }
}

//! Any number of labels a sample.

use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_core::{Role, ValueType};
use tlc_tests::given::{Row, collect, collected, lists, numbers, of_stream, refused, rows};
use tlc_tests::{assert_close, doubles, floats, series};

const LABELS: [&str; 4] = ["a", "b", "c", "d"];

fn golden() -> (Value, Vec<Row>) {
    let json = include_str!("../golden/binary/binary.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let rows = rows(&golden["logits"], &golden["targets"]);
    (golden["multi_label"].clone(), rows)
}

/// A list of lists of numbers.
fn nested(value: &Value) -> Vec<Vec<f32>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

#[test]
fn loss_accuracy_and_hamming_are_those_of_numpy_and_scikit_learn() {
    let (golden, rows) = golden();
    let metrics = collected(&rows, MultiLabel::new(LABELS).threshold(0.4));
    for name in ["loss", "accuracy", "hamming"] {
        let expected = numbers(&golden[name]);
        assert_close(name, &floats(&metrics, name), &expected, 1e-6);
    }
}

#[test]
fn predictions_are_lists_of_the_labels_above_the_threshold_with_their_names() {
    let (golden, rows) = golden();
    let metrics = collected(&rows, MultiLabel::new(LABELS).threshold(0.4));
    assert_eq!(lists(&metrics, "predicted"), nested(&golden["predicted"]));
    let confidence = lists(&metrics, "confidence");
    for (found, expected) in confidence.iter().zip(nested(&golden["confidence"])) {
        assert_close("confidence", found, &expected, 1e-6);
    }
    let column = metrics.schema().column("predicted").unwrap();
    let expected = ValueType::List {
        item: Box::new(ValueType::labels(LABELS)),
        len: None,
    };
    assert_eq!(
        (&column.value, column.role),
        (&expected, Some(Role::Prediction))
    );
}

#[test]
fn scores_of_each_label_are_those_of_scikit_learn() {
    let (golden, rows) = golden();
    let collector = MultiLabel::new(LABELS).threshold(0.4).per_class(true);
    let run = collect(&rows, collector, |options| options.split("val")).1;
    let scores = of_stream(&run, "per_class_metrics");
    for name in ["precision", "recall", "f1", "support"] {
        let found: Vec<f32> = doubles(&scores, name).iter().map(|v| *v as f32).collect();
        assert_close(name, &found, &numbers(&golden[name]), 1e-6);
    }
    let macros = ["val_macro_precision", "val_macro_recall", "val_macro_f1"];
    for (name, expected) in macros.iter().zip(numbers(&golden["macro"])) {
        assert_close(name, &[series(&run, name)[0].1 as f32], &[expected], 1e-6);
    }
    assert_eq!(run.metrics().unwrap().len(), 2);
}

#[test]
fn a_logit_of_nan_counts_as_wrong_and_is_not_predicted() {
    let rows = [Row {
        values: vec![f32::NAN, 1.0, -1.0, -1.0],
        targets: vec![0.0, 1.0, 0.0, 0.0],
    }];
    let metrics = collected(&rows, MultiLabel::new(LABELS));
    assert!(floats(&metrics, "loss")[0].is_nan());
    assert_eq!(floats(&metrics, "accuracy"), [0.0]);
    assert_eq!(floats(&metrics, "hamming"), [0.25]);
    assert_eq!(lists(&metrics, "predicted"), [[1.0]]);
}

#[test]
fn a_target_that_is_neither_zero_nor_one_names_its_example() {
    let (_, mut rows) = golden();
    rows[17].targets[2] = -1.0;
    let expected = "collector `multi_label`, column `loss`: label -1 of example 17 is not in \
                    0..2, with predictions [8, 4] and targets [8, 4]";
    assert_eq!(refused(&rows, MultiLabel::new(LABELS)), expected);
}

#[test]
fn other_numbers_of_names_or_of_targets_than_logits_are_errors() {
    let (_, mut rows) = golden();
    let expected = "collector `multi_label`: 2 class names for logits of shape [8, 4]";
    assert_eq!(refused(&rows, MultiLabel::new(["a", "b"])), expected);
    rows.iter_mut().for_each(|row| row.targets.truncate(3));
    let expected = "collector `multi_label`, column `loss`: expected shape [8, 4] for targets \
                    of predictions [8, 4], found [8, 3]";
    assert_eq!(refused(&rows, MultiLabel::new(LABELS)), expected);
}

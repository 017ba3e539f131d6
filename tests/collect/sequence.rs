//! A class for each token.

use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::Float32Type;
use tlc_core::{MetricsTable, ValueType};
use tlc_tests::given::{Given, Row, collect, collected, lists, numbers, refused, rows};
use tlc_tests::{assert_close, ints, series};

const CLASSES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn golden() -> (Value, Vec<Row>) {
    let json = include_str!("../golden/sequence/sequence.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let rows = rows(&golden["logits"], &golden["targets"]);
    (golden, rows)
}

fn optional(table: &MetricsTable, name: &str) -> Vec<Option<f32>> {
    let column = tlc_tests::column(table, name);
    column.as_primitive::<Float32Type>().iter().collect()
}

fn assert_like_numpy(metrics: &MetricsTable, golden: &Value) {
    for name in ["loss", "perplexity", "accuracy"] {
        for (found, expected) in optional(metrics, name)
            .iter()
            .zip(golden[name].as_array().unwrap())
        {
            assert_eq!(found.is_none(), expected.is_null(), "{name}");
            if let Some(found) = found {
                assert_close(name, &[*found], &numbers(expected), 1e-5);
            }
        }
    }
    let tokens: Vec<f32> = ints(metrics, "tokens").iter().map(|n| *n as f32).collect();
    assert_eq!(tokens, numbers(&golden["tokens"]));
    for name in ["token_loss", "token_predicted"] {
        let found = lists(metrics, name);
        assert_eq!(found.len(), golden[name].as_array().unwrap().len());
        for (found, expected) in found.iter().zip(golden[name].as_array().unwrap()) {
            assert_close(name, found, &numbers(expected), 1e-5);
        }
    }
}

#[test]
fn with_a_padding_target_all_columns_are_those_of_numpy() {
    let (golden, rows) = golden();
    assert_like_numpy(&collected(&rows, Sequence::new().padding(-100)), &golden);
}

#[test]
fn with_a_mask_all_columns_are_those_of_numpy() {
    let (golden, rows) = golden();
    let masked = Sequence::new().preprocess(|_: &Given, output: &Given| {
        let input: SequenceInput = output.to_input();
        input.mask_pad(output.targets.clone().lower_scalar(0))
    });
    assert_like_numpy(&collected(&rows, masked), &golden);
}

#[test]
fn a_sequence_of_padding_alone_is_null_and_has_no_weight_in_the_means() {
    let (_, rows) = golden();
    let (metrics, run) = collect(&rows, Sequence::new().padding(-100), |options| options);
    let metrics = metrics.unwrap();
    let loss = tlc_tests::column(&metrics, "loss");
    assert!(loss.is_null(2) && loss.null_count() == 1);
    assert!(lists(&metrics, "token_loss")[2].is_empty());
    let sum: f64 = optional(&metrics, "loss")
        .iter()
        .flatten()
        .map(|v| f64::from(*v))
        .sum();
    let mean = series(&run, "loss")[0].1;
    assert!((mean - sum / (rows.len() - 1) as f64).abs() < 1e-9);
}

#[test]
fn without_padding_every_token_counts_and_classes_may_have_names() {
    let (_, mut rows) = golden();
    let targets = rows.iter_mut().flat_map(|row| &mut row.targets);
    targets.for_each(|target| *target = target.max(0.0));
    let metrics = collected(&rows, Sequence::new().classes(CLASSES));
    assert_eq!(ints(&metrics, "tokens"), vec![7; rows.len()]);
    let expected = ValueType::List {
        item: Box::new(ValueType::labels(CLASSES)),
        len: None,
    };
    let column = metrics.schema().column("token_predicted").unwrap();
    assert_eq!(column.value, expected);
}

#[test]
fn a_token_of_nan_logits_counts_as_wrong() {
    let rows = [Row {
        values: vec![f32::NAN, 0.0, 1.0, 0.0],
        targets: vec![0.0, 0.0],
    }];
    let metrics = collected(&rows, Sequence::new());
    assert_eq!(optional(&metrics, "accuracy"), [Some(0.5)]);
    assert!(optional(&metrics, "loss")[0].unwrap().is_nan());
    let tokens = &lists(&metrics, "token_loss")[0];
    assert!(tokens[0].is_nan() && tokens[1].is_finite());
}

#[test]
fn a_label_out_of_range_names_its_example_unless_it_is_padding() {
    let (_, rows) = golden();
    let row = rows
        .iter()
        .position(|row| row.targets.contains(&-100.0))
        .unwrap();
    let expected = format!(
        "collector `sequence`, column `token_loss`: label -100 of example {row} is not in 0..5, \
         with predictions [8, 7, 5] and targets [8, 7]"
    );
    assert_eq!(refused(&rows, Sequence::new()), expected);
}

#[test]
fn masks_and_names_that_do_not_fit_the_logits_are_errors() {
    let (_, rows) = golden();
    let masked = Sequence::new().preprocess(|_: &Given, output: &Given| {
        let input: SequenceInput = output.to_input();
        input.mask_pad(output.values.clone().lower_scalar(0))
    });
    let expected = "collector `sequence`, column `token_loss`: expected shape [8, 7] for a \
                    padding mask of logits [8, 7, 5], found [8, 35]";
    assert_eq!(refused(&rows, masked), expected);
    let expected = "collector `sequence`: 2 class names for logits of shape [8, 7, 5]";
    assert_eq!(
        refused(&rows, Sequence::new().classes(["a", "b"])),
        expected
    );
}

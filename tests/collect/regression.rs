//! Errors of each sample, and goodness of fit over all.

use serde_json::Value;
use tlc_burn::prelude::*;
use tlc_core::{Role, ValueType};
use tlc_tests::given::{Given, Row, collect, collected, lists, numbers, refused, rows};
use tlc_tests::{assert_close, floats, series};

fn golden() -> (Value, Vec<Row>) {
    let json = include_str!("../golden/regression/regression.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let rows = rows(&golden["predictions"], &golden["targets"]);
    (golden, rows)
}

/// One output of the three.
fn output(at: usize) -> Vec<Row> {
    let of = |row: Row| Row {
        values: vec![row.values[at]],
        targets: vec![row.targets[at]],
    };
    golden().1.into_iter().map(of).collect()
}

fn assert_scores(rows: &[Row], outputs: usize, expected: &Value) {
    let collector = Regression::new().outputs(outputs);
    let run = collect(rows, collector, |options| options.split("test")).1;
    for name in ["mae", "mse", "rmse", "r2"] {
        let value = series(&run, &format!("test_{name}"))[0].1;
        let expected = expected[name].as_f64().unwrap();
        let close = (value - expected).abs() <= 1e-6 * expected.abs().max(1.0);
        assert!(close, "{name}: {value} and {expected}");
    }
}

#[test]
fn errors_of_several_outputs_are_means_over_them() {
    let (golden, rows) = golden();
    let metrics = collected(&rows, Regression::new().outputs(3));
    for name in ["error", "absolute_error", "squared_error"] {
        let expected = numbers(&golden[name]);
        assert_close(name, &floats(&metrics, name), &expected, 1e-5);
    }
    let predicted = lists(&metrics, "predicted").concat();
    assert_eq!(predicted, numbers(&golden["predictions"]));
    let column = metrics.schema().column("predicted").unwrap();
    let expected = ValueType::List {
        item: Box::new(ValueType::Float32),
        len: Some(3),
    };
    assert_eq!(
        (&column.value, column.role),
        (&expected, Some(Role::Prediction))
    );
}

#[test]
fn one_output_is_a_number_and_its_error_has_a_sign() {
    let rows = output(0);
    let metrics = collected(&rows, Regression::new());
    let predicted: Vec<f32> = rows.iter().map(|row| row.values[0]).collect();
    assert_eq!(floats(&metrics, "predicted"), predicted);
    let signed = rows.iter().map(|row| row.values[0] - row.targets[0]);
    let signed: Vec<f32> = signed.collect();
    assert!(signed.iter().any(|error| *error < 0.0));
    assert_close("error", &floats(&metrics, "error"), &signed, 1e-6);
}

#[test]
fn goodness_of_fit_is_that_of_scikit_learn() {
    let (golden, rows) = golden();
    assert_scores(&rows, 3, &golden["all"]);
    assert_scores(&output(0), 1, &golden["first"]);
}

#[test]
fn of_constant_targets_r2_is_one_where_all_is_right_and_else_zero() {
    let (golden, _) = golden();
    assert_scores(&output(2), 1, &golden["constant"]);
    let right = output(2).into_iter().map(|row| Row {
        values: row.targets.clone(),
        ..row
    });
    assert_scores(&right.collect::<Vec<_>>(), 1, &golden["constant_and_right"]);
}

#[test]
fn a_single_sample_has_no_r2_and_no_sample_has_no_value() {
    let keys = |rows: &[Row]| -> Vec<String> {
        let run = collect(rows, Regression::new(), |options| options).1;
        let series = run.aggregates().unwrap().into_iter();
        series.map(|series| series.key).collect()
    };
    let one = keys(&output(0)[..1]);
    assert!(one.contains(&"rmse".to_owned()) && !one.contains(&"r2".to_owned()));
    assert_eq!(keys(&[]), ["count"]);
}

#[test]
fn predictions_of_another_number_of_outputs_are_an_error() {
    let (_, rows) = golden();
    let expected = "collector `regression`, column `predicted`: expected shape [8, 1], as \
                    `outputs` says, found [8, 3]";
    assert_eq!(refused(&rows, Regression::new()), expected);
}

#[test]
fn targets_of_another_shape_than_the_predictions_or_none_are_errors() {
    let (_, mut rows) = golden();
    let unlabelled = Regression::new()
        .outputs(3)
        .preprocess(|_: &Given, output: &Given| RegressionInput {
            predictions: output.values.clone(),
            targets: None,
        });
    let expected = "collector `regression`, column `error`: no targets, with predictions of \
                    shape [8, 3]";
    assert_eq!(refused(&rows, unlabelled), expected);
    rows.iter_mut().for_each(|row| row.targets.truncate(2));
    let expected = "collector `regression`, column `error`: expected shape [8, 3] for targets \
                    of predictions [8, 3], found [8, 2]";
    assert_eq!(refused(&rows, Regression::new().outputs(3)), expected);
}

//! Margin, entropy and EL2N.

use serde_json::Value;
use tlc_burn::Difficulty;
use tlc_tests::given::{Row, collected, numbers, refused, rows};
use tlc_tests::{assert_close, floats};

const INFINITE: f32 = f32::INFINITY;

fn row(values: &[f32], target: f32) -> Row {
    Row {
        values: values.into(),
        targets: vec![target],
    }
}

#[test]
fn margin_entropy_and_el2n_are_those_of_numpy() {
    let json = include_str!("../golden/classification/classification.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let metrics = collected(
        &rows(&golden["logits"], &golden["targets"]),
        Difficulty::new(),
    );
    for name in ["margin", "entropy", "el2n"] {
        let expected = numbers(&golden[name]);
        assert_close(name, &floats(&metrics, name), &expected, 1e-5);
    }
}

#[test]
fn a_tie_with_the_target_has_margin_zero_and_no_idea_has_the_largest_entropy() {
    let metrics = collected(&[row(&[2.0, 2.0, 2.0, 2.0], 1.0)], Difficulty::new());
    assert_eq!(floats(&metrics, "margin"), [0.0]);
    let entropy = floats(&metrics, "entropy");
    assert_close("entropy", &entropy, &[4.0_f32.ln()], 1e-6);
}

#[test]
fn a_class_that_is_masked_by_minus_infinity_leaves_the_measures_finite() {
    let rows = [row(&[1.0, -INFINITE, 1.0], 0.0)];
    let metrics = collected(&rows, Difficulty::new());
    assert_eq!(floats(&metrics, "margin"), [0.0]);
    assert_close(
        "entropy",
        &floats(&metrics, "entropy"),
        &[2.0_f32.ln()],
        1e-6,
    );
    assert_close("el2n", &floats(&metrics, "el2n"), &[0.5_f32.sqrt()], 1e-6);
}

#[test]
fn logits_with_nan_give_nan_for_all_three() {
    let rows = [row(&[1.0, f32::NAN, 0.0], 0.0), row(&[1.0, 0.0, 0.0], 0.0)];
    let metrics = collected(&rows, Difficulty::new());
    for name in ["margin", "entropy", "el2n"] {
        let are_nan: Vec<bool> = floats(&metrics, name).iter().map(|v| v.is_nan()).collect();
        assert_eq!(are_nan, [true, false], "{name}");
    }
}

#[test]
fn a_single_class_and_a_label_out_of_range_are_errors() {
    let text = refused(&[row(&[1.0], 0.0)], Difficulty::new());
    let expected = "collector `difficulty`, column `margin`: expected shape \
                    [8, 2 or more classes], found [8, 1]";
    assert_eq!(text, expected);
    let text = refused(
        &[row(&[1.0, 0.0], 0.0), row(&[1.0, 0.0], 2.0)],
        Difficulty::new(),
    );
    let expected = "collector `difficulty`, column `margin`: label 2 of example 1 is not in \
                    0..2, with predictions [8, 2] and targets [8]";
    assert_eq!(text, expected);
}

//! The best k classes.

use serde_json::Value;
use tlc_burn::TopK;
use tlc_core::{Role, ValueType};
use tlc_tests::given::{Row, collected, lists, numbers, refused, rows};
use tlc_tests::{assert_close, floats};

const CLASSES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn golden() -> (Value, Vec<Row>) {
    let json = include_str!("../golden/classification/classification.json");
    let golden: Value = serde_json::from_str(json).unwrap();
    let rows = rows(&golden["logits"], &golden["targets"]);
    (golden, rows)
}

#[test]
fn the_best_three_are_those_of_numpy_and_scikit_learn() {
    let (golden, rows) = golden();
    let metrics = collected(&rows, TopK::new(CLASSES, 3));
    let predicted = lists(&metrics, "top3_predicted");
    assert_eq!(predicted.concat(), numbers(&golden["top3_predicted"]));
    assert!(predicted.iter().all(|best| best.len() == 3));
    let confidence = lists(&metrics, "top3_confidence").concat();
    let expected = numbers(&golden["top3_confidence"]);
    assert_close("confidence", &confidence, &expected, 1e-6);
    let accuracy = floats(&metrics, "top3_accuracy");
    let mean = accuracy.iter().sum::<f32>() / accuracy.len() as f32;
    assert_close(
        "accuracy",
        &[mean],
        &numbers(&golden["top3_accuracy"]),
        1e-6,
    );
}

#[test]
fn as_many_as_there_are_classes_always_hold_the_target() {
    let (_, rows) = golden();
    let metrics = collected(&rows, TopK::new(CLASSES, 6));
    assert_eq!(floats(&metrics, "top6_accuracy"), vec![1.0; rows.len()]);
}

#[test]
fn the_classes_of_the_list_carry_their_names() {
    let (_, rows) = golden();
    let metrics = collected(&rows, TopK::new(CLASSES, 2));
    let column = metrics.schema().column("top2_predicted").unwrap();
    let expected = ValueType::List {
        item: Box::new(ValueType::labels(CLASSES)),
        len: Some(2),
    };
    assert_eq!(
        (&column.value, column.role),
        (&expected, Some(Role::Prediction))
    );
}

#[test]
fn two_of_them_stand_side_by_side() {
    let (_, rows) = golden();
    let metrics = collected(&rows, (TopK::new(CLASSES, 1), TopK::new(CLASSES, 5)));
    let (one, five) = (
        floats(&metrics, "top1_accuracy"),
        floats(&metrics, "top5_accuracy"),
    );
    assert!(one.iter().zip(&five).all(|(one, five)| one <= five));
    assert!(one.iter().sum::<f32>() < five.iter().sum::<f32>());
}

#[test]
fn logits_with_nan_give_nan_confidences_and_count_as_wrong() {
    let rows = [Row {
        values: vec![0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0],
        targets: vec![0.0],
    }];
    let metrics = collected(&rows, TopK::new(CLASSES, 6));
    assert_eq!(floats(&metrics, "top6_accuracy"), [0.0]);
    assert!(
        lists(&metrics, "top6_confidence")[0]
            .iter()
            .all(|value| value.is_nan())
    );
}

#[test]
fn more_than_there_are_classes_or_none_at_all_is_an_error_that_names_both() {
    let (_, rows) = golden();
    for k in [0, 7] {
        let expected =
            format!("collector `top_k`: k is {k}, but it must be 1 to 6, the number of classes");
        assert_eq!(refused(&rows, TopK::new(CLASSES, k)), expected);
    }
}

#[test]
fn another_number_of_class_names_than_logits_is_an_error() {
    let (_, rows) = golden();
    let expected = "collector `top_k`: 2 class names for logits of shape [8, 6]";
    assert_eq!(refused(&rows, TopK::new(["a", "b"], 2)), expected);
}

//! Targets and logits that are not as they should be.

use crate::{BATCH, Echo, echo, into_run, predictor};
use burn::prelude::*;
use tlc_burn::prelude::*;
use tlc_burn::{Error, collect_metrics};
use tlc_core::Role;
use tlc_tests::{
    CLASSES, Image, Images, Stack, assert_close, cpu, floats, ints, rows, samples, table_of,
    vectors,
};

#[test]
fn a_label_out_of_range_names_collector_column_example_and_shapes() {
    let (samples, run) = samples(2 * BATCH);
    let samples = samples.try_map_collect_metrics(|row| {
        let mut image = tlc_tests::decode(row)?;
        image.label = if image.values[0] == 93.0 / 255.0 {
            4
        } else {
            image.label
        };
        Ok::<_, String>(image)
    });
    let bad = (0..2 * BATCH)
        .find(|row| samples.collected(*row).unwrap().item.label == 4)
        .unwrap();
    for error in [
        collect_metrics(
            &samples,
            Classification::new(CLASSES),
            &predictor(),
            into_run(&run),
        ),
        collect_metrics(
            &samples,
            Loss::cross_entropy(),
            &predictor(),
            into_run(&run),
        ),
    ] {
        let error = error.unwrap_err();
        assert!(
            matches!(&error, Error::Label { example_id, label: 4, .. } if *example_id == bad),
            "{error}"
        );
        let text = error.to_string();
        for part in [
            "column `loss`",
            "example 3",
            "0..4",
            "[8, 4]",
            "targets [8]",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
}

#[test]
fn a_negative_label_is_out_of_range_too() {
    let (samples, run) = samples(3);
    let samples = samples.try_map_collect_metrics(|row| {
        tlc_tests::decode(row).map(|image| Image { label: -1, ..image })
    });
    let error = collect_metrics(
        &samples,
        Loss::cross_entropy(),
        &predictor(),
        into_run(&run),
    );
    assert!(matches!(
        error,
        Err(Error::Label {
            example_id: 0,
            label: -1,
            ..
        })
    ));
}

#[derive(Module, Debug)]
struct Unlabelled {}

impl Predict for Unlabelled {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, tap: &mut impl Tap) -> ClassificationInput {
        let output = Echo {}.predict(batch, tap);
        ClassificationInput {
            targets: None,
            ..output
        }
    }
}

#[test]
fn missing_targets_name_collector_column_and_shape() {
    let (samples, run) = samples(BATCH);
    let predictor = Predictor::new(&Unlabelled {}, Stack).device(&cpu());
    let error = collect_metrics(
        &samples,
        Classification::new(CLASSES),
        &predictor,
        into_run(&run),
    );
    let text = error.unwrap_err().to_string();
    let expected =
        "collector `classification`, column `loss`: no targets, with predictions of shape [8, 4]";
    assert_eq!(text, expected);
}

#[test]
fn targets_of_another_length_than_the_logits_name_both_shapes() {
    let (samples, run) = samples(BATCH);
    let loss = Loss::cross_entropy().preprocess(|batch: &Images, output: &ClassificationInput| {
        ClassificationInput::new(output.logits.clone(), batch.targets.clone().narrow(0, 0, 5))
    });
    let error = collect_metrics(&samples, loss, &predictor(), into_run(&run)).unwrap_err();
    assert!(
        matches!(&error, Error::Shape { found, .. } if found == &[5]),
        "{error}"
    );
    let text = error.to_string();
    for part in ["`loss`", "[8, 4]", "[5]"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn another_number_of_class_names_than_logits_is_an_error() {
    let (samples, run) = samples(BATCH);
    let collector = Classification::new(["cat", "dog"]);
    let error = collect_metrics(&samples, collector, &predictor(), into_run(&run)).unwrap_err();
    let expected = "collector `classification`: 2 class names for logits of shape [8, 4]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn logits_with_nan_give_nan_loss_and_confidence_and_count_as_wrong() {
    let (samples, run) = samples(BATCH + 2);
    let samples = samples.try_map_collect_metrics(|row| {
        let mut image = tlc_tests::decode(row)?;
        if image.values[0] == 62.0 / 255.0 {
            image.values[1] = f32::NAN; // row 2
        }
        Ok::<_, String>(image)
    });
    let collector = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, collector, &echo(), into_run(&run)).unwrap();
    let (loss, confidence) = (floats(&metrics, "loss"), floats(&metrics, "confidence"));
    for row in 0..BATCH + 2 {
        assert_eq!(loss[row].is_nan(), row == 2, "loss of row {row}");
        assert_eq!(
            confidence[row].is_nan(),
            row == 2,
            "confidence of row {row}"
        );
    }
    assert_eq!(floats(&metrics, "accuracy")[2], 0.0);
    assert!((0..4).contains(&ints(&metrics, "predicted")[2]));
}

#[test]
fn predictions_carry_the_names_of_their_classes() {
    let (samples, run) = samples(2);
    let collector = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, collector, &predictor(), into_run(&run)).unwrap();
    let predicted = metrics.schema().column("predicted").unwrap();
    assert_eq!(
        *predicted.value.classes().unwrap(),
        tlc_core::ClassMap::new(CLASSES)
    );
    assert_eq!(predicted.role, Some(Role::Prediction));
    assert_eq!(
        metrics.schema().column("loss").unwrap().unit.as_deref(),
        Some("nats")
    );
}

#[test]
fn rows_of_weight_zero_are_left_out_on_demand() {
    let root = tlc_tests::root();
    let (table, run) = (
        table_of(&rows(3 * BATCH + 7), &root),
        tlc_tests::run_in(&root),
    );
    let samples = table.samples().try_map(tlc_tests::decode);
    let collect =
        |options| collect_metrics(&samples, Loss::cross_entropy(), &predictor(), options).unwrap();
    let (all, weighted) = (
        collect(into_run(&run)),
        collect(into_run(&run).exclude_zero_weights(true)),
    );
    let kept: Vec<usize> = (0..3 * BATCH + 7).filter(|row| row % 5 != 3).collect();
    let ids: Vec<usize> = ints(&weighted, "example_id")
        .iter()
        .map(|id| *id as usize)
        .collect();
    assert_eq!(ids, kept);
    let (all, loss) = (floats(&all, "loss"), floats(&weighted, "loss"));
    let expected: Vec<f32> = kept.iter().map(|row| all[*row]).collect();
    tlc_tests::assert_close("loss", &loss, &expected, 1e-6);
}

#[test]
fn leaving_out_zero_weights_needs_a_weight_column() {
    let (samples, run) = samples(0);
    let options = into_run(&run).exclude_zero_weights(true);
    let error = collect_metrics(&samples, Loss::cross_entropy(), &predictor(), options);
    assert!(matches!(error, Err(Error::NoWeights { .. })));
}

#[test]
fn probabilities_are_those_of_every_class_where_they_are_asked_for() {
    let (samples, run) = samples(BATCH + 3);
    let collector = Classification::new(CLASSES).probabilities(true);
    let metrics = collect_metrics(&samples, collector, &predictor(), into_run(&run)).unwrap();
    let (probabilities, loss) = (vectors(&metrics, "probabilities"), floats(&metrics, "loss"));
    let confidence = floats(&metrics, "confidence");
    for (row, probabilities) in probabilities.iter().enumerate() {
        let target = samples.collected(row).unwrap().item.label as usize;
        let predicted = ints(&metrics, "predicted")[row] as usize;
        let sum: f32 = probabilities.iter().sum();
        let (found, expected) = (
            [sum, probabilities[target], probabilities[predicted]],
            [1.0, (-loss[row]).exp(), confidence[row]],
        );
        assert_close(&format!("row {row}"), &found, &expected, 1e-6);
    }
    let plain = Classification::new(CLASSES);
    let plain = collect_metrics(&samples, plain, &predictor(), into_run(&run)).unwrap();
    assert!(plain.schema().column("probabilities").is_none());
}

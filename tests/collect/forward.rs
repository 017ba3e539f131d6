//! What is collected is what a plain forward pass gives.

use crate::{BATCH, into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use tlc_burn::prelude::*;
use tlc_burn::{Activations, collect_metrics};
use tlc_tests::{CLASSES, Image, Net, Stack, assert_close, cpu, floats, ints, samples, vectors};

/// Logits and hidden activations of each image, by one pass without the pipeline.
fn plain_pass(images: Vec<Image>) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let rows = images.len();
    if rows == 0 {
        return (Vec::new(), Vec::new());
    }
    let model = Net::new(&cpu()).valid();
    let mut activations = Activations::of(["hidden"]);
    let output = model.predict(Stack.batch(images, &cpu()), &mut activations);
    let split = |values: Vec<f32>| {
        values
            .chunks(values.len() / rows)
            .map(<[f32]>::to_vec)
            .collect()
    };
    let hidden = activations.get("hidden").unwrap().flat();
    (
        split(output.logits.try_into_vec_as::<f32>().unwrap()),
        split(hidden.try_into_vec_as::<f32>().unwrap()),
    )
}

/// Cross-entropy and softmax probabilities in 64 bits.
fn oracle(logits: &[f32], label: usize) -> (f32, Vec<f32>) {
    let exponentials: Vec<f64> = logits.iter().map(|logit| f64::from(*logit).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    let probabilities: Vec<f32> = exponentials
        .iter()
        .map(|value| (value / sum) as f32)
        .collect();
    (-probabilities[label].ln(), probabilities)
}

fn assert_collected_as_computed(len: usize) {
    let (samples, run) = samples(len);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let metrics = collect_metrics(&samples, collectors, &predictor(), into_run(&run)).unwrap();
    let images: Vec<Image> = (0..len)
        .map(|row| samples.collected(row).unwrap().item)
        .collect();
    let (logits, hidden) = plain_pass(images.clone());

    assert_eq!(metrics.len(), len);
    assert_eq!(
        ints(&metrics, "example_id"),
        (0..len as i64).collect::<Vec<_>>()
    );
    let mut expected = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (logits, image) in logits.iter().zip(&images) {
        let (loss, probabilities) = oracle(logits, image.label as usize);
        let best = (0..4)
            .max_by(|a, b| logits[*a].total_cmp(&logits[*b]))
            .unwrap();
        expected.0.push(loss);
        expected.1.push(best as i64);
        expected.2.push(if best == image.label as usize {
            1.0
        } else {
            0.0
        });
        expected.3.push(probabilities[best]);
    }
    assert_close("loss", &floats(&metrics, "loss"), &expected.0, 1e-5);
    assert_eq!(ints(&metrics, "predicted"), expected.1);
    assert_close("accuracy", &floats(&metrics, "accuracy"), &expected.2, 0.0);
    assert_close(
        "confidence",
        &floats(&metrics, "confidence"),
        &expected.3,
        1e-5,
    );
    if len > 0 {
        let collected = vectors(&metrics, "embeddings_hidden").concat();
        assert_close("embeddings", &collected, &hidden.concat(), 1e-5);
    }
}

#[test]
fn an_empty_table_gives_a_metrics_table_without_rows() {
    assert_collected_as_computed(0);
}

#[test]
fn one_row_is_collected_as_a_plain_pass_computes_it() {
    assert_collected_as_computed(1);
}

#[test]
fn a_batch_less_one_row_is_collected_as_a_plain_pass_computes_it() {
    assert_collected_as_computed(BATCH - 1);
}

#[test]
fn exactly_one_batch_is_collected_as_a_plain_pass_computes_it() {
    assert_collected_as_computed(BATCH);
}

#[test]
fn a_batch_and_one_row_are_collected_as_a_plain_pass_computes_them() {
    assert_collected_as_computed(BATCH + 1);
}

#[test]
fn three_batches_and_seven_rows_are_collected_as_a_plain_pass_computes_them() {
    assert_collected_as_computed(3 * BATCH + 7);
}

/// Rows, losses and embeddings, as bits.
fn collected(len: usize, predictor: &Predictor<Net, Stack>) -> (Vec<i64>, Vec<u32>, Vec<u32>) {
    let (samples, run) = samples(len);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let metrics = collect_metrics(&samples, collectors, predictor, into_run(&run)).unwrap();
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect();
    (
        ints(&metrics, "example_id"),
        bits(&floats(&metrics, "loss")),
        bits(&vectors(&metrics, "embeddings_hidden").concat()),
    )
}

#[test]
fn padding_changes_no_value() {
    let len = 3 * BATCH + 7;
    let padded = collected(len, &predictor().pad_last(true));
    assert_eq!(padded.0.len(), len);
    assert!(padded == collected(len, &predictor().pad_last(false)));
}

#[test]
fn batches_side_by_side_give_the_bits_and_the_order_of_one_after_another() {
    for batches in 1..=9 {
        let len = batches * BATCH + batches % 3;
        let in_turn = collected(len, &predictor().in_flight(1));
        assert_eq!(in_turn.0, (0..len as i64).collect::<Vec<_>>());
        for in_flight in 2..=5 {
            let side_by_side = collected(len, &predictor().in_flight(in_flight));
            assert!(in_turn == side_by_side, "{len} rows, {in_flight} at once");
        }
    }
}

#[test]
fn a_model_in_training_is_collected_from_without_dropout() {
    let (samples, run) = samples(BATCH);
    let collect = || {
        let predictor = Predictor::new(&Net::new(&cpu()), Stack);
        let metrics = collect_metrics(&samples, Loss::cross_entropy(), &predictor, into_run(&run));
        floats(&metrics.unwrap(), "loss")
    };
    assert_eq!(collect(), collect());
}

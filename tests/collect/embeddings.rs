//! Embeddings from named activations.

use crate::{BATCH, into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::tensor::Tensor;
use tlc_burn::prelude::*;
use tlc_burn::{Activations, Error, collect_metrics};
use tlc_core::{MetricsTable, ValueType};
use tlc_tests::{Net, Stack, assert_close, cpu, samples, vectors};

const ROWS: usize = BATCH + 3;

/// The metrics of an embedding of `conv`, and the activation itself,
/// `[rows, 6, 6, 6]` in row-major order.
fn collected(reduce: Reduce) -> (MetricsTable, Vec<f32>) {
    let (samples, run) = samples(ROWS);
    let embeddings = Embeddings::of(["hidden"]).with("conv", reduce);
    let metrics = collect_metrics(&samples, embeddings, &predictor(), into_run(&run)).unwrap();
    let images = (0..ROWS)
        .map(|row| samples.collected(row).unwrap().item)
        .collect();
    let mut activations = Activations::of(["conv"]);
    Net::new(&cpu())
        .valid()
        .predict(Stack.batch(images, &cpu()), &mut activations);
    let conv = activations.get("conv").unwrap().tensor::<4>().unwrap();
    (metrics, conv.try_into_vec_as::<f32>().unwrap())
}

/// Averages windows of `[rows, 6, 6, 6]` that divide it evenly.
fn pooled(conv: &[f32], size: usize) -> Vec<f32> {
    let window = 6 / size;
    let mut means = Vec::new();
    for channel in conv.chunks(36) {
        for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
            let values = (0..window * window)
                .map(|at| channel[(y * window + at / window) * 6 + x * window + at % window]);
            means.push(values.sum::<f32>() / (window * window) as f32);
        }
    }
    means
}

fn assert_embeddings(metrics: &MetricsTable, dim: usize, expected: &[f32]) {
    let column = metrics.schema().column("embeddings_conv").unwrap();
    assert_eq!(column.value, ValueType::Embedding { dim });
    let collected = vectors(metrics, "embeddings_conv");
    assert_eq!(collected.len(), ROWS);
    assert_close("embeddings", &collected.concat(), expected, 1e-5);
}

#[test]
fn the_mean_keeps_one_value_a_channel() {
    let (metrics, conv) = collected(Reduce::Mean);
    assert_embeddings(&metrics, 6, &pooled(&conv, 1));
    let hidden = metrics.schema().column("embeddings_hidden").unwrap();
    assert_eq!(hidden.value, ValueType::Embedding { dim: 16 });
}

#[test]
fn flattening_keeps_every_value() {
    let (metrics, conv) = collected(Reduce::Flatten);
    assert_embeddings(&metrics, 216, &conv);
}

#[test]
fn average_pooling_keeps_one_two_or_three_rows_and_columns_a_channel() {
    for size in [1, 2, 3] {
        let (metrics, conv) = collected(Reduce::AvgPool(size));
        assert_embeddings(&metrics, 6 * size * size, &pooled(&conv, size));
    }
}

#[test]
fn a_closure_reduces_as_it_likes() {
    let (metrics, conv) = collected(Reduce::closure(|activation| {
        let conv: Tensor<4> = activation.tensor().ok_or("not rank 4")?;
        Ok::<_, &str>(conv.flatten::<2>(1, 3).narrow(1, 0, 2))
    }));
    let expected: Vec<f32> = conv.chunks(216).flat_map(|row| row[..2].to_vec()).collect();
    assert_embeddings(&metrics, 2, &expected);
}

#[test]
fn a_missing_activation_lists_those_that_exist() {
    let (samples, run) = samples(BATCH);
    let embeddings = Embeddings::of(["hidden", "pooled"]);
    let error = collect_metrics(&samples, embeddings, &predictor(), into_run(&run)).unwrap_err();
    let expected =
        "collector `embeddings`: the model taps no activation `pooled`, it taps: conv, hidden";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn pooling_an_activation_of_the_wrong_rank_names_column_and_shape() {
    let (samples, run) = samples(BATCH);
    let embeddings = Embeddings::of(["conv"]).with("hidden", Reduce::AvgPool(2));
    let error = collect_metrics(&samples, embeddings, &predictor(), into_run(&run)).unwrap_err();
    let expected = "collector `embeddings`, column `embeddings_hidden`: expected shape \
                    [batch, channels, height, width] to pool to 2x2, found [8, 16]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_reduction_that_loses_rows_names_column_and_rows() {
    let (samples, run) = samples(BATCH);
    let reduce = Reduce::closure(|activation| Ok::<_, String>(activation.flat().narrow(0, 0, 2)));
    let embeddings = Embeddings::of(["conv"]).with("hidden", reduce);
    let error = collect_metrics(&samples, embeddings, &predictor(), into_run(&run)).unwrap_err();
    assert!(
        matches!(
            &error,
            Error::BatchRows {
                items: 8,
                found: 2,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("`embeddings_hidden`: 2 rows for a batch of 8 items"),
        "{error}"
    );
}

#[test]
fn a_failing_reduction_names_the_collector() {
    let (samples, run) = samples(BATCH);
    let embeddings = Embeddings::of(["conv"]).with("hidden", Reduce::closure(|_| Err("no idea")));
    let error = collect_metrics(&samples, embeddings, &predictor(), into_run(&run)).unwrap_err();
    assert_eq!(error.to_string(), "collector `embeddings`: no idea");
}

//! Counts and means that a collection logs to its run.

use crate::{BATCH, echo, into_run, predictor};
use tlc_burn::collect_metrics;
use tlc_burn::prelude::*;
use tlc_core::{Axis, MetricsTable};
use tlc_tests::{CLASSES, doubles, samples, series};

const ROWS: usize = 2 * BATCH + 3;

fn mean(metrics: &MetricsTable, column: &str) -> f64 {
    doubles(metrics, column).iter().sum::<f64>() / metrics.len() as f64
}

#[test]
fn means_and_count_are_logged_under_the_split_over_the_epoch() {
    let (samples, run) = samples(ROWS);
    let mut tables = Vec::new();
    for epoch in [1, 2] {
        let options = into_run(&run)
            .split("train")
            .constant("epoch", epoch)
            .constant("note", "x");
        let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
        tables.push(collect_metrics(&samples, collectors, &predictor(), options).unwrap());
    }
    for column in ["loss", "accuracy", "confidence"] {
        let points = series(&run, &format!("train_{column}"));
        assert_eq!(points.len(), 2);
        for ((epoch, value), (number, table)) in points.iter().zip([1.0, 2.0].iter().zip(&tables)) {
            assert_eq!(epoch, number);
            assert!(
                (value - mean(table, column)).abs() < 1e-9,
                "{column}: {value}"
            );
        }
    }
    assert_eq!(
        series(&run, "train_count"),
        [(1.0, ROWS as f64), (2.0, ROWS as f64)]
    );
    let mut logged: Vec<_> = run
        .aggregates()
        .unwrap()
        .into_iter()
        .map(|s| (s.key, s.axis))
        .collect();
    logged.sort();
    let expected = [
        "train_accuracy",
        "train_confidence",
        "train_count",
        "train_loss",
    ];
    assert_eq!(logged, expected.map(|key| (key.to_owned(), Axis::Epoch)));
}

#[test]
fn without_a_split_the_columns_name_is_the_key() {
    let (samples, run) = samples(ROWS);
    let metrics = collect_metrics(
        &samples,
        Loss::cross_entropy(),
        &predictor(),
        into_run(&run),
    )
    .unwrap();
    assert!((series(&run, "loss")[0].1 - mean(&metrics, "loss")).abs() < 1e-9);
    assert_eq!(series(&run, "count")[0].1, ROWS as f64);
}

#[test]
fn a_collector_or_the_options_can_switch_aggregates_off() {
    let (samples, run) = samples(ROWS);
    let collector = Loss::cross_entropy().without_aggregates();
    collect_metrics(&samples, collector, &predictor(), into_run(&run)).unwrap();
    let keys = || {
        run.aggregates()
            .unwrap()
            .into_iter()
            .map(|series| series.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(), ["count"]);

    let options = into_run(&run).split("off").aggregates(false);
    collect_metrics(&samples, Loss::cross_entropy(), &predictor(), options).unwrap();
    assert_eq!(keys(), ["count"]);
}

#[test]
fn the_mean_over_a_nan_is_nan() {
    let (samples, run) = samples(BATCH);
    let samples = samples.try_map_collect_metrics(|row| {
        let mut image = tlc_tests::decode(row)?;
        image.values[0] = f32::NAN;
        Ok::<_, String>(image)
    });
    collect_metrics(
        &samples,
        Classification::new(CLASSES),
        &echo(),
        into_run(&run),
    )
    .unwrap();
    assert!(series(&run, "loss")[0].1.is_nan());
    assert_eq!(series(&run, "accuracy")[0].1, 0.0);
}

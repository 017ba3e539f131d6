//! Metrics beside the samples they are about.

use crate::{BATCH, into_run, predictor};
use burn::tensor::{Int, Tensor};
use serde::Deserialize;
use std::path::Path;
use tlc_burn::collect_metrics;
use tlc_burn::prelude::*;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Int32Type, Int64Type};
use tlc_core::{MetricsTable, Table, TableOptions};
use tlc_tests::{Image, Images, Stack, samples};

/// The targets the model saw, as a column to hold against the joined labels.
fn targets(batch: &Images, _: &ClassificationInput) -> (&'static str, Tensor<1, Int>) {
    ("target", batch.targets.clone())
}

fn assert_labels_are_targets(metrics: &MetricsTable, rows: usize) {
    let mut seen = 0;
    for batch in metrics.join(&["label"]).unwrap() {
        let batch = batch.unwrap();
        let label = cast(batch.column_by_name("label").unwrap(), &DataType::Int64).unwrap();
        let target = batch.column_by_name("target").unwrap();
        assert_eq!(
            label.as_primitive::<Int64Type>(),
            target.as_primitive::<Int64Type>()
        );
        seen += batch.num_rows();
    }
    assert_eq!(seen, rows);
}

#[test]
fn joined_labels_are_the_targets_the_model_saw() {
    let (samples, run) = samples(3 * BATCH + 7);
    collect_metrics(&samples, targets, &predictor(), into_run(&run)).unwrap();
    assert_labels_are_targets(&run.metrics().unwrap()[0], 3 * BATCH + 7);
}

#[derive(Deserialize)]
struct Digit {
    image: Vec<u8>,
    label: i32,
}

fn decode(row: Digit) -> Result<Image, image::ImageError> {
    let grey = image::load_from_memory(&row.image)?.into_luma8();
    let values = grey
        .pixels()
        .map(|pixel| f32::from(pixel.0[0]) / 255.0)
        .collect();
    // Four classes, so that the small net fits.
    Ok(Image {
        values,
        label: row.label % 4,
    })
}

#[test]
fn real_digits_are_decoded_and_joined_to_their_labels() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/digits8x8.parquet");
    let root = tlc_tests::root();
    let options = TableOptions::new("tests", "digits", "test").root(&root);
    let table = Table::from_parquet(file, options).unwrap();
    let samples = table.samples().try_map(decode);
    let run = tlc_tests::run_in(&root);
    let predictor = Predictor::new(&tlc_tests::Net::new(&tlc_tests::cpu()), Stack).batch_size(100);
    collect_metrics(&samples, targets, &predictor, into_run(&run)).unwrap();

    let mut rows = 0;
    for batch in run.metrics().unwrap()[0].join(&["label"]).unwrap() {
        let batch = batch.unwrap();
        let label = batch
            .column_by_name("label")
            .unwrap()
            .as_primitive::<Int32Type>();
        let target = batch
            .column_by_name("target")
            .unwrap()
            .as_primitive::<Int64Type>();
        for (label, target) in label.values().iter().zip(target.values()) {
            assert_eq!(i64::from(label % 4), *target);
        }
        rows += batch.num_rows();
    }
    assert_eq!(rows, 1797);
}

#[test]
fn a_revision_is_collected_from_as_it_is_and_joins_its_base() {
    let (base, run) = samples(3 * BATCH);
    let mut editor = base.table().edit().unwrap();
    editor
        .set("label", 5, 0)
        .unwrap()
        .drop_rows([0, 7])
        .unwrap();
    let edited = editor.commit("edited").unwrap();
    let mut shuffled = edited.derive().unwrap();
    let shuffled = shuffled.shuffle(1).unwrap().commit("shuffled").unwrap();
    let of_revision = shuffled.samples().try_map(tlc_tests::decode);
    let options = into_run(&run).stream("revision");
    let metrics = collect_metrics(&of_revision, targets, &predictor(), options).unwrap();
    assert_labels_are_targets(&metrics, 3 * BATCH - 2);
    // By row of the base, where one label was another.
    let mut others = Vec::new();
    for batch in metrics.join_with(base.table(), &["label"]).unwrap() {
        let batch = batch.unwrap();
        let label = cast(batch.column_by_name("label").unwrap(), &DataType::Int64).unwrap();
        let rows = batch[tlc_core::TABLE_ROW].as_primitive::<Int64Type>();
        let pairs = label.as_primitive::<Int64Type>().values().iter();
        let targets = batch["target"].as_primitive::<Int64Type>().values();
        for ((label, target), row) in pairs.zip(targets).zip(rows.values()) {
            if label != target {
                others.push(*row);
            }
        }
    }
    assert_eq!(others, [5]);
}

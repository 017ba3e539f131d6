//! What only the host phase by itself can show.

use super::host::{HostBatch, HostTensor};
use super::{Detection, MetricsCollector, Segmentation, Summarized};
use crate::ExampleId;
use burn::tensor::{Element, TensorData};
use std::sync::OnceLock;
use tlc_core::Columns;

/// A batch as the device would give it back.
fn batch(rows: usize, tensors: Vec<HostTensor>, shapes: &[(&str, &[usize])]) -> HostBatch {
    HostBatch {
        collector: "test".to_owned(),
        example_ids: (0..rows).map(ExampleId).collect(),
        tensors,
        columns: Vec::new(),
        shapes: shapes
            .iter()
            .map(|(name, dims)| ((*name).to_owned(), dims.to_vec()))
            .collect(),
        made: OnceLock::new(),
    }
}

fn tensor<E: Element>(name: &str, dims: &[usize], value: impl Fn(usize) -> E) -> HostTensor {
    let values: Vec<E> = (0..dims.iter().product()).map(value).collect();
    HostTensor {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data: TensorData::new(values, dims.to_vec()),
    }
}

/// Numbers that look random and are the same each time.
fn mixed(at: usize) -> usize {
    let mut x = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    (x.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) as usize
}

/// Masks of runs of pixels, of which some are predicted wrong.
fn masks(rows: usize, side: usize, classes: usize) -> HostBatch {
    let class = |pixel: usize| (mixed(pixel / 32) % classes) as i64;
    let wrong = |pixel: usize| mixed(pixel).is_multiple_of(10);
    let dims = [rows, side, side];
    let predicted = |pixel| class(if wrong(pixel) { pixel + 32 } else { pixel });
    let tensors = vec![
        tensor("loss", &[rows], |_| 1.0_f32),
        tensor("predicted", &dims, predicted),
        tensor("targets", &dims, class),
    ];
    batch(rows, tensors, &[("logits", &[rows, classes, side, side])])
}

/// Images with boxes near the ground truths, of falling score.
fn boxes(rows: usize, found: usize, truths: usize, classes: usize) -> HostBatch {
    let corner = |image: usize, truth: usize, number: usize| {
        let start = mixed(image * 1000 + truth * 2 + number % 2) % 400;
        start as f32 + if number < 2 { 0.0 } else { 60.0 }
    };
    let label = |image: usize, truth: usize| (mixed(image * 77 + truth) % classes) as i64;
    let tensors = vec![
        tensor("predicted boxes", &[rows, found, 4], |at| {
            let (image, place) = (at / 4 / found, at / 4 % found);
            corner(image, place % truths, at % 4) + (mixed(at / 4) % 20) as f32
        }),
        tensor("predicted labels", &[rows, found], |at| {
            label(at / found, at % found % truths)
        }),
        tensor("predicted counts", &[rows], |_| found as i64),
        tensor("scores", &[rows, found], |at| {
            (mixed(at) % 1000) as f32 / 1000.0
        }),
        tensor("true boxes", &[rows, truths, 4], |at| {
            corner(at / 4 / truths, at / 4 % truths, at % 4)
        }),
        tensor("true labels", &[rows, truths], |at| {
            label(at / truths, at % truths)
        }),
        tensor("true counts", &[rows], |_| truths as i64),
    ];
    batch(rows, tensors, &[])
}

/// Columns and summary; the summary reads the batch, or what is `left` of it.
fn both(
    collector: &impl MetricsCollector,
    batch: &mut HostBatch,
    left: impl FnOnce(&mut HostBatch),
) -> (Columns, Summarized) {
    let columns = collector.collect(batch).unwrap();
    let mut summary = collector.summary().unwrap();
    left(batch);
    summary.add(batch, &columns).unwrap();
    (columns, summary.finish().unwrap())
}

fn assert_worked_out_once(collector: &impl MetricsCollector, batch: &HostBatch) {
    let (_, expected) = both(collector, &mut batch.clone(), |batch| {
        batch.made = OnceLock::new();
    });
    let (_, found) = both(collector, &mut batch.clone(), |batch| batch.tensors.clear());
    assert_eq!(found.values, expected.values);
    assert!(!found.values.is_empty());
}

#[test]
fn the_summary_of_segmentation_counts_no_pixel_again() {
    let collector = Segmentation::new(["a", "b", "c"]);
    assert_worked_out_once(&collector, &masks(3, 16, 3));
}

#[test]
fn the_summary_of_detection_reads_no_box_again() {
    let collector = Detection::new(["a", "b", "c"]);
    assert_worked_out_once(&collector, &boxes(3, 40, 5, 3));
}

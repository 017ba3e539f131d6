//! Whether a device computes what the CPU does.

use crate::{BATCH, predictor};
use burn::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_burn::prelude::*;
use tlc_burn::verify_device;
use tlc_tests::{CLASSES, Images, Stack, cpu, samples};

/// A model whose second pass, the one on the device, adds a half to the logits of the
/// last class.
#[derive(Module, Debug)]
struct Unsteady {}

static PASSES: AtomicUsize = AtomicUsize::new(0);

impl Predict for Unsteady {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, _: &mut impl Tap) -> ClassificationInput {
        let pass = PASSES.fetch_add(1, Ordering::SeqCst);
        let device = batch.inputs.device();
        let error = Tensor::<2>::from_floats([[0.0, 0.0, 0.0, 0.5 * pass as f32]], &device);
        let logits = batch.inputs.flatten::<2>(1, 3).narrow(1, 0, 4) + error;
        ClassificationInput::new(logits, batch.targets)
    }
}

#[test]
fn a_device_that_computes_as_the_cpu_does_differs_in_nothing() {
    let (samples, _) = samples(3 * BATCH);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let check = verify_device(&samples, collectors, &predictor()).unwrap();
    let tensors: Vec<_> = check
        .differences
        .iter()
        .map(|one| one.tensor.as_str())
        .collect();
    let expected = [
        "targets",
        "loss",
        "predicted",
        "confidence",
        "embeddings_hidden",
    ];
    assert_eq!((check.rows, tensors.as_slice()), (BATCH, &expected[..]));
    assert_eq!(check.largest(), 0.0);
}

#[test]
fn a_device_that_computes_otherwise_is_told_by_collector_and_tensor() {
    let (samples, _) = samples(BATCH);
    let predictor = Predictor::new(&Unsteady {}, Stack).device(&cpu());
    let logits = |output: &ClassificationInput| ("logits", output.logits.clone());
    let collectors = (Functional::new("raw", logits), Classification::new(CLASSES));
    let check = verify_device(&samples, collectors, &predictor).unwrap();
    let raw = &check.differences[0];
    assert_eq!(
        (raw.collector.as_str(), raw.tensor.as_str()),
        ("raw", "logits")
    );
    assert!((raw.largest - 0.5).abs() < 1e-6, "{check:?}");
    assert!(check.largest() >= 0.5);
}

#[test]
fn a_table_without_rows_has_nothing_to_compare() {
    let (samples, _) = samples(0);
    let check = verify_device(&samples, Classification::new(CLASSES), &predictor()).unwrap();
    assert_eq!((check.rows, check.differences.len()), (0, 0));
}

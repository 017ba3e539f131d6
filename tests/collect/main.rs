//! Collection of metrics from a Burn model, from the table to the columns.

#![allow(clippy::panic, clippy::unwrap_used)] // a test may fail loudly

mod aggregates;
mod augmentation;
mod background;
mod binary;
mod class_maps;
mod classification;
mod collectors;
mod ctrl_c;
mod detection;
mod difficulty;
mod embeddings;
mod failures;
mod faults;
mod forward;
mod joins;
mod multi_label;
mod options;
mod order;
mod per_class;
mod regression;
mod samplers;
mod segmentation;
mod sequence;
mod soak;
mod subsets;
mod tokens;
mod top_k;
mod verify;

use burn::prelude::*;
use tlc_burn::prelude::*;
use tlc_core::Run;
use tlc_tests::{Images, Net, Stack, cpu};

/// Rows of a batch in these tests.
const BATCH: usize = 8;

fn predictor() -> Predictor<Net, Stack> {
    Predictor::new(&Net::new(&cpu()), Stack).batch_size(BATCH)
}

fn into_run(run: &Run) -> CollectOptions {
    CollectOptions::new().run(run).progress(false)
}

/// A model that says what its input says: `[batch, 1, 8, 8]` gives its first four
/// values as logits.
#[derive(Module, Debug)]
struct Echo {}

impl Predict for Echo {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, tap: &mut impl Tap) -> ClassificationInput {
        let logits = batch.inputs.flatten::<2>(1, 3).narrow(1, 0, 4);
        tap.tap("logits", &logits);
        ClassificationInput::new(logits, batch.targets)
    }
}

fn echo() -> Predictor<Echo, Stack> {
    Predictor::new(&Echo {}, Stack)
        .device(&cpu())
        .batch_size(BATCH)
}

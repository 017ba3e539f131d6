//! Collection inside Burn's own `Learner`.

#![allow(clippy::panic, clippy::unwrap_used)] // a test may fail loudly

mod beside_burn;
mod cancel;
mod collect;
mod failures;
mod logger;
mod parity;
mod sampled;
mod strategy;

use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tlc_burn::prelude::*;
use tlc_burn::{Indexed, SampleMetrics, SampleOutput};
use tlc_core::{MetricsTable, Run};
use tlc_tests::{CLASSES, Image, Images, Pixels, SIDE, Stack, cpu, fixed, floats, ints};

/// Rows of a batch in these tests.
const BATCH: usize = 8;
/// Rows to train on; the last batch is not full.
const TRAIN: usize = 3 * BATCH + 4;
/// Rows to validate on.
const VALID: usize = 2 * BATCH + 3;
const LEARNING_RATE: f64 = 0.2;

/// Two layers: nothing in it is random.
#[derive(Module, Debug)]
struct Mlp {
    hidden: Linear,
    head: Linear,
}

impl Mlp {
    fn new() -> Self {
        let device = cpu().autodiff();
        fixed(Self {
            hidden: LinearConfig::new(SIDE * SIDE, 16).init(&device),
            head: LinearConfig::new(16, CLASSES.len()).init(&device),
        })
    }

    fn classify(&self, batch: Images) -> ClassificationOutput {
        let targets = batch.targets.clone();
        let logits = self.predict(batch, &mut ()).logits;
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        let loss = loss.forward(logits.clone(), targets.clone());
        ClassificationOutput::new(loss, logits, targets)
    }

    fn weights(&self) -> Vec<f32> {
        let weights = [&self.hidden, &self.head].map(|layer| layer.weight.val().into_data());
        weights
            .iter()
            .flat_map(|data| data.try_to_vec::<f32>().unwrap())
            .collect()
    }
}

impl Predict for Mlp {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, tap: &mut impl Tap) -> ClassificationInput {
        let hidden = relu(self.hidden.forward(batch.inputs.flatten::<2>(1, 3))); // [batch, 16]
        tap.tap("hidden", &hidden);
        ClassificationInput::new(self.head.forward(hidden), batch.targets)
    }
}

impl TrainStep for Mlp {
    type Input = Indexed<Images>;
    type Output = ClassificationOutput;

    fn step(&self, batch: Indexed<Images>) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch.batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Mlp {
    type Input = Indexed<Images>;
    type Output = SampleOutput<ClassificationOutput>;

    fn step(&self, batch: Indexed<Images>) -> Self::Output {
        SampleOutput::new(batch.example_ids, self.classify(batch.batch))
    }
}

/// Samples to train and to validate on, and a run.
struct Setup {
    train: Samples<Pixels, Image>,
    valid: Samples<Pixels, Image>,
    run: Run,
}

impl Setup {
    fn new() -> Self {
        Self::of(TRAIN, VALID)
    }

    fn of(train: usize, valid: usize) -> Self {
        let (train, run) = tlc_tests::samples(train);
        let (valid, _) = tlc_tests::samples(valid);
        Self { train, valid, run }
    }

    /// A training of so many epochs, with Burn's own loss and accuracy.
    fn training(&self, folder: &Path, epochs: usize) -> SupervisedTraining<Mlp> {
        SupervisedTraining::new(folder, batches(&self.train), batches(&self.valid))
            .metrics((LossMetric::new(), AccuracyMetric::new()))
            .with_application_logger(None)
            .num_epochs(epochs)
    }

    fn sample_metrics(&self, run: &Run) -> SampleMetrics<ClassificationInput> {
        let options = CollectOptions::new().run(run).split("valid");
        SampleMetrics::new(self.valid.table(), Classification::new(CLASSES), options)
    }
}

fn batches(samples: &Samples<Pixels, Image>) -> Arc<dyn DataLoader<Indexed<Images>>> {
    DataLoaderBuilder::new(WithIds(Stack))
        .batch_size(BATCH)
        .build(samples.clone())
}

fn learner() -> Learner<Mlp> {
    Learner::new(Mlp::new(), SgdConfig::new().init(), LEARNING_RATE)
}

/// Collects from samples with a model of an epoch.
fn collect(
    samples: &Samples<Pixels, Image>,
    model: &Mlp,
    run: &Run,
    epoch: usize,
) -> tlc_burn::Result<MetricsTable> {
    collect_metrics(
        samples,
        Classification::new(CLASSES),
        &Predictor::new(model, Stack).batch_size(BATCH),
        CollectOptions::new()
            .run(run)
            .split("valid")
            .epoch(epoch)
            .progress(false),
    )
}

/// The epochs a collection was called at.
#[derive(Clone, Default)]
struct Epochs(Arc<Mutex<Vec<usize>>>);

impl Epochs {
    fn add(&self, epoch: usize) {
        self.0.lock().unwrap().push(epoch);
    }

    fn seen(&self) -> Vec<usize> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self) -> impl FnMut(usize, &Mlp) -> Result<(), String> + Send + 'static {
        let epochs = self.clone();
        move |epoch, _| {
            epochs.add(epoch);
            Ok(())
        }
    }
}

/// The one epoch of a metrics table.
fn epoch_of(table: &MetricsTable) -> i64 {
    let epochs = ints(table, "epoch");
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0]), "{epochs:?}");
    epochs[0]
}

/// Asserts that tables of the same epochs hold the same rows.
fn assert_same(what: &str, left: &[MetricsTable], right: &[MetricsTable], tolerance: f32) {
    assert_eq!(left.len(), right.len(), "{what}: tables");
    for (left, right) in left.iter().zip(right) {
        let epoch = epoch_of(left);
        assert_eq!(epoch, epoch_of(right), "{what}");
        let names = |table: &MetricsTable| -> Vec<String> {
            table.schema().names().map(str::to_owned).collect()
        };
        assert_eq!(names(left), names(right), "{what}");
        assert_eq!(
            ints(left, "example_id"),
            ints(right, "example_id"),
            "{what}"
        );
        assert_eq!(ints(left, "predicted"), ints(right, "predicted"), "{what}");
        for column in ["loss", "accuracy", "confidence"] {
            let what = format!("{what}, epoch {epoch}, {column}");
            tlc_tests::assert_close(
                &what,
                &floats(left, column),
                &floats(right, column),
                tolerance,
            );
        }
    }
}

//! Collection by a model's own `InferenceStep`, with nothing changed in the model but a tap.

use crate::{BATCH, LEARNING_RATE, TRAIN, VALID, epoch_of};
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::SgdConfig;
use burn::prelude::*;
use burn::tensor::activation::{log_softmax, relu};
use burn::train::{
    ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
};
use std::path::Path;
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_burn::{CollectInTraining, OnFailure, Schedule};
use tlc_core::{MetricsTable, Run, Status, Table, TableOptions, Url};
use tlc_tests::{
    CLASSES, Image, Images, Pixels, SIDE, Stack, assert_close, cpu, fixed, floats, vectors,
};

/// What a user of Burn writes.
#[derive(Module, Debug)]
pub(crate) struct Plain {
    hidden: Linear,
    head: Linear,
}

impl Plain {
    fn new() -> Self {
        let device = cpu().autodiff();
        fixed(Self {
            hidden: LinearConfig::new(SIDE * SIDE, 16).init(&device),
            head: LinearConfig::new(16, CLASSES.len()).init(&device),
        })
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let hidden = relu(self.hidden.forward(images.flatten::<2>(1, 3))); // [batch, 16]
        tap("hidden", &hidden);
        self.head.forward(hidden)
    }

    fn classify(&self, batch: Images) -> ClassificationOutput {
        let logits = self.forward(batch.inputs);
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        let loss = loss.forward(logits.clone(), batch.targets.clone());
        ClassificationOutput::new(loss, logits, batch.targets)
    }
}

impl TrainStep for Plain {
    type Input = Images;
    type Output = ClassificationOutput;

    fn step(&self, batch: Images) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Plain {
    type Input = Images;
    type Output = ClassificationOutput;

    fn step(&self, batch: Images) -> ClassificationOutput {
        self.classify(batch)
    }
}

pub(crate) struct Setup {
    pub(crate) train: Samples<Pixels, Image>,
    pub(crate) valid: Samples<Pixels, Image>,
    pub(crate) run: Run,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self::of(TRAIN, VALID)
    }

    pub(crate) fn of(train: usize, valid: usize) -> Self {
        let root = tlc_tests::root();
        Self {
            train: table("train", train, &root)
                .samples()
                .try_map(tlc_tests::decode),
            valid: table("valid", valid, &root)
                .samples()
                .try_map(tlc_tests::decode),
            run: tlc_tests::run_in(&root),
        }
    }

    pub(crate) fn training(&self, folder: &Path, epochs: usize) -> SupervisedTraining<Plain> {
        SupervisedTraining::new(folder, batches(&self.train), batches(&self.valid))
            .with_application_logger(None)
            .num_epochs(epochs)
    }

    pub(crate) fn options(&self) -> CollectOptions {
        CollectOptions::new().run(&self.run).progress(false)
    }
}

fn table(name: &str, rows: usize, root: &Url) -> Table {
    let options = TableOptions::new("tests", name, "initial").root(root);
    Table::create(options, |writer| writer.add_rows(&tlc_tests::rows(rows))).unwrap()
}

fn batches(samples: &Samples<Pixels, Image>) -> Arc<dyn DataLoader<Images>> {
    DataLoaderBuilder::new(Stack)
        .batch_size(BATCH)
        .build(samples.clone())
}

pub(crate) fn learner() -> Learner<Plain> {
    Learner::new(Plain::new(), SgdConfig::new().init(), LEARNING_RATE)
}

/// The epochs of the tables about these samples.
pub(crate) fn epochs_about(run: &Run, samples: &Samples<Pixels, Image>) -> Vec<i64> {
    let tables = run.metrics().unwrap();
    let about = tables
        .iter()
        .filter(|table| table.is_about(samples.table()));
    about.map(epoch_of).collect()
}

fn newest_about(run: &Run, samples: &Samples<Pixels, Image>) -> MetricsTable {
    let tables = run.metrics().unwrap().into_iter().rev();
    tables
        .into_iter()
        .find(|table| table.is_about(samples.table()))
        .unwrap()
}

#[test]
fn a_model_that_has_an_inference_step_is_collected_from_as_it_is() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let samples = [&setup.train, &setup.valid];
    let schedule = Schedule::every(2);
    let result = setup
        .training(folder.path(), 3)
        .collecting()
        .collect_with(Stack, samples, collectors, schedule, setup.options())
        .launch(learner())
        .unwrap();
    for samples in samples {
        assert_eq!(epochs_about(&setup.run, samples), [1, 3]);
        // What a plain forward pass over all rows says.
        let items = (0..samples.len()).map(|row| samples.collected(row).unwrap().item);
        let items: Vec<_> = items.collect();
        let batch = burn::data::dataloader::batcher::Batcher::batch(&Stack, items, &cpu());
        let model = result.model.clone();
        let hidden = relu(
            model
                .hidden
                .forward(batch.inputs.clone().flatten::<2>(1, 3)),
        );
        let logits = model.forward(batch.inputs);
        let targets = batch.targets.unsqueeze_dim::<2>(1);
        let losses = log_softmax(logits, 1).gather(1, targets).neg();
        let of = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().unwrap();
        let metrics = newest_about(&setup.run, samples);
        assert_close("losses", &floats(&metrics, "loss"), &of(losses), 1e-5);
        let vectors: Vec<f32> = vectors(&metrics, "embeddings_hidden").concat();
        assert_close("embeddings", &vectors, &of(hidden), 1e-5);
    }
    for key in ["train_loss", "valid_loss"] {
        assert_eq!(tlc_tests::series(&setup.run, key).len(), 2, "{key}");
    }
}

#[test]
fn collections_add_up_and_are_made_in_their_order() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let (train, valid) = (&setup.train, &setup.valid);
    let collectors = || Classification::new(CLASSES);
    let (every, last) = (Schedule::every_epoch(), Schedule::last_epoch());
    let (seen, run) = (std::sync::mpsc::channel(), setup.run.clone());
    let (sender, seen) = seen;
    setup
        .training(folder.path(), 2)
        .collecting()
        .collect_with(Stack, [valid], collectors(), every, setup.options())
        .collect_with(Stack, [train], collectors(), last, setup.options())
        .collect_at(every, move |epoch, _| {
            let tables = run.metrics().map(|tables| tables.len())?;
            sender.send((epoch, tables)).map_err(tlc_core_error)
        })
        .launch(learner())
        .unwrap();
    assert_eq!(epochs_about(&setup.run, train), [2]);
    assert_eq!(epochs_about(&setup.run, valid), [1, 2]);
    assert_eq!(seen.iter().collect::<Vec<_>>(), [(1, 1), (2, 3)]);
}

fn tlc_core_error<E>(_: E) -> tlc_core::Error {
    tlc_core::Error::NoActiveRun
}

#[test]
fn a_training_whose_collection_failed_is_an_error_that_has_the_model_and_the_run_says_why() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let failed = setup
        .training(folder.path(), 5)
        .collect_at(Schedule::every(2), |_, _: &Plain| {
            Err::<(), _>("no more space")
        })
        .run(&setup.run)
        .launch(learner())
        .err()
        .unwrap();
    let reason = "no more space";
    assert!(failed.to_string().contains(reason), "{failed}");
    assert_ne!(weights(&failed.model), weights(&Plain::new()));
    let run = Run::from_url(setup.run.url()).unwrap();
    assert_eq!(run.status().unwrap(), Status::Failed);
    assert!(run.failure().unwrap().contains(reason));
}

#[test]
fn what_does_not_fit_is_known_before_the_first_epoch() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let wrong = Classification::new(["cat", "dog"]);
    let last = Schedule::last_epoch();
    let failed = setup
        .training(folder.path(), 5)
        .collecting()
        .collect_with(Stack, [&setup.valid], wrong, last, setup.options())
        .launch(learner())
        .err()
        .unwrap();
    let reason = "2 class names for logits of shape [19, 4]";
    assert!(failed.to_string().contains(reason), "{failed}");
    assert_eq!(weights(&failed.model), weights(&Plain::new()));
    assert_eq!(setup.run.status().unwrap(), Status::Failed);
    assert!(setup.run.failure().unwrap().contains(reason));
    assert!(setup.run.unfinished_metrics().unwrap().is_empty());
}

#[test]
fn a_training_may_go_on_without_a_collection_that_fails_and_the_others_go_on_too() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let wrong = Classification::new(["cat", "dog"]);
    let right = Classification::new(CLASSES);
    let every = Schedule::every_epoch();
    let result = setup
        .training(folder.path(), 3)
        .collecting()
        .collect_with(Stack, [&setup.train], wrong, every, setup.options())
        .collect_with(Stack, [&setup.valid], right, every, setup.options())
        .on_failure(OnFailure::GoOn)
        .launch(learner())
        .unwrap();
    assert!(result.error.is_none());
    assert_eq!(epochs_about(&setup.run, &setup.valid), [1, 2, 3]);
    assert!(epochs_about(&setup.run, &setup.train).is_empty());
    let run = Run::from_url(setup.run.url()).unwrap();
    assert_eq!(run.status().unwrap(), Status::Failed);
    assert!(run.failure().unwrap().contains("2 class names"));
}

#[test]
fn a_name_that_the_model_does_not_tap_is_an_error_that_says_what_it_taps() {
    let setup = Setup::new();
    let predictor = Predictor::of_step(&Plain::new(), Stack);
    let collectors = Embeddings::of(["hiden"]);
    let error = collect_metrics(&setup.valid, collectors, &predictor, setup.options());
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("no activation `hiden`, it taps: hidden"),
        "{text}"
    );
}

#[test]
fn a_closure_over_the_model_is_a_forward_pass_with_the_same_rows() {
    let setup = Setup::new();
    let model = Plain::new();
    let by = Predictor::by(&model, Stack, |model: &Plain, batch: Images| {
        ClassificationInput::new(model.forward(batch.inputs), batch.targets)
    });
    let of_step = Predictor::of_step(&model, Stack);
    let collectors = || (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let by = collect_metrics(&setup.valid, collectors(), &by, setup.options()).unwrap();
    let of_step = collect_metrics(&setup.valid, collectors(), &of_step, setup.options()).unwrap();
    assert_eq!(floats(&by, "loss"), floats(&of_step, "loss"));
    let vectors = |metrics| vectors(metrics, "embeddings_hidden");
    assert_eq!(vectors(&by), vectors(&of_step));
}

fn weights(model: &Plain) -> Vec<f32> {
    let data = model.head.weight.val().into_data();
    data.try_to_vec::<f32>().unwrap()
}

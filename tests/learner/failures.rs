//! An error of a collection stops the training, says what it is, and loses nothing.

use crate::{BATCH, Mlp, Setup, collect, epoch_of, learner};
use burn::tensor::TensorReadError;
use burn::train::metric::{Metric, MetricMetadata, MetricName, SerializedEntry};
use burn::train::{Interrupter, LearningResult};
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_burn::{CollectInTraining, SampleMetrics, Schedule};
use tlc_tests::{CLASSES, ints};

fn reason<T, E: ToString>(result: Result<T, E>) -> String {
    result
        .err()
        .map_or_else(|| "no error".to_owned(), |error| error.to_string())
}

fn message(result: &LearningResult<Mlp>) -> String {
    let error = result.error.as_ref();
    error.map_or_else(|| "no error".to_owned(), |error| error.to_string())
}

#[test]
fn an_error_of_the_collection_stops_the_training_after_the_checkpoint() {
    for in_background in [false, true] {
        let setup = Setup::new();
        let folder = tempfile::tempdir().unwrap();
        let (valid, run) = (setup.valid.clone(), setup.run.clone());
        let hook = move |epoch: usize, model: &Mlp| {
            collect(&valid, model, &run, epoch).map_err(|error| error.to_string())?;
            if epoch == 2 {
                Err("full disk".to_owned())
            } else {
                Ok(())
            }
        };
        let training = setup
            .training(folder.path(), 9)
            .with_default_checkpointers();
        let training = if in_background {
            training
                .collect_in_background_at(Schedule::every_epoch(), hook)
                .unwrap()
        } else {
            training.collect_at(Schedule::every_epoch(), hook)
        };
        let text = reason(training.launch(learner()));
        assert!(text.contains("collection at epoch 2: full disk"), "{text}");
        let epochs: Vec<_> = setup.run.metrics().unwrap().iter().map(epoch_of).collect();
        assert!(
            epochs.starts_with(&[1, 2]) && epochs.len() < 9,
            "{epochs:?}"
        );
        let checkpoint = folder.path().join("checkpoint");
        let files: Vec<_> = std::fs::read_dir(checkpoint).unwrap().collect();
        let second = |entry: &std::io::Result<std::fs::DirEntry>| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("model-2")
        };
        assert!(in_background || files.iter().any(second), "{files:?}");
    }
}

#[test]
fn a_panic_of_the_collection_is_the_trainings_error() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let result = setup
        .training(folder.path(), 9)
        .collect_at(Schedule::every_epoch(), |epoch, _: &Mlp| {
            assert!(epoch < 2, "torn model");
            Ok::<_, String>(())
        })
        .launch(learner());
    let text = reason(result);
    assert!(
        text.contains("panic in the collection at epoch 2: torn model"),
        "{text}"
    );
}

#[test]
fn an_error_at_the_last_epoch_in_the_background_is_not_lost() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let result = setup
        .training(folder.path(), 2)
        .collect_in_background_at(Schedule::last_epoch(), |_, _: &Mlp| {
            Err::<(), _>("full disk")
        })
        .unwrap()
        .launch(learner());
    let text = reason(result);
    assert!(text.contains("collection at epoch 2: full disk"), "{text}");
}

#[test]
fn an_error_of_sample_metrics_stops_the_training_and_names_the_collector() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let options = CollectOptions::new().run(&setup.run);
    let collector = Classification::new(["cat", "dog"]);
    let metric = SampleMetrics::<ClassificationInput>::new(setup.valid.table(), collector, options);
    let result = setup
        .training(folder.path(), 9)
        .collect_validation(metric)
        .launch(learner());
    let text = message(&result);
    let expected = "collector `classification`: 2 class names for logits of shape [8, 4]";
    assert!(text.contains(expected), "{text}");
    assert!(setup.run.metrics().unwrap().is_empty());
}

#[test]
fn embeddings_of_the_validation_pass_are_a_clear_error() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let options = CollectOptions::new().run(&setup.run);
    let collector = Embeddings::of(["hidden"]);
    let metric = SampleMetrics::<ClassificationInput>::new(setup.valid.table(), collector, options);
    let result = setup
        .training(folder.path(), 1)
        .collect_validation(metric)
        .launch(learner());
    let text = message(&result);
    assert!(
        text.contains("`hidden` cannot be had from outputs alone"),
        "{text}"
    );
}

/// Stops the training at its second epoch's first validation batch.
#[derive(Clone)]
struct StopInValidation {
    interrupter: Interrupter,
    epoch: usize,
}

impl Metric for StopInValidation {
    type Input = ();

    fn name(&self) -> MetricName {
        Arc::new("Stop".to_owned())
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        if self.epoch == 2 {
            self.interrupter.stop(Some("enough"));
        }
        self.compute()
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(SerializedEntry::new(String::new(), String::new()))
    }

    fn clear(&mut self) {
        self.epoch += 1;
    }
}

#[test]
fn an_interrupted_validation_pass_is_kept_as_an_unfinished_table() {
    let setup = Setup::of(BATCH, 20 * BATCH);
    let folder = tempfile::tempdir().unwrap();
    let training = setup.training(folder.path(), 9);
    let stop = StopInValidation {
        interrupter: training.interrupter(),
        epoch: 1,
    };
    let result = training
        .metric_valid(stop)
        .collect_validation(setup.sample_metrics(&setup.run))
        .launch(learner());
    assert!(result.error.is_none() && result.interrupted.is_some());
    let tables = setup.run.metrics().unwrap();
    assert_eq!(tables.iter().map(epoch_of).collect::<Vec<_>>(), [1]);
    assert_eq!(tables[0].len(), 20 * BATCH);
    let unfinished = setup.run.unfinished_metrics().unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(epoch_of(&unfinished[0]), 2);
    let seen = ints(&unfinished[0], "example_id");
    assert!(
        !seen.is_empty() && seen.len() < 20 * BATCH,
        "{}",
        seen.len()
    );
}

#[test]
fn two_collectors_of_a_pass_share_its_table() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let largest = |output: &ClassificationInput| {
        (
            "largest_logit",
            output.logits.clone().max_dim(1).squeeze_dim::<1>(1),
        )
    };
    let metric = SampleMetrics::<ClassificationInput>::new(
        setup.valid.table(),
        (Classification::new(CLASSES), largest),
        CollectOptions::new().run(&setup.run),
    );
    let result = setup
        .training(folder.path(), 1)
        .collect_validation(metric)
        .launch(learner());
    assert_eq!(message(&result), "no error");
    let tables = setup.run.metrics().unwrap();
    let names: Vec<_> = tables[0].schema().names().collect();
    let expected = "example_id loss predicted accuracy confidence largest_logit epoch";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn samples_of_another_table_than_the_one_that_is_named_stop_the_training() {
    let setup = Setup::of(20 * BATCH, BATCH);
    let folder = tempfile::tempdir().unwrap();
    let options = CollectOptions::new().run(&setup.run);
    let collector = Classification::new(CLASSES);
    // Long enough, and not the one that is validated on.
    let metric = SampleMetrics::<ClassificationInput>::new(setup.train.table(), collector, options);
    let result = setup
        .training(folder.path(), 9)
        .collect_validation(metric)
        .launch(learner());
    let text = message(&result);
    assert!(text.contains("rows of another table"), "{text}");
    assert!(setup.run.metrics().unwrap().is_empty());
    assert!(setup.run.failure().unwrap().contains("another table"));
}

//! When the model is shown, and that training is otherwise Burn's.

use crate::{Epochs, Mlp, Setup, collect, epoch_of, learner};
use burn::train::metric::store::EventStoreClient;
use burn::train::{EarlyStoppingStrategy, Interrupter};
use std::collections::BTreeSet;
use std::path::Path;
use tlc_burn::{CollectInTraining, Schedule};

#[test]
fn the_model_is_shown_at_the_epochs_of_the_schedule_and_at_the_last() {
    let cases = [
        (Schedule::every_epoch(), vec![1, 2, 3, 4, 5]),
        (Schedule::every(3), vec![1, 4, 5]),
        (Schedule::every(2).starting_at(2), vec![2, 4, 5]),
        (Schedule::last_epoch(), vec![5]),
    ];
    for (schedule, expected) in cases {
        let (setup, epochs) = (Setup::new(), Epochs::default());
        let folder = tempfile::tempdir().unwrap();
        let training = setup.training(folder.path(), 5);
        let result = training
            .collect_at(schedule, epochs.note())
            .launch(learner())
            .unwrap();
        assert!(result.interrupted.is_none());
        assert_eq!(epochs.seen(), expected, "{schedule:?}");
    }
}

#[test]
fn the_model_is_shown_in_inference_mode() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let result = setup
        .training(folder.path(), 1)
        .collect_at(Schedule::every_epoch(), |_, model: &Mlp| {
            if model.head.weight.val().device().is_autodiff() {
                return Err("it is to be trained");
            }
            Ok(())
        })
        .launch(learner());
    result.unwrap();
}

/// Stops the training at an epoch.
#[derive(Clone)]
struct StopAt(usize);

impl EarlyStoppingStrategy for StopAt {
    fn should_stop(&mut self, epoch: usize, _: &EventStoreClient) -> bool {
        epoch == self.0
    }
}

#[test]
fn the_epoch_of_early_stopping_is_the_last() {
    for schedule in [Schedule::every_epoch(), Schedule::last_epoch()] {
        let (setup, epochs) = (Setup::new(), Epochs::default());
        let folder = tempfile::tempdir().unwrap();
        setup
            .training(folder.path(), 9)
            .early_stopping(StopAt(3))
            .collect_at(schedule, epochs.note())
            .launch(learner())
            .unwrap();
        assert_eq!(epochs.seen().last(), Some(&3), "{schedule:?}");
    }
}

#[test]
fn an_interruption_stops_the_training() {
    let (setup, epochs) = (Setup::new(), Epochs::default());
    let folder = tempfile::tempdir().unwrap();
    let interrupter = Interrupter::new();
    let (seen, stop) = (epochs.clone(), interrupter.clone());
    let result = setup
        .training(folder.path(), 9)
        .with_interrupter(interrupter)
        .collect_at(Schedule::every_epoch(), move |epoch, _: &Mlp| {
            seen.add(epoch);
            if epoch == 2 {
                stop.stop(Some("enough"));
            }
            Ok::<_, String>(())
        })
        .launch(learner())
        .unwrap();
    assert_eq!(epochs.seen(), [1, 2]);
    assert_eq!(
        result.interrupted.unwrap().reason.as_deref(),
        Some("enough")
    );
}

#[test]
fn a_training_that_is_interrupted_before_its_first_epoch_ends_shows_nothing() {
    let (setup, epochs) = (Setup::new(), Epochs::default());
    let folder = tempfile::tempdir().unwrap();
    let interrupter = Interrupter::new();
    interrupter.stop(None);
    let result = setup
        .training(folder.path(), 9)
        .with_interrupter(interrupter)
        .collect_at(Schedule::every_epoch(), epochs.note())
        .launch(learner())
        .unwrap();
    assert!(epochs.seen().is_empty());
    assert!(result.interrupted.is_some());
}

/// Names of the files below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn checkpoints_are_those_of_burns_own_strategy_and_can_be_resumed_from() {
    let setup = Setup::new();
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let train =
        |folder: &Path, epochs: usize| setup.training(folder, epochs).with_default_checkpointers();
    let (valid, run) = (setup.valid.clone(), setup.run.clone());
    train(folder.path(), 4)
        .collect_at(Schedule::every_epoch(), move |epoch, model| {
            collect(&valid, model, &run, epoch)
        })
        .launch(learner())
        .unwrap();
    train(other.path(), 4).launch(learner());
    let checkpoints = files(&folder.path().join("checkpoint"));
    assert!(
        checkpoints.iter().any(|file| file.starts_with("model-4")),
        "{checkpoints:?}"
    );
    assert_eq!(checkpoints, files(&other.path().join("checkpoint")));

    let epochs = Epochs::default();
    let resumed = train(folder.path(), 6)
        .checkpoint(4)
        .collect_validation(setup.sample_metrics(&setup.run).first_epoch(5))
        .collect_at(Schedule::every_epoch(), epochs.note())
        .launch(learner())
        .unwrap();
    assert_eq!(epochs.seen(), [5, 6]);
    let tables = setup.run.metrics().unwrap();
    let epochs: Vec<_> = tables.iter().map(epoch_of).collect();
    assert_eq!(epochs, [1, 2, 3, 4, 5, 6]);
    let uninterrupted = setup.training(other.path(), 6).launch(learner()).model;
    assert_eq!(resumed.model.weights(), uninterrupted.weights());
}

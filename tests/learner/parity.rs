//! The same rows, whichever way they were collected, and the weights of Burn's own
//! strategy.

use crate::{BATCH, LEARNING_RATE, Mlp, Setup, assert_same, batches, collect, epoch_of, learner};
use burn::optim::{AdamConfig, GradientsParams, SgdConfig};
use burn::train::Learner;
use tlc_burn::{CollectInTraining, Schedule};
use tlc_core::{Run, Status};
use tlc_tests::{floats, ints, root, run_in};

const EPOCHS: usize = 3;

/// What a program without Burn's `Learner` does.
fn by_hand(setup: &Setup, run: &Run) -> Mlp {
    let (mut model, mut optimizer) = (Mlp::new(), SgdConfig::new().init());
    let train = batches(&setup.train).to_device(&tlc_tests::cpu().autodiff());
    for epoch in 1..=EPOCHS {
        for batch in train.iter() {
            let output = model.classify(batch.unwrap().batch);
            let gradients = GradientsParams::from_grads(output.loss.backward(), &model);
            model = optimizer.step(LEARNING_RATE, model, gradients);
        }
        collect(&setup.valid, &model, run, epoch).unwrap();
    }
    model
}

#[test]
fn rows_of_epochs_of_the_validation_pass_and_of_a_loop_by_hand_agree() {
    let setup = Setup::new();
    let (at_epochs, by_pass, hand) = (setup.run.clone(), run_in(&root()), run_in(&root()));
    let folder = tempfile::tempdir().unwrap();
    let (valid, into) = (setup.valid.clone(), at_epochs.clone());
    let result = setup
        .training(folder.path(), EPOCHS)
        .collect_validation(setup.sample_metrics(&by_pass))
        .collect_at(Schedule::every_epoch(), move |epoch, model| {
            collect(&valid, model, &into, epoch)
        })
        .launch(learner())
        .unwrap();
    let model = by_hand(&setup, &hand);

    let tables = [&at_epochs, &by_pass, &hand].map(|run| run.metrics().unwrap());
    let epochs: Vec<_> = tables[0].iter().map(epoch_of).collect();
    assert_eq!(epochs, [1, 2, 3]);
    assert_same("epochs and pass", &tables[0], &tables[1], 1e-6);
    assert_same("epochs and hand", &tables[0], &tables[2], 1e-6);
    tlc_tests::assert_close("weights", &result.model.weights(), &model.weights(), 1e-6);
    // It is the model of that epoch, not one of another.
    let losses: Vec<_> = tables[0]
        .iter()
        .map(|table| floats(table, "loss"))
        .collect();
    assert_ne!(losses[0], losses[1]);
    assert_ne!(losses[1], losses[2]);
    // Aggregates of both ways, by the same keys.
    let valid_loss = |run| tlc_tests::series(run, "valid_loss");
    assert_eq!(valid_loss(&at_epochs).len(), EPOCHS);
    for (left, right) in valid_loss(&at_epochs).iter().zip(valid_loss(&by_pass)) {
        assert_eq!(left.0, right.0);
        assert!((left.1 - right.1).abs() < 1e-6);
    }
    assert_eq!(at_epochs.status().unwrap(), Status::Running);
}

#[test]
fn rows_collected_in_the_background_are_those_of_the_foreground() {
    let setup = Setup::new();
    let background = run_in(&root());
    for (run, in_background) in [(&setup.run, false), (&background, true)] {
        let folder = tempfile::tempdir().unwrap();
        let training = setup.training(folder.path(), EPOCHS);
        let (valid, into) = (setup.valid.clone(), run.clone());
        let hook = move |epoch: usize, model: &Mlp| collect(&valid, model, &into, epoch);
        let schedule = Schedule::every_epoch();
        let training = if in_background {
            training.collect_in_background_at(schedule, hook).unwrap()
        } else {
            training.collect_at(schedule, hook)
        };
        training.launch(learner()).unwrap();
    }
    let (here, there) = (setup.run.metrics().unwrap(), background.metrics().unwrap());
    assert_eq!(there.len(), EPOCHS);
    assert_same("background", &here, &there, 0.0);
}

#[test]
fn training_with_the_strategy_gives_the_weights_of_burns_own() {
    for accumulation in [None, Some(1), Some(3)] {
        let train = |ours: bool| {
            let setup = Setup::new();
            let folder = tempfile::tempdir().unwrap();
            let mut training = setup.training(folder.path(), EPOCHS);
            if let Some(batches) = accumulation {
                training = training.grads_accumulation(batches);
            }
            let learner = Learner::new(Mlp::new(), AdamConfig::new().init(), 0.01);
            if !ours {
                return training.launch(learner).model.weights();
            }
            let collect =
                move |epoch: usize, model: &Mlp| collect(&setup.valid, model, &setup.run, epoch);
            let training = training.collect_at(Schedule::every_epoch(), collect);
            training.launch(learner).unwrap().model.weights()
        };
        let (ours, burns) = (train(true), train(false));
        assert_eq!(ours, burns, "accumulation {accumulation:?}");
        assert_ne!(ours, Mlp::new().weights());
    }
}

#[test]
fn a_pass_over_a_loader_of_several_threads_collects_every_row_once() {
    use burn::data::dataloader::DataLoaderBuilder;
    use burn::train::SupervisedTraining;
    use tlc_burn::WithIds;
    use tlc_tests::Stack;

    let setup = Setup::of(BATCH, 5 * BATCH + 1);
    let folder = tempfile::tempdir().unwrap();
    let valid = DataLoaderBuilder::new(WithIds(Stack))
        .batch_size(BATCH)
        .num_workers(2)
        .shuffle(7)
        .build(setup.valid.clone());
    let result = SupervisedTraining::new(folder.path(), batches(&setup.train), valid)
        .with_application_logger(None)
        .num_epochs(2)
        .collect_validation(setup.sample_metrics(&setup.run))
        .launch(learner());
    assert!(result.error.is_none(), "{:?}", result.error);
    let tables = setup.run.metrics().unwrap();
    assert_eq!(tables.len(), 2);
    for table in &tables {
        let mut ids = ints(table, "example_id");
        ids.sort_unstable();
        assert_eq!(ids, (0..setup.valid.len() as i64).collect::<Vec<_>>());
    }
}

//! A token stops a training wherever it is, as Burn's own interrupter does.

use crate::BATCH;
use crate::collect::{Plain, Setup, epochs_about, learner};
use burn::train::{ClassificationOutput, LearningResult};
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_burn::prelude::*;
use tlc_burn::{CancellationToken, CollectInTraining, Schedule};
use tlc_core::Status;
use tlc_tests::{CLASSES, Stack, ints};

fn reason(result: &LearningResult<Plain>) -> &str {
    let interruption = result.interrupted.as_ref();
    let reason = interruption.and_then(|interruption| interruption.reason.as_deref());
    reason.unwrap_or("none")
}

#[test]
fn a_token_stops_the_training_after_a_batch_and_what_earlier_epochs_have_left_stays() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let token = CancellationToken::new();
    let cancels = token.clone();
    let every = Schedule::every_epoch();
    let classes = Classification::new(CLASSES);
    let result = setup
        .training(folder.path(), 9)
        .collecting()
        .collect_with(Stack, [&setup.valid], classes, every, setup.options())
        .collect_at(Schedule::every(2).starting_at(2), move |_, _: &Plain| {
            cancels.cancel();
            Ok::<_, String>(())
        })
        .cancellation(&token)
        .launch(learner())
        .unwrap();
    assert_eq!(reason(&result), "it was cancelled");
    assert_eq!(epochs_about(&setup.run, &setup.valid), [1, 2]);
    assert_eq!(setup.run.status().unwrap(), Status::Running);
    assert_eq!(setup.run.failure(), None);
}

#[test]
fn a_collection_under_way_ends_with_its_first_rows_kept_and_is_no_failure() {
    const ROWS: usize = 20 * BATCH;
    let setup = Setup::of(BATCH, ROWS);
    let folder = tempfile::tempdir().unwrap();
    let token = CancellationToken::new();
    let (cancels, passes) = (token.clone(), AtomicUsize::new(0));
    // The first batch is tried before the training, in both orders.
    let collector = move |output: &ClassificationOutput| {
        if passes.fetch_add(1, Ordering::Relaxed) == 10 {
            cancels.cancel();
        }
        let first = output.output.clone().narrow(1, 0, 1);
        ("first", first.squeeze_dim::<1>(1))
    };
    let every = Schedule::every_epoch();
    let options = setup.options().batch_size(BATCH);
    let result = setup
        .training(folder.path(), 9)
        .collecting()
        .collect_with(Stack, [&setup.valid], collector, every, options)
        .cancellation(&token)
        .launch(learner())
        .unwrap();
    let text = reason(&result);
    assert!(text.starts_with("collection was cancelled after"), "{text}");
    assert!(setup.run.metrics().unwrap().is_empty());
    let kept = setup.run.unfinished_metrics().unwrap();
    let rows = kept.iter().flat_map(|kept| ints(kept, "example_id"));
    let rows: Vec<_> = rows.collect();
    assert!(rows.iter().copied().eq(0..rows.len() as i64), "{rows:?}");
    assert!(!rows.is_empty() && rows.len() < ROWS, "{rows:?}");
    assert_eq!(setup.run.failure(), None);
}

#[test]
fn a_cancelled_token_trains_nothing() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let token = CancellationToken::new();
    token.cancel();
    let result = setup
        .training(folder.path(), 9)
        .collect_at(Schedule::every_epoch(), |_, _: &Plain| {
            Err::<(), _>("called")
        })
        .cancellation(&token)
        .launch(learner())
        .unwrap();
    assert_eq!(reason(&result), "it was cancelled");
}

//! What becomes of a training when a collection fails.

use crate::Error;
use burn::train::TrainingError;
use std::sync::Arc;
use tlc_core::{Run, active_run};

/// What a training does when a collection fails. It is told in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It stops after the epoch.
    #[default]
    Stop,
    /// It goes on without that collection.
    GoOn,
}

/// A training that an error has stopped.
#[derive(Debug, thiserror::Error)]
#[error("the training has stopped: {}", reason(error))]
pub struct FailedTraining<M> {
    /// The model as it is by then, in inference mode.
    pub model: M,
    /// What has stopped it.
    pub error: Arc<TrainingError>,
}

/// What a collection says comes as an error of a dataset, for want of another.
fn reason(error: &TrainingError) -> String {
    match error {
        TrainingError::Dataset(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Says why a collection has failed where people look, since Burn logs it to a file, and in
/// the run; the active one unless another is given.
#[allow(clippy::print_stderr)] // a library that says nothing here loses the reason
pub(super) fn tell(error: &Error, run: Option<&Run>, on_failure: OnFailure) {
    let consequence = match on_failure {
        OnFailure::Stop => "the training stops",
        OnFailure::GoOn => "the training goes on without it",
    };
    eprintln!("tlc: {error}; {consequence}");
    if let Some(run) = run.cloned().or_else(active_run)
        && let Err(error) = run.fail(error.to_string())
    {
        eprintln!("tlc: the run could not be told: {error}");
    }
}

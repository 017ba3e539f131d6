//! The run's status around a collection.

use crate::Result;
use tlc_core::{Run, Status};

/// Does the work with the run `Collecting`, and restores the status whether it
/// failed or not. A run that was empty has begun by then, so it is `Running`; so is one
/// that another collection is under way in.
pub(super) fn while_collecting<T>(run: &Run, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = match run.status()? {
        Status::Empty | Status::Interrupted | Status::Collecting => Status::Running,
        other => other,
    };
    run.set_status(Status::Collecting)?;
    let result = work();
    // What was collected stays collected: the next change of the status sets it right.
    if let Err(error) = run.set_status(before) {
        tracing::warn!(run = %run.url(), %error, "the status could not be restored");
    }
    result
}

//! The run's status around a collection.

use crate::Result;
use tlc_core::{Run, Status};

/// Does work that makes the run `Collecting`. It is told the status that makes its result
/// complete, to commit both together; after a failure the status is restored here. A run that
/// was empty has begun by then, so it is `Running`; so is one that another collection is under
/// way in.
pub(super) fn while_collecting<T>(run: &Run, work: impl FnOnce(Status) -> Result<T>) -> Result<T> {
    let before = before(run)?;
    let result = work(before);
    if result.is_err() {
        restore(run, before);
    }
    result
}

/// The status after a collection that begins now.
pub(super) fn before(run: &Run) -> Result<Status> {
    Ok(match run.status()? {
        Status::Empty | Status::Interrupted | Status::Collecting => Status::Running,
        other => other,
    })
}

/// Sets the status that the run had before.
pub(super) fn restore(run: &Run, before: Status) {
    if let Err(error) = run.set_status(before) {
        // The collection's own error says more: the next change of the status sets it right.
        tracing::warn!(run = %run.url(), %error, "the status could not be restored");
    }
}

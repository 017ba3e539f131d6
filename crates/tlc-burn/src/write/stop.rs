//! How the first error of any stage ends all of them.

use super::cancel::CancellationToken;
use crate::{Error, Result};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The first error, and the sign for every stage to end.
pub(super) struct Stop {
    first: Mutex<Option<Error>>,
    stopped: AtomicBool,
    tokens: Vec<CancellationToken>,
}

impl Stop {
    pub(super) fn new(tokens: &[CancellationToken]) -> Self {
        Self {
            first: Mutex::new(None),
            stopped: AtomicBool::new(false),
            tokens: tokens.to_vec(),
        }
    }

    /// Whether a stage has failed or the caller has cancelled.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire) || self.is_cancelled()
    }

    /// Whether the caller has cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.tokens.iter().any(CancellationToken::is_cancelled)
    }

    /// Fails if the caller has cancelled, after so many rows.
    pub(super) fn check_cancelled(&self, rows: usize) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::Cancelled { rows })
        } else {
            Ok(())
        }
    }

    /// Runs a stage to its end and keeps its error, if it is the first.
    pub(super) fn guard(&self, stage: &'static str, work: impl FnOnce() -> Result<()>) {
        let result = catch_panic(|| format!("the {stage} stage"), work).and_then(|result| result);
        if let Err(error) = result {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error);
            self.stopped.store(true, Ordering::Release);
        }
    }

    /// The first error.
    pub(super) fn into_result(self) -> Result<()> {
        let first = self
            .first
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        first.map_or(Ok(()), Err)
    }
}

/// Calls code that may be the user's: its panic becomes an error that names it.
/// What the code has left half done is dropped with the collection.
pub(super) fn catch_panic<T>(
    place: impl FnOnce() -> String,
    work: impl FnOnce() -> T,
) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| Error::Panicked {
        place: place(),
        message: message(&*payload),
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

//! How far a long computation is, and its end before its time.

use crate::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Follows a long computation from another thread, and ends it: clones are of the same one.
///
/// ```
/// use tlc_findings::neighbors::{Metric, Search, nearest_with};
/// use tlc_findings::{Embeddings, Error, Progress};
///
/// let embeddings = Embeddings::new(vec![0.0, 1.0, 3.0], 1)?;
/// let progress = Progress::new();
/// nearest_with(Search::Auto, &embeddings, 1, Metric::Euclidean, &progress)?;
/// assert_eq!((progress.stage(), progress.part()), ("neighbours", 1.0));
///
/// progress.cancel();
/// let ended = nearest_with(Search::Auto, &embeddings, 1, Metric::Euclidean, &progress);
/// assert!(matches!(ended, Err(Error::Cancelled)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cancelled: AtomicBool,
    stage: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Of what has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the computation soon: it fails with [`Error::Cancelled`].
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Relaxed);
    }

    /// Whether it is to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Relaxed)
    }

    /// What is done at present, in a word; empty before anything is.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        *self.0.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The part of that which is done, 0 to 1.
    #[must_use]
    pub fn part(&self) -> f64 {
        let total = self.0.total.load(Relaxed);
        let done = self.0.done.load(Relaxed).min(total);
        match total {
            0 => 0.0,
            total => done as f64 / total as f64,
        }
    }

    /// Begins with something that has so many steps.
    pub(crate) fn begin(&self, stage: &'static str, total: usize) {
        *self.0.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        self.0.done.store(0, Relaxed);
        self.0.total.store(total as u64, Relaxed);
    }

    pub(crate) fn advance(&self, steps: usize) {
        self.0.done.fetch_add(steps as u64, Relaxed);
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self.is_cancelled() {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }
}

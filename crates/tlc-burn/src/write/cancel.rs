//! Stopping a collection from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a collection from another thread, say on Ctrl-C. Clones are one token.
///
/// ```
/// use tlc_burn::{CancellationToken, CollectOptions};
///
/// let token = CancellationToken::new();
/// let options = CollectOptions::new().cancellation(&token);
/// token.cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancellationToken {
    cancelled: Arc<AtomicBool>,
}

impl CancellationToken {
    /// Not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels: the collection ends with
    /// [`Error::Cancelled`](crate::Error::Cancelled) before its next batch.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
}

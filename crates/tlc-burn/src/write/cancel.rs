//! Stopping a collection from outside.

use crate::{Error, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Stops collections and trainings from another thread, or on Ctrl-C. Clones are one token.
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

    /// The token that Ctrl-C cancels, and `SIGTERM`, which schedulers send: one for the
    /// process. Collections that are given it end with
    /// [`Error::Cancelled`](crate::Error::Cancelled), trainings as they do when Burn's
    /// `Interrupter` stops them, and what was collected until then stays in the run.
    ///
    /// The signal is handled from the first call on, for as long as the process lives. The
    /// next one ends the process, as ever. A loop of one's own asks
    /// [`is_cancelled`](Self::is_cancelled).
    ///
    /// ```no_run
    /// use tlc_burn::{CancellationToken, CollectOptions};
    ///
    /// let token = CancellationToken::on_ctrl_c()?;
    /// let options = CollectOptions::new().cancellation(&token);
    /// # Ok::<(), tlc_burn::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Signal`](crate::Error::Signal) if the system does not let it be handled.
    pub fn on_ctrl_c() -> Result<Self> {
        static TOKEN: Mutex<Option<CancellationToken>> = Mutex::new(None);
        let mut known = TOKEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = &*known {
            return Ok(token.clone());
        }
        let token = Self::new();
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down.
            flag::register_conditional_default(signal, Arc::clone(&token.cancelled))
                .and_then(|_| flag::register(signal, Arc::clone(&token.cancelled)))
                .map_err(Error::Signal)?;
        }
        Ok(known.insert(token).clone())
    }

    /// Cancels: a collection ends with
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

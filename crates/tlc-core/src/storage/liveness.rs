//! Who is at work: marks that end with their process.

use crate::{Result, Url};
use std::any::Any;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Tells the living from the dead, where a [`Store`](super::Store) can.
pub trait Liveness: Debug + Send + Sync {
    /// Marks this process as at work here until the value is dropped or the process
    /// dies. Any number may hold the same mark; while somebody has it alone, this waits.
    ///
    /// # Errors
    /// I/O errors.
    fn hold(&self, url: &Url) -> Result<Hold>;

    /// The mark for this holder alone, if nobody holds it; others wait for it then.
    ///
    /// # Errors
    /// I/O errors.
    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>>;

    /// Whether a living process holds the mark.
    ///
    /// # Errors
    /// I/O errors.
    fn is_held(&self, url: &Url) -> Result<bool>;

    /// Deletes unfinished files directly in a folder that killed writers left behind and
    /// nobody has touched for so long; nothing else, and nothing through a link.
    ///
    /// # Errors
    /// I/O errors.
    fn sweep(&self, folder: &Url, untouched: Duration) -> Result<()>;
}

/// Keeps a mark of [`Liveness::hold`] while it lives.
#[derive(Debug)]
pub struct Hold {
    _mark: Box<dyn Mark>,
    /// For marks that end with a deadline.
    signs: Option<Arc<SignsOfLife>>,
}

/// When somebody gave the last sign of life, by the clock that goes on while a machine sleeps.
#[derive(Debug)]
pub struct SignsOfLife {
    deadline: Duration,
    last: Mutex<SystemTime>,
}

impl SignsOfLife {
    /// The first sign; who gives none for the deadline counts as dead.
    #[must_use]
    pub fn new(deadline: Duration) -> Self {
        let last = Mutex::new(SystemTime::now());
        Self { deadline, last }
    }

    /// Notes that one was given just now.
    pub fn give(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = SystemTime::now();
    }

    fn are_late(&self) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed().unwrap_or_default() > self.deadline
    }
}

impl Hold {
    /// A hold that ends when `mark` is dropped.
    pub fn new(mark: impl Any + Debug + Send + Sync) -> Self {
        Self {
            _mark: Box::new(mark),
            signs: None,
        }
    }

    /// A hold that others take no notice of while signs of life are late.
    pub fn with_signs(mark: impl Any + Debug + Send + Sync, signs: Arc<SignsOfLife>) -> Self {
        Self {
            signs: Some(signs),
            ..Self::new(mark)
        }
    }

    /// Whether others may have taken the holder for dead, and done what they wait for.
    #[must_use]
    pub fn may_have_lapsed(&self) -> bool {
        self.signs.as_ref().is_some_and(|signs| signs.are_late())
    }
}

trait Mark: Debug + Send + Sync {}

impl<T: Any + Debug + Send + Sync> Mark for T {}

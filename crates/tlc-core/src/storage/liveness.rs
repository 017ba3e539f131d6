//! Who is at work: marks that end with their process.

use crate::{Result, Url};
use std::any::Any;
use std::fmt::Debug;
use std::time::Duration;

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
}

impl Hold {
    /// A hold that ends when `mark` is dropped.
    pub fn new(mark: impl Any + Debug + Send + Sync) -> Self {
        Self {
            _mark: Box::new(mark),
        }
    }
}

trait Mark: Debug + Send + Sync {}

impl<T: Any + Debug + Send + Sync> Mark for T {}

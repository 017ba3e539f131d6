//! Where bytes are kept, and what is promised of them.
//!
//! - **Atomic**: a file is wholly visible or not at all.
//! - **Durable**: once `put_if_absent` returns `Ok`, the file survives kill and power
//!   loss (local: the file and its folders are synced; in memory: while the process
//!   lives; object stores: by their own contract).
//! - **Never overwritten**: of several writers of one name exactly one wins.
//! - **Detected**: length and CRC32C of each published file stand in the commit that
//!   names it, and [`ChecksumStore`] checks them before a byte is decoded.
//!
//! Not promised: anything on network file systems that do not honour `fsync` or hard
//! links, and the syncing of folders on Windows, which has no such call.
//!
//! Exactly one file knows how bytes become visible: [`commit`].

mod bucket;
mod checksum;
pub mod commit;
pub mod json;
mod local;
mod memory;
mod open;
#[cfg(feature = "remote")]
mod remote;
mod retry;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::checksum::{ChecksumStore, FileInfo};
pub use self::local::LocalStore;
pub use self::memory::MemoryStore;
pub use self::open::{Mount, mount, open};
#[cfg(feature = "remote")]
pub use self::remote::RemoteStore;
pub use self::retry::RetryStore;

use crate::{Result, Url};
use bytes::Bytes;
use std::any::Any;
use std::fmt::Debug;
use std::ops::Range;

/// The few promises that tables and runs need of a store.
pub trait Store: Debug + Send + Sync {
    /// The whole file.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) and I/O errors.
    fn get(&self, url: &Url) -> Result<Bytes>;

    /// Exactly these bytes of a file.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Error::Corrupt`](crate::Error::Corrupt) if it is shorter.
    fn get_range(&self, url: &Url, range: Range<u64>) -> Result<Bytes>;

    /// What is directly in a folder, sorted by name; a missing folder holds nothing.
    /// Unfinished files and names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// I/O errors.
    fn list(&self, folder: &Url) -> Result<Vec<Entry>>;

    /// Creates a file, atomically and durably, and its folders.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`](crate::Error::AlreadyExists) if the name is taken,
    /// [`Error::StorageFull`](crate::Error::StorageFull), I/O errors. After an error
    /// other than the first the file may exist: see [`commit::publish`].
    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()>;

    /// Deletes a file that no commit names.
    ///
    /// # Errors
    /// I/O errors; a missing file is none.
    fn delete(&self, url: &Url) -> Result<()>;

    /// Marks this process as at work here until the value is dropped or the process
    /// dies. Any number may hold the same mark.
    ///
    /// # Errors
    /// I/O errors.
    fn hold(&self, url: &Url) -> Result<Hold>;

    /// The mark for this process alone, if nobody holds it; others wait for it then.
    /// `None` if somebody does, or if the store cannot tell.
    ///
    /// # Errors
    /// I/O errors.
    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>>;

    /// Deletes what killed writers left unfinished directly in a folder. Only for
    /// whoever holds the mark alone.
    ///
    /// # Errors
    /// I/O errors.
    fn sweep(&self, folder: &Url) -> Result<()>;

    /// Whether a living process holds the mark; `None` if the store cannot tell.
    ///
    /// # Errors
    /// I/O errors.
    fn is_held(&self, url: &Url) -> Result<Option<bool>>;
}

/// One file or folder of a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Name in its folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// Keeps a mark of [`Store::hold`] while it lives.
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

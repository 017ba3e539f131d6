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

mod ahead;
mod bucket;
pub(crate) mod cache;
mod checksum;
pub mod commit;
mod forward;
pub mod json;
#[cfg(feature = "remote")]
mod lease;
mod liveness;
mod local;
mod memory;
mod open;
mod ranges;
#[cfg(feature = "remote")]
mod remote;
mod retry;
#[cfg(feature = "testing")]
pub mod testing;

pub(crate) use self::ahead::AheadStore;
pub use self::bucket::CACHE_BYTES_VARIABLE;
pub use self::cache::CACHE_VARIABLE;
#[cfg(feature = "remote")]
pub use self::cache::CacheStore;
pub(crate) use self::checksum::BlockChecksums;
pub use self::checksum::{ChecksumStore, FileInfo};
pub use self::liveness::{Hold, Liveness, SignsOfLife};
pub use self::local::LocalStore;
pub(crate) use self::local::open_file;
pub use self::memory::MemoryStore;
pub use self::open::{Mount, mount, open};
#[cfg(feature = "remote")]
pub use self::remote::RemoteStore;
pub use self::retry::RetryStore;

use crate::{Error, Result, Url};
use bytes::Bytes;
use std::fmt::Debug;
use std::ops::Range;
use std::time::SystemTime;

/// The few promises that tables and runs need of a store.
pub trait Store: Debug + Send + Sync {
    /// The whole file, if it is no longer than `limit_bytes`.
    ///
    /// # Errors
    /// [`Error::NotFound`],
    /// [`Error::TooLarge`] before anything is read,
    /// [`Error::NotAFile`], I/O errors.
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes>;

    /// Exactly these bytes of a file that has `len_bytes`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file has another length or the
    /// range ends past it, else as [`get`](Self::get).
    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes>;

    /// Several files, each as [`get`](Self::get) gives it. A store that takes long to answer
    /// is asked for all of them at once.
    fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
        urls.iter().map(|url| self.get(url, limit_bytes)).collect()
    }

    /// Several ranges of a file, each as [`get_range`](Self::get_range) gives it. A store that
    /// takes long to answer is asked for all of them at once, and for those that are close
    /// together as one.
    ///
    /// # Errors
    /// As [`get_range`](Self::get_range).
    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        let ranges = ranges.iter();
        ranges
            .map(|range| self.get_range(url, range.clone(), len_bytes))
            .collect()
    }

    /// How many reads are best made at once: many where an answer takes long.
    fn parallel_reads(&self) -> usize {
        1
    }

    /// Length and age of a file.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    fn stat(&self, url: &Url) -> Result<Stat>;

    /// What is directly in a folder, sorted by name; a missing folder holds nothing.
    /// Unfinished files and names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// I/O errors.
    fn list(&self, folder: &Url) -> Result<Vec<Entry>>;

    /// Creates a file, atomically and durably, and its folders.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the name is taken,
    /// durably; [`Error::StorageFull`], I/O errors. After an
    /// error other than the first the file may exist: see [`commit::publish`].
    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()>;

    /// Makes the names durable that can be seen in a folder by now: what is written next
    /// may follow from them. A store whose files are durable as soon as they can be seen
    /// has nothing to do, and a store around a store passes it on.
    ///
    /// # Errors
    /// I/O errors; a missing folder is none.
    fn settle(&self, _folder: &Url) -> Result<()> {
        Ok(())
    }

    /// Deletes a file that no commit names.
    ///
    /// # Errors
    /// I/O errors; a missing file is none.
    fn delete(&self, url: &Url) -> Result<()>;

    /// Removes a folder if it is empty, where the store has folders of their own.
    ///
    /// # Errors
    /// I/O errors; a folder that is missing or not empty is none.
    fn delete_folder(&self, _folder: &Url) -> Result<()> {
        Ok(())
    }

    /// How the store tells the living from the dead; `None` if it cannot.
    fn liveness(&self) -> Option<&dyn Liveness> {
        None
    }
}

/// One file or folder of a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Name in its folder.
    pub name: String,
    /// Whether it is a folder, or a link to one.
    pub is_folder: bool,
    /// Whether it is a link to something that may be anywhere.
    pub is_link: bool,
}

/// Length and age of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Length of the file.
    pub len_bytes: u64,
    /// When its content, its name or its owner last changed.
    pub changed: SystemTime,
}

/// Refuses a range of a file that is not as long as was published, or ends before it.
fn check_range(url: &Url, range: &Range<u64>, found_bytes: u64, len_bytes: u64) -> Result<()> {
    let reason = if found_bytes != len_bytes {
        format!("{found_bytes} bytes, {len_bytes} were published")
    } else if range.start > range.end || range.end > len_bytes {
        format!("bytes {range:?} asked for, the file has {len_bytes}")
    } else {
        return Ok(());
    };
    Err(Error::Corrupt {
        url: url.clone(),
        reason,
    })
}

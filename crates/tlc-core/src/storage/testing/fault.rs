//! A store around a store whose writes fail as planned.

use crate::storage::forward::forward;
use crate::storage::{Entry, Stat, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::io::ErrorKind;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full: nothing is written.
    Full,
    /// The work is done, and then a failure reported.
    Ambiguous,
    /// The work is done, then a failure reported, and from then on nothing can be read,
    /// as by a process that has no file handle left.
    Lost,
    /// The process aborts before the write.
    AbortBefore,
    /// The process aborts after the write.
    AbortAfter,
}

/// Which writes a fault happens to, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// To this one.
    Once(u64),
    /// To this one and all after it.
    From(u64),
}

/// A store around a store whose writes fail as planned, counting both.
#[derive(Debug)]
pub struct FaultStore {
    inner: Arc<dyn Store>,
    fault: Fault,
    first: AtomicU64,
    last: AtomicU64,
    writes: AtomicU64,
    fired: AtomicU64,
    is_blind: AtomicBool,
}

impl FaultStore {
    /// Plans a fault.
    pub fn new(inner: Arc<dyn Store>, fault: Fault, when: &When) -> Self {
        let (first, last) = match when {
            When::Once(number) => (*number, *number),
            When::From(number) => (*number, u64::MAX),
        };
        Self {
            inner,
            fault,
            first: AtomicU64::new(first),
            last: AtomicU64::new(last),
            writes: AtomicU64::new(0),
            fired: AtomicU64::new(0),
            is_blind: AtomicBool::new(false),
        }
    }

    /// Number of writes so far, those that failed included.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// How often the fault has happened.
    pub fn fired(&self) -> u64 {
        self.fired.load(Ordering::SeqCst)
    }

    /// Ends the fault: what made the writes fail is over.
    pub fn heal(&self) {
        self.last.store(0, Ordering::SeqCst);
        self.is_blind.store(false, Ordering::SeqCst);
    }

    /// Whether anything can be read.
    fn sees(&self, url: &Url) -> Result<&dyn Store> {
        match self.is_blind.load(Ordering::SeqCst) {
            true => Err(no_handle(url)),
            false => Ok(&*self.inner),
        }
    }

    fn is_due(&self) -> bool {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let due = (self.first.load(Ordering::SeqCst)..=self.last.load(Ordering::SeqCst))
            .contains(&number);
        self.fired.fetch_add(u64::from(due), Ordering::SeqCst);
        due
    }
}

impl Store for FaultStore {
    forward!(inner: settle, delete, delete_folder, liveness);

    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        self.sees(url)?.get(url, limit_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.sees(url)?.get_range(url, range, len_bytes)
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.sees(url)?.stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.sees(folder)?.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        if !self.is_due() {
            return self.inner.put_if_absent(url, bytes);
        }
        match self.fault {
            Fault::Full => Err(Error::StorageFull {
                url: url.clone(),
                source: ErrorKind::StorageFull.into(),
            }),
            Fault::AbortBefore => std::process::abort(),
            Fault::AbortAfter => {
                self.inner.put_if_absent(url, bytes)?;
                std::process::abort()
            }
            Fault::Ambiguous => {
                self.inner.put_if_absent(url, bytes)?;
                Err(Error::Unavailable {
                    url: url.clone(),
                    reason: "503, though it was done".to_owned(),
                })
            }
            Fault::Lost => {
                let done = self.inner.put_if_absent(url, bytes);
                self.is_blind.store(true, Ordering::SeqCst);
                done?;
                Err(no_handle(url))
            }
        }
    }
}

fn no_handle(url: &Url) -> Error {
    Error::Io {
        url: url.clone(),
        source: std::io::Error::other("too many open files"),
    }
}

//! A store around a store whose writes fail as planned.

use crate::storage::{Entry, Hold, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::io::ErrorKind;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full: nothing is written.
    Full,
    /// The work is done, and then a failure reported.
    Ambiguous,
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
    fn get(&self, url: &Url) -> Result<Bytes> {
        self.inner.get(url)
    }

    fn get_range(&self, url: &Url, range: Range<u64>) -> Result<Bytes> {
        self.inner.get_range(url, range)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.inner.list(folder)
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
        }
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.inner.delete(url)
    }

    fn hold(&self, url: &Url) -> Result<Hold> {
        self.inner.hold(url)
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        self.inner.hold_alone(url)
    }

    fn sweep(&self, folder: &Url) -> Result<()> {
        self.inner.sweep(folder)
    }

    fn is_held(&self, url: &Url) -> Result<Option<bool>> {
        self.inner.is_held(url)
    }
}

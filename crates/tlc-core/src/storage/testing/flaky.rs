//! A store around a store that is unavailable now and then.

use crate::storage::forward::forward;
use crate::storage::{Entry, Stat, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Unavailable at so many per cent of its calls, spread evenly over them, and counting
/// both.
#[derive(Debug)]
pub struct FlakyStore {
    inner: Arc<dyn Store>,
    percent: u64,
    calls: AtomicU64,
    failed: AtomicU64,
}

impl FlakyStore {
    /// A store that fails at this share of its calls.
    pub fn new(inner: Arc<dyn Store>, percent: u64) -> Self {
        Self {
            inner,
            percent,
            calls: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Number of calls so far, those that failed included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Number of calls that failed.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }

    fn may<T>(&self, url: &Url, call: impl FnOnce(&dyn Store) -> Result<T>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        // Multiples of a number prime to 100: every per cent is met once in a hundred.
        if number * 37 % 100 < self.percent {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return Err(Error::Unavailable {
                url: url.clone(),
                reason: "503".to_owned(),
            });
        }
        call(&*self.inner)
    }
}

impl Store for FlakyStore {
    forward!(inner: settle, delete_folder, liveness);

    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        self.may(url, |store| store.get(url, limit_bytes))
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.may(url, |store| store.get_range(url, range, len_bytes))
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.may(url, |store| store.stat(url))
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.may(folder, |store| store.list(folder))
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.may(url, |store| store.put_if_absent(url, bytes))
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.may(url, |store| store.delete(url))
    }
}

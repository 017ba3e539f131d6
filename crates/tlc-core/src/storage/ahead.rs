//! A store around a store that was asked for files ahead, many at once.

use super::{Entry, Liveness, Stat, Store};
use crate::{Error, Result, Url, limits};
use bytes::Bytes;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Gives each file once as it was asked for ahead, and after that as it is.
#[derive(Debug)]
pub(crate) struct AheadStore<'a> {
    inner: &'a dyn Store,
    read: Mutex<HashMap<Url, Result<Bytes>>>,
}

impl<'a> AheadStore<'a> {
    /// Asks for all of these, of which some need not be there.
    pub(crate) fn of(inner: &'a dyn Store, urls: Vec<Url>, limit_bytes: u64) -> Self {
        let read = inner.get_all(&urls, limit_bytes);
        Self {
            inner,
            read: Mutex::new(urls.into_iter().zip(read).collect()),
        }
    }

    fn take(&self, url: &Url) -> Option<Result<Bytes>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.remove(url)
    }
}

impl Store for AheadStore<'_> {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        match self.take(url) {
            Some(Ok(bytes)) => {
                limits::check(&format!("bytes of {url}"), bytes.len() as u64, limit_bytes)?;
                Ok(bytes)
            }
            Some(missing @ Err(Error::NotFound { .. })) => missing,
            _ => self.inner.get(url, limit_bytes),
        }
    }

    fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
        self.inner.get_all(urls, limit_bytes)
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(url, ranges, len_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.inner.get_range(url, range, len_bytes)
    }

    fn parallel_reads(&self) -> usize {
        self.inner.parallel_reads()
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        match self.take(url) {
            Some(Err(missing @ Error::NotFound { .. })) => Err(missing),
            _ => self.inner.stat(url),
        }
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.inner.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.inner.put_if_absent(url, bytes)
    }

    fn settle(&self, folder: &Url) -> Result<()> {
        self.inner.settle(folder)
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.inner.delete(url)
    }

    fn delete_folder(&self, folder: &Url) -> Result<()> {
        self.inner.delete_folder(folder)
    }

    fn liveness(&self) -> Option<&dyn Liveness> {
        self.inner.liveness()
    }
}

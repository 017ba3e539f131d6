//! A store around a store that was asked for files ahead, many at once.

use super::forward::forward;
use super::{Stat, Store};
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
    forward!(
        inner: get_all, get_range, get_ranges, parallel_reads, list, put_if_absent, settle, delete, delete_folder, liveness
    );

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

    fn stat(&self, url: &Url) -> Result<Stat> {
        match self.take(url) {
            Some(Err(missing @ Error::NotFound { .. })) => Err(missing),
            _ => self.inner.stat(url),
        }
    }
}

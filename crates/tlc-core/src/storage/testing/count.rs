//! A store around a store that counts what is asked of it.

use crate::storage::forward::forward;
use crate::storage::{Entry, Stat, Store};
use crate::{Result, Url};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the requests that an object store would be sent.
#[derive(Debug)]
pub struct CountingStore {
    inner: Arc<dyn Store>,
    reads: AtomicU64,
    waits: AtomicU64,
    read_bytes: AtomicU64,
    writes: AtomicU64,
}

impl CountingStore {
    /// Counts what is asked of `inner`.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            reads: AtomicU64::new(0),
            waits: AtomicU64::new(0),
            read_bytes: AtomicU64::new(0),
            writes: AtomicU64::new(0),
        }
    }

    /// Number of reads and listings since the last call.
    pub fn take_reads(&self) -> u64 {
        self.reads.swap(0, Ordering::SeqCst)
    }

    /// How often somebody waited for an answer, or for several that come at once, to a read
    /// or listing since the last call.
    pub fn take_waits(&self) -> u64 {
        self.waits.swap(0, Ordering::SeqCst)
    }

    /// Bytes that were read since the last call.
    pub fn take_read_bytes(&self) -> u64 {
        self.read_bytes.swap(0, Ordering::SeqCst)
    }

    fn counted(&self, bytes: Bytes) -> Bytes {
        self.read_bytes
            .fetch_add(bytes.len() as u64, Ordering::SeqCst);
        bytes
    }

    /// Number of writes and deletions since the last call.
    pub fn take_writes(&self) -> u64 {
        self.writes.swap(0, Ordering::SeqCst)
    }

    fn read(&self) -> &dyn Store {
        self.at_once(1);
        &*self.inner
    }

    fn at_once(&self, reads: usize) {
        self.reads.fetch_add(reads as u64, Ordering::SeqCst);
        self.waits.fetch_add(u64::from(reads > 0), Ordering::SeqCst);
    }

    fn write(&self) -> &dyn Store {
        self.writes.fetch_add(1, Ordering::SeqCst);
        &*self.inner
    }
}

impl Store for CountingStore {
    forward!(inner: parallel_reads, settle, delete_folder, liveness);

    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let bytes = self.read().get(url, limit_bytes)?;
        Ok(self.counted(bytes))
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let bytes = self.read().get_range(url, range, len_bytes)?;
        Ok(self.counted(bytes))
    }

    fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
        self.at_once(urls.len());
        let read = self.inner.get_all(urls, limit_bytes).into_iter();
        read.map(|read| read.map(|bytes| self.counted(bytes)))
            .collect()
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        self.at_once(ranges.len());
        let read = self.inner.get_ranges(url, ranges, len_bytes)?;
        Ok(read.into_iter().map(|bytes| self.counted(bytes)).collect())
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.read().stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.read().list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.write().put_if_absent(url, bytes)
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.write().delete(url)
    }
}

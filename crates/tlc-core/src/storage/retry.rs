//! A store around a store that tries again where that may help.

use super::forward::forward;
use super::{Entry, Stat, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Repeats calls that end with [`Error::Unavailable`], with growing random pauses,
/// until a deadline; every other error is returned at once.
///
/// A [`put_if_absent`](Store::put_if_absent) that was done, reported as failed and
/// repeated ends with [`Error::AlreadyExists`];
/// [`commit::publish`](super::commit::publish) reads back and knows its own file.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use tlc_core::storage::{MemoryStore, RetryStore};
///
/// let store = RetryStore::new(Arc::new(MemoryStore::default())).deadline(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
pub struct RetryStore {
    inner: Arc<dyn Store>,
    deadline: Duration,
    first_pause: Duration,
}

impl RetryStore {
    /// Repeats calls to `inner` for up to 30 seconds.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            deadline: DEADLINE,
            first_pause: FIRST_PAUSE,
        }
    }

    /// Sets after how long a call is not repeated any more.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the longest first pause; each next one may be twice as long.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    fn repeat<T>(&self, mut call: impl FnMut(&dyn Store) -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let mut longest = self.first_pause;
        loop {
            let result = call(&*self.inner);
            let pause = part_of(longest);
            let in_time = started.elapsed() + pause < self.deadline;
            if !matches!(result, Err(Error::Unavailable { .. })) || !in_time {
                return result;
            }
            sleep(pause);
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Store for RetryStore {
    forward!(inner: parallel_reads, delete_folder, liveness);

    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        self.repeat(|store| store.get(url, limit_bytes))
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.repeat(|store| store.get_range(url, range.clone(), len_bytes))
    }

    fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
        let read = self.inner.get_all(urls, limit_bytes).into_iter().zip(urls);
        let again = read.map(|(read, url)| match read {
            Err(Error::Unavailable { .. }) => self.get(url, limit_bytes),
            other => other,
        });
        again.collect()
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        self.repeat(|store| store.get_ranges(url, ranges, len_bytes))
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.repeat(|store| store.stat(url))
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.repeat(|store| store.list(folder))
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.repeat(|store| store.put_if_absent(url, bytes.clone()))
    }

    fn settle(&self, folder: &Url) -> Result<()> {
        self.repeat(|store| store.settle(folder))
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.repeat(|store| store.delete(url))
    }
}

/// A random part of a pause, half of it at least: clients that failed together do not
/// come back together.
fn part_of(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) as f64 / u64::MAX as f64;
    pause.mul_f64(0.5 + random / 2.0)
}

//! A store that is unavailable now and then is tried again, and nothing else is.

use super::{memory_folder, suite};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{Entry, Hold, MemoryStore, RetryStore, Store, commit};
use tlc_core::{Error, Result, Url};

const PAUSE: Duration = Duration::from_millis(1);

/// Unavailable at `percent` of its calls, spread evenly, and counting both.
#[derive(Debug)]
struct Flaky {
    inner: MemoryStore,
    percent: u64,
    calls: AtomicU64,
    failed: AtomicU64,
}

impl Flaky {
    fn new(percent: u64) -> Arc<Self> {
        let (calls, failed) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self {
            inner: MemoryStore::default(),
            percent,
            calls,
            failed,
        })
    }

    fn may<T>(&self, url: &Url, call: impl FnOnce(&MemoryStore) -> Result<T>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        // Multiples of a number prime to 100: every per cent is met once in a hundred.
        if number * 37 % 100 < self.percent {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return Err(Error::Unavailable {
                url: url.clone(),
                reason: "503".to_owned(),
            });
        }
        call(&self.inner)
    }
}

impl Store for Flaky {
    fn get(&self, url: &Url) -> Result<Bytes> {
        self.may(url, |store| store.get(url))
    }

    fn get_range(&self, url: &Url, range: Range<u64>) -> Result<Bytes> {
        self.may(url, |store| store.get_range(url, range))
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

    fn hold(&self, url: &Url) -> Result<Hold> {
        self.may(url, |store| store.hold(url))
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        self.may(url, |store| store.hold_alone(url))
    }

    fn sweep(&self, folder: &Url) -> Result<()> {
        self.may(folder, |store| store.sweep(folder))
    }

    fn is_held(&self, url: &Url) -> Result<Option<bool>> {
        self.may(url, |store| store.is_held(url))
    }
}

#[test]
fn a_store_that_fails_at_a_third_of_its_calls_keeps_the_promises_when_retried() {
    for percent in [10, 30] {
        let flaky = Flaky::new(percent);
        let retried = RetryStore::new(flaky.clone()).first_pause(PAUSE);
        suite::run(&(Arc::new(retried) as Arc<dyn Store>), &memory_folder());
        let failed = flaky.failed.load(Ordering::SeqCst);
        assert!(failed > 100, "only {failed} calls failed");
    }
}

#[test]
fn a_store_that_never_answers_is_unavailable_by_the_deadline() {
    let flaky = Flaky::new(100);
    let retried = RetryStore::new(flaky.clone()).first_pause(PAUSE);
    let retried = retried.deadline(Duration::from_millis(200));
    let started = Instant::now();
    let read = retried.get(&memory_folder());
    assert!(matches!(read, Err(Error::Unavailable { .. })), "{read:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(flaky.failed.load(Ordering::SeqCst) > 3);
}

#[test]
fn an_answer_is_not_asked_for_again() {
    let flaky = Flaky::new(0);
    let retried = RetryStore::new(flaky.clone());
    assert!(matches!(
        retried.get(&memory_folder()),
        Err(Error::NotFound { .. })
    ));
    assert_eq!(flaky.calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_file_that_was_written_and_reported_as_failed_is_known_again() {
    let folder = memory_folder();
    let memory = Arc::new(MemoryStore::default());
    let faults = Arc::new(FaultStore::new(memory, Fault::Ambiguous, &When::Once(1)));
    let retried = RetryStore::new(faults.clone()).first_pause(PAUSE);
    let url = commit::numbered(&folder, 0).unwrap();
    commit::publish(&retried, &url, &"mine".into()).unwrap();
    assert_eq!((faults.fired(), faults.writes()), (1, 2));
    let other = commit::publish(&retried, &url, &"theirs".into());
    assert!(
        matches!(other, Err(Error::AlreadyExists { .. })),
        "{other:?}"
    );
}

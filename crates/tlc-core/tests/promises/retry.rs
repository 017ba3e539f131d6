//! A store that is unavailable now and then is tried again, and nothing else is.

use super::{memory_folder, suite};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::Error;
use tlc_core::storage::testing::{Fault, FaultStore, FlakyStore, When};
use tlc_core::storage::{MemoryStore, RetryStore, Store, commit};

const PAUSE: Duration = Duration::from_millis(1);

fn flaky(percent: u64) -> Arc<FlakyStore> {
    Arc::new(FlakyStore::new(Arc::new(MemoryStore::default()), percent))
}

#[test]
fn a_store_that_fails_at_a_third_of_its_calls_keeps_the_promises_when_retried() {
    for percent in [10, 30] {
        let flaky = flaky(percent);
        let retried = RetryStore::new(flaky.clone()).first_pause(PAUSE);
        suite::run(&(Arc::new(retried) as Arc<dyn Store>), &memory_folder());
        let failed = flaky.failed();
        assert!(failed > 100, "only {failed} calls failed");
    }
}

#[test]
fn a_store_that_never_answers_is_unavailable_by_the_deadline() {
    let flaky = flaky(100);
    let retried = RetryStore::new(flaky.clone()).first_pause(PAUSE);
    let retried = retried.deadline(Duration::from_millis(200));
    let started = Instant::now();
    let read = retried.get(&memory_folder(), 1);
    assert!(matches!(read, Err(Error::Unavailable { .. })), "{read:?}");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(flaky.failed() > 3);
}

#[test]
fn an_answer_is_not_asked_for_again() {
    let flaky = flaky(0);
    let retried = RetryStore::new(flaky.clone());
    assert!(matches!(
        retried.get(&memory_folder(), 1),
        Err(Error::NotFound { .. })
    ));
    assert_eq!(flaky.calls(), 1);
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

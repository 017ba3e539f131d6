//! The way to the store fails: answers are lost, connections end, nothing comes.

use super::numbers::{numbers, sealed_numbers};
use super::server::{Server, store_of};
use super::{mounted, run_at, writer};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::Error;
use tlc_core::storage::{RetryStore, Store};

#[test]
fn what_fails_on_the_way_costs_time_and_nothing_else() {
    const FLUSHES: i64 = 40;
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store(), &root);
    let run = run_at(&root);
    let mut writer = writer(&run);
    let mut expected = Vec::new();
    for (kind, share) in [("any", 0.1), ("slow", 0.1), ("any", 0.3)] {
        server.go_wrong(kind, share);
        for _ in 0..FLUSHES {
            let first = expected.len() as i64;
            writer.add_batch(numbers(first, 4)).unwrap();
            writer.flush().unwrap();
            expected.extend(first..first + 4);
        }
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    assert_eq!(sealed_numbers(run.url()), expected);
    server.go_wrong("none", 0.0);
    assert_eq!(sealed_numbers(run.url()), expected);
}

#[test]
fn what_is_refused_is_asked_for_once_and_the_reason_is_told() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = RetryStore::new(Arc::new(server.store()));
    let url = server.root().join("file.parquet").unwrap();
    store.put_if_absent(&url, "x".into()).unwrap();
    server.go_wrong("denied", 1.0);
    server.requests();
    let refused = [
        store.get(&url, 10).map(drop),
        store.stat(&url).map(drop),
        store.list(&server.root()).map(drop),
        store.put_if_absent(&url, "y".into()),
        store.delete(&url),
    ];
    assert_eq!(server.requests().len(), refused.len());
    for refused in refused {
        let error = refused.unwrap_err();
        assert!(
            matches!(&error, Error::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied),
            "{error}"
        );
    }
    server.go_wrong("none", 0.0);
    let missing = RetryStore::new(Arc::new(store_of(&server.endpoint(), "no-bucket")));
    let error = missing.list(&server.root()).unwrap_err();
    assert!(error.to_string().contains("404 NoSuchBucket"), "{error}");
}

#[test]
fn a_store_that_says_nothing_is_unavailable_in_time() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = RetryStore::new(Arc::new(server.store())).deadline(Duration::from_secs(1));
    let url = server.root().join("file").unwrap();
    store.put_if_absent(&url, "x".into()).unwrap();
    server.go_wrong("silent", 1.0);
    let started = Instant::now();
    let read = store.get(&url, 1 << 20);
    assert!(matches!(read, Err(Error::Unavailable { .. })), "{read:?}");
    // A try has ten seconds.
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    server.go_wrong("busy", 1.0);
    let put = store.put_if_absent(&server.root().join("other").unwrap(), "x".into());
    assert!(matches!(put, Err(Error::Unavailable { .. })), "{put:?}");
    server.go_wrong("none", 0.0);
    assert_eq!(store.get(&url, 1 << 20).unwrap(), "x");
}

//! What every store promises, as one set of functions run on each store we ship.

#![allow(clippy::panic, clippy::unwrap_used)]

#[cfg(feature = "remote")]
mod cache;
mod retry;
mod suite;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{self, LocalStore, MemoryStore, RetryStore, Store};
use tlc_core::{Error, Url};

/// A folder in memory that no other test uses.
fn memory_folder() -> Url {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://promises/{number}")).unwrap()
}

#[test]
fn the_local_disk_keeps_the_promises() {
    let folder = tempfile::tempdir().unwrap();
    suite::run(
        &(Arc::new(LocalStore) as Arc<dyn Store>),
        &Url::from_path(folder.path()).unwrap(),
    );
}

#[test]
fn memory_keeps_the_promises() {
    suite::run(
        &(Arc::new(MemoryStore::default()) as Arc<dyn Store>),
        &memory_folder(),
    );
}

#[test]
fn a_store_around_a_store_keeps_the_promises() {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let faults = FaultStore::new(Arc::clone(&memory), Fault::Full, &When::Once(u64::MAX));
    suite::run(&(Arc::new(faults) as Arc<dyn Store>), &memory_folder());
    suite::run(
        &(Arc::new(RetryStore::new(memory)) as Arc<dyn Store>),
        &memory_folder(),
    );
}

#[test]
fn a_scheme_opens_its_object_store_or_names_the_feature_that_is_missing() {
    let schemes = [
        ("s3://bucket/p", "s3", cfg!(feature = "s3")),
        ("gs://bucket/p", "gs", cfg!(feature = "gs")),
        ("https://localhost/p", "http", cfg!(feature = "http")),
        ("az://container/p", "az", cfg!(feature = "az")),
    ];
    for (url, feature, is_built_in) in schemes {
        let opened = storage::open(&Url::parse(url).unwrap());
        match opened {
            Ok(_) => assert!(is_built_in, "{url}"),
            Err(Error::UnsupportedScheme { hint, .. }) => {
                assert!(
                    !is_built_in && hint.contains(&format!("`{feature}`")),
                    "{hint}"
                );
            }
            // Azure's account has no default: its variable must be set.
            Err(error) => assert!(is_built_in && feature == "az", "{url}: {error}"),
        }
    }
}

#[cfg(feature = "remote")]
mod remote {
    use super::{memory_folder, suite};
    use object_store::memory::InMemory;
    use std::sync::Arc;
    use tlc_core::storage::{RemoteStore, Store, mount};
    use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions};

    #[test]
    fn an_object_store_keeps_the_promises() {
        let store: Arc<dyn Store> = Arc::new(RemoteStore::new(Arc::new(InMemory::new())));
        suite::run(&store, &memory_folder());
    }

    #[test]
    fn an_object_store_is_used_from_within_an_async_runtime() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let store = RemoteStore::new(Arc::new(InMemory::new()));
        let url = memory_folder().join("a").unwrap();
        let read = runtime.block_on(async {
            store.put_if_absent(&url, "x".into()).unwrap();
            store.get(&url, 1 << 20).unwrap()
        });
        assert_eq!(read, "x");
    }

    #[test]
    fn a_run_is_kept_in_an_object_store() {
        let root = memory_folder();
        let _mounted = mount(&root, Arc::new(RemoteStore::new(Arc::new(InMemory::new()))));
        let run = Run::create(RunOptions::new("remote").root(&root)).unwrap();
        let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        for loss in [0.25_f32, 0.5] {
            writer
                .add_batch(Columns::new().column("loss", vec![loss]))
                .unwrap();
            writer.flush().unwrap();
        }
        writer.finalize().unwrap();
        run.update_metrics(&writer.get_written_metrics_infos())
            .unwrap();
        run.close().unwrap();
        let read = Run::from_url(run.url().clone()).unwrap().metrics().unwrap();
        assert_eq!(read[0].read().unwrap().num_rows(), 2);
    }
}

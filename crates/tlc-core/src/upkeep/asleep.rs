//! A process that sleeps while what it writes to is deleted.

use super::delete;
use crate::storage::{Entry, Leases, Liveness, MemoryStore, Stat, Store, mount};
use crate::{Error, Result, Run, RunOptions, Url};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// Files in memory, whose writers give signs of life unless they are asleep.
#[derive(Debug)]
struct Far {
    files: Arc<Files>,
    leases: Leases,
}

#[derive(Debug, Default)]
struct Files {
    memory: MemoryStore,
    sleeps: AtomicBool,
}

macro_rules! through {
    ($($inner:ident).+) => {
        fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
            self.$($inner).+.get(url, limit_bytes)
        }
        fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
            self.$($inner).+.get_range(url, range, len_bytes)
        }
        fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
            self.$($inner).+.list(folder)
        }
        fn delete(&self, url: &Url) -> Result<()> {
            self.$($inner).+.delete(url)
        }
    };
}

impl Store for Files {
    through!(memory);

    fn stat(&self, url: &Url) -> Result<Stat> {
        // The content of a mark's file is when it was made.
        let bytes = self.memory.get(url, 1 << 20)?;
        let made = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.parse().ok());
        let changed = SystemTime::UNIX_EPOCH + Duration::from_millis(made.unwrap_or(0));
        Ok(Stat {
            len_bytes: bytes.len() as u64,
            changed,
        })
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        let is_sign = url.name().starts_with("held-");
        if is_sign && self.sleeps.load(Ordering::SeqCst) {
            let (url, reason) = (url.clone(), "asleep".to_owned());
            return Err(Error::Unavailable { url, reason });
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let made = Bytes::from(now.unwrap_or_default().as_millis().to_string());
        self.memory
            .put_if_absent(url, if bytes.is_empty() { made } else { bytes })
    }
}

impl Store for Far {
    through!(files);

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.files.stat(url)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.files.put_if_absent(url, bytes)
    }

    fn liveness(&self) -> Option<&dyn Liveness> {
        Some(&self.leases)
    }
}

#[test]
fn who_wakes_after_the_deadline_writes_to_no_run_that_was_deleted_meanwhile() {
    let root = Url::parse("memory://lease-sleep").unwrap();
    let files = Arc::new(Files::default());
    let deadline = Duration::from_millis(400);
    let leases = Leases::new(Arc::clone(&files) as Arc<dyn Store>, deadline);
    let far = Far {
        files: Arc::clone(&files),
        leases,
    };
    let _mounted = mount(&root, Arc::new(far));
    let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
    std::thread::sleep(3 * deadline);
    assert!(
        matches!(delete(run.url()), Err(Error::InUse { .. })),
        "it is alive"
    );
    run.set_parameters([("a", 1)]).unwrap();
    files.sleeps.store(true, Ordering::SeqCst);
    std::thread::sleep(3 * deadline);
    delete(run.url()).unwrap();
    files.sleeps.store(false, Ordering::SeqCst);
    let woken = run.set_parameters([("a", 2)]);
    assert!(matches!(woken, Err(Error::NotFound { .. })), "{woken:?}");
    assert_eq!(files.list(&run.url().join("commits").unwrap()).unwrap(), []);
}

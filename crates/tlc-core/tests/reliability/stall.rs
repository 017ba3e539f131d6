//! A disk that does not answer.

use super::{sealed_numbers, wide_rows, writer};
use bytes::Bytes;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::sleep;
use std::time::Duration;
use tlc_core::storage::{Entry, LocalStore, Stat, Store, mount};
use tlc_core::{Result, Run, RunOptions, Url};

const BATCHES: usize = 12;

/// Holds back every write until it is opened.
#[derive(Debug, Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
    waiting: AtomicUsize,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_open = self.is_open.lock().unwrap();
        drop(
            self.opened
                .wait_while(is_open, |is_open| !*is_open)
                .unwrap(),
        );
    }
}

impl Store for Gate {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        LocalStore.get(url, limit_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        LocalStore.get_range(url, range, len_bytes)
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        LocalStore.stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        LocalStore.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.pass();
        LocalStore.put_if_absent(url, bytes)
    }

    fn delete(&self, url: &Url) -> Result<()> {
        LocalStore.delete(url)
    }
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(1));
    }
    panic!("not within a minute");
}

#[test]
fn a_writer_takes_rows_until_its_few_segments_wait_for_the_disk_and_then_blocks_and_drops_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let gate = Arc::new(Gate::default());
    let _mount = mount(run.url(), Arc::clone(&gate) as Arc<dyn Store>);
    let run = Run::from_url(run.url()).unwrap();
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = writer(&run);
            for batch in 0..BATCHES {
                writer.add_batch(wide_rows(batch as i64 * 1024)).unwrap();
                taken.fetch_add(1, Ordering::SeqCst);
            }
            writer.finalize().unwrap();
        });
        // Two segments of two batches wait, and a third is full.
        wait_until(|| taken.load(Ordering::SeqCst) == 6);
        wait_until(|| gate.waiting.load(Ordering::SeqCst) == 2);
        sleep(Duration::from_millis(500));
        assert_eq!(taken.load(Ordering::SeqCst), 6);
        gate.open();
    });
    let expected: Vec<i64> = (0..BATCHES as i64 * 1024).collect();
    assert_eq!(sealed_numbers(run.url()), expected);
}

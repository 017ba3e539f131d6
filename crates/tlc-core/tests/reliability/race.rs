//! Many writers at one run.

use super::{child, numbers, sealed_numbers, writer};
use std::collections::HashSet;
use std::io::Write;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Duration;
use tlc_core::{Run, RunOptions, Url};

const ROLE: &str = "TLC_TEST_RACE";
const WRITERS: i64 = 8;
const FLUSHES: i64 = 50;
const READERS: usize = 2;
const READS: usize = 10_000;

fn write(run: &Run, first: i64) {
    let mut writer = writer(run);
    for flush in 0..FLUSHES {
        writer.add_batch(numbers(first + flush, 1)).unwrap();
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
}

fn assert_complete(run: &Url) {
    let sealed = sealed_numbers(run);
    let distinct: HashSet<i64> = sealed.iter().copied().collect();
    assert_eq!(sealed.len(), usize::try_from(WRITERS * FLUSHES).unwrap());
    assert_eq!(distinct.len(), sealed.len());
}

/// Reads by readers that poll a run, each with a handle of its own.
#[derive(Debug, Default)]
struct Polls {
    reads: AtomicUsize,
    /// Of those, how many opened the run anew and how many read its values.
    opened: AtomicUsize,
    values: AtomicUsize,
    /// Reads that saw more rows than the one before.
    grown: AtomicUsize,
    is_over: AtomicBool,
}

impl Polls {
    /// Reads until it is over: no read fails, no row count falls, no value is torn.
    fn poll(&self, url: &Url) {
        let (mut run, mut seen) = (Run::from_url(url).unwrap(), 0);
        while !self.is_over.load(Ordering::SeqCst) {
            let read = self.reads.fetch_add(1, Ordering::SeqCst);
            if read.is_multiple_of(100) {
                run = Run::from_url(url).unwrap();
                self.opened.fetch_add(1, Ordering::SeqCst);
            } else {
                run.refresh().unwrap();
            }
            let rows = rows(&run);
            assert!(rows >= seen, "{rows} rows after {seen}");
            if rows > seen {
                self.grown.fetch_add(1, Ordering::SeqCst);
            }
            if read % 500 == 7 {
                self.values.fetch_add(1, Ordering::SeqCst);
                assert_whole(url, rows);
            }
            seen = rows;
        }
    }

    fn wait_for(&self, reads: usize, readers: &[ScopedJoinHandle<'_, ()>]) {
        while self.reads.load(Ordering::SeqCst) < reads {
            assert!(!readers.iter().any(|reader| reader.is_finished()));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Number of registered rows.
fn rows(run: &Run) -> usize {
    let tables = run.unfinished_metrics().unwrap();
    tables.iter().map(|table| table.len()).sum()
}

/// All values can be read, none twice, and no fewer than were counted before.
fn assert_whole(url: &Url, counted: usize) {
    let numbers = sealed_numbers(url);
    let distinct: HashSet<i64> = numbers.iter().copied().collect();
    assert!(distinct.len() == numbers.len() && numbers.len() >= counted);
}

/// Writes a flush for each line of the input.
fn write_when_told(run: &Run, first: i64) {
    let mut writer = writer(run);
    for (flush, _) in (0..FLUSHES).zip(std::io::stdin().lines()) {
        writer.add_batch(numbers(first + flush, 1)).unwrap();
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
}

/// Lets the writers go on as the readers do, so that all reads race with writes.
fn tell(children: &mut [Child], polls: &Polls, readers: &[ScopedJoinHandle<'_, ()>]) {
    for flush in 0..FLUSHES as usize {
        for child in &mut *children {
            writeln!(child.stdin.as_ref().unwrap(), "flush").unwrap();
        }
        polls.wait_for((flush + 1) * READS / FLUSHES as usize, readers);
    }
    for child in children {
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn eight_processes_with_fifty_flushes_each_lose_and_double_nothing_before_polling_readers() {
    if let Ok(value) = std::env::var(ROLE) {
        let (first, run) = value.split_once(' ').unwrap();
        return write_when_told(&Run::from_url(run).unwrap(), first.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let name = "race::eight_processes_with_fifty_flushes_each_lose_and_double_nothing_before_polling_readers";
    let start = |index: i64| {
        let mut child = child(name, ROLE, &format!("{} {}", index * FLUSHES, run.url()));
        child.stdin(Stdio::piped()).spawn().unwrap()
    };
    let mut children: Vec<Child> = (0..WRITERS).map(start).collect();
    let polls = Polls::default();
    std::thread::scope(|scope| {
        let poll = || scope.spawn(|| polls.poll(run.url()));
        let readers: Vec<_> = (0..READERS).map(|_| poll()).collect();
        tell(&mut children, &polls, &readers);
        polls.is_over.store(true, Ordering::SeqCst);
    });
    println!("while they wrote: {polls:?}");
    let (reads, grown) = (polls.reads.into_inner(), polls.grown.into_inner());
    assert!(reads >= READS, "only {reads} reads");
    assert!(grown >= 100, "only {grown} reads saw a write");
    assert_complete(run.url());
}

#[test]
fn eight_threads_with_handles_of_their_own_lose_and_double_nothing() {
    let root = Url::parse("memory://race").unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    std::thread::scope(|scope| {
        for index in 0..WRITERS {
            let run = Run::from_url(run.url()).unwrap();
            scope.spawn(move || write(&run, index * FLUSHES));
        }
    });
    assert_complete(run.url());
}

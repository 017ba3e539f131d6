//! Many writers at one run.

use super::{child, numbers, sealed_numbers, writer};
use std::collections::HashSet;
use tlc_core::{Run, RunOptions, Url};

const ROLE: &str = "TLC_TEST_RACE";
const WRITERS: i64 = 8;
const FLUSHES: i64 = 50;

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

/// Row counts that a reader sees until `done`, which must never fall.
fn poll(run: &Url, mut done: impl FnMut() -> bool) -> usize {
    let (mut reads, mut seen) = (0, 0);
    while !done() {
        let run = Run::from_url(run).unwrap();
        let rows = run
            .unfinished_metrics()
            .unwrap()
            .iter()
            .map(|table| table.len())
            .sum();
        assert!(rows >= seen, "{rows} rows after {seen}");
        (reads, seen) = (reads + 1, rows);
    }
    reads
}

#[test]
fn eight_processes_with_fifty_flushes_each_lose_and_double_nothing() {
    if let Ok(value) = std::env::var(ROLE) {
        let (first, run) = value.split_once(' ').unwrap();
        return write(&Run::from_url(run).unwrap(), first.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let name = "race::eight_processes_with_fifty_flushes_each_lose_and_double_nothing";
    let mut children: Vec<_> = (0..WRITERS)
        .map(|index| {
            child(name, ROLE, &format!("{} {}", index * FLUSHES, run.url()))
                .spawn()
                .unwrap()
        })
        .collect();
    let reads = poll(run.url(), || {
        children.iter_mut().all(|c| c.try_wait().unwrap().is_some())
    });
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    println!("{reads} reads while they wrote");
    assert!(reads > 0);
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

//! What the benchmarks share: ratios of two pieces of work measured in turns, and a
//! place to write.

#![allow(clippy::unwrap_used)] // benchmarks' own

pub mod collection;
pub mod nets;
pub mod resnet;
pub mod samples;

use std::time::{Duration, Instant};
use tempfile::TempDir;
use tlc_core::{Run, RunOptions, Url};

/// Times two pieces of work in turns and prints the median of the ratios of their
/// times, with the smallest and the largest: what slows the machine down for a while
/// slows both.
pub fn print_ratio(what: &str, rounds: usize, mut ours: impl FnMut(), mut bare: impl FnMut()) {
    ours();
    bare();
    let mut pairs: Vec<(Duration, Duration)> = (0..rounds)
        .map(|_| (timed(&mut ours), timed(&mut bare)))
        .collect();
    let ratio = |pair: &(Duration, Duration)| pair.0.as_secs_f64() / pair.1.as_secs_f64();
    pairs.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let (ours, bare) = pairs[rounds / 2];
    println!(
        "{what}: {:.3} (median of {rounds}; {:.3} to {:.3}; {ours:.2?} over {bare:.2?})",
        ratio(&pairs[rounds / 2]),
        ratio(&pairs[0]),
        ratio(&pairs[rounds - 1]),
    );
}

/// A number that an environment variable sets, or the one given.
pub fn setting(name: &str, default: usize) -> usize {
    let set = std::env::var(name).ok();
    set.map_or(default, |value| value.parse().unwrap())
}

/// A folder that is deleted with the value, and its URL.
pub fn folder() -> (TempDir, Url) {
    let folder = tempfile::tempdir().unwrap();
    let url = Url::from_path(folder.path()).unwrap();
    (folder, url)
}

/// A new run below this root.
pub fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("benches").root(root)).unwrap()
}

/// The most memory this process has had resident, in bytes; `None` where the system
/// does not tell.
pub fn peak_memory_bytes() -> Option<u64> {
    status_bytes("VmHWM:")
}

/// The memory this process has resident, in bytes; `None` where the system does not
/// tell.
pub fn memory_bytes() -> Option<u64> {
    status_bytes("VmRSS:")
}

fn status_bytes(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn timed(work: &mut impl FnMut()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

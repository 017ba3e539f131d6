//! Reducers that mean harm: documents and files of rows with repaired checksums. The answer
//! is a value or an error: never a panic, a hang or memory without bound.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

#[path = "../../../tlc-core/tests/hostile/alloc.rs"]
mod alloc;
mod files;
#[path = "../../../tlc-core/tests/hostile/json.rs"]
mod json;
#[path = "../../../tlc-core/tests/hostile/random.rs"]
mod random;
mod refused;
mod rows;

use alloc::{LIMIT_BYTES, measured};
use files::Saved;
use json::Node;
use random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tlc_findings::Result;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const TRIALS: u64 = 3_000;
const LONGEST: Duration = Duration::from_secs(60);

/// What is allocated is counted for the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Loads a reducer and reduces with it, within the bounds that are promised.
fn bounded(saved: &Saved, name: &'static str, what: &str) -> Result<()> {
    let (saved, (done, result)) = (saved.clone(), channel());
    std::thread::spawn(move || {
        let work = || catch_unwind(AssertUnwindSafe(|| saved.use_it(name)));
        done.send(measured(work)).unwrap_or_default();
    });
    let (used, taken) = result.recv_timeout(LONGEST).unwrap_or_else(|_| {
        panic!("{name}, {what}: no answer");
    });
    let (peak, largest, culprit) = (taken.peak, taken.largest, taken.culprit);
    assert!(
        peak <= LIMIT_BYTES,
        "{name}, {what}: {peak} bytes, {largest} in one piece for {culprit:?}"
    );
    used.unwrap_or_else(|_| panic!("{name}, {what}: it panicked"))
}

#[test]
fn no_change_of_a_reducer_with_repaired_checksums_panics_hangs_or_takes_memory_without_bound() {
    let _alone = alone();
    let saved = Saved::new("memory://hostile-reducers/");
    let (mut used, mut refused) = (0, 0);
    for trial in 0..TRIALS {
        let mut random = Random::new(trial);
        let name = *random.one_of(&files::NAMES);
        let what = match (name, random.below(3)) {
            ("umap", 0) => {
                let mut bytes = saved.rows();
                let done = rows::damage(&mut bytes, &mut random);
                saved.put_rows(bytes);
                done
            }
            _ => mutate(&saved, name, &mut random),
        };
        match bounded(&saved, name, &format!("trial {trial}: {what}")) {
            Ok(()) => used += 1,
            Err(_) => refused += 1,
        }
        saved.restore();
    }
    println!("{refused} refused, {used} used");
    assert!(
        refused > TRIALS / 3 && used > TRIALS / 20,
        "{refused} {used}"
    );
}

fn mutate(saved: &Saved, name: &str, random: &mut Random) -> String {
    let mut document = Node::parse(saved.line(name).as_bytes());
    let done = json::mutate(&mut document, random);
    let mut line = String::new();
    document.write(&mut line);
    saved.put_line(name, &line);
    done.chars().take(120).collect()
}

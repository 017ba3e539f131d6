//! A process is killed while it writes metrics.

use super::{child, numbers, sealed_numbers, writer};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};
use tlc_core::{IfExists, Run, RunOptions, Status, Url, VacuumOptions, vacuum};

const ROLE: &str = "TLC_TEST_CRASH_ROOT";
const KILLS: usize = 100;
const ROWS: i64 = 64;

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p")
        .name("r")
        .root(root)
        .if_exists(IfExists::Reuse)
}

/// Flushes batches for ever and says on its output what has become durable.
fn write_until_killed(root: &Url) {
    let run = Run::create(options(root)).unwrap();
    let mut next = sealed_numbers(run.url())
        .iter()
        .max()
        .map_or(0, |last| last + 1);
    println!("ready");
    loop {
        let mut writer = writer(&run);
        for _ in 0..5 {
            writer.add_batch(numbers(next, ROWS)).unwrap();
            println!("begin {next}");
            writer.flush().unwrap();
            println!("durable {next}");
            next += ROWS;
        }
        writer.finalize().unwrap();
    }
}

/// Durable batches the killed child reported, and whether it died inside a flush.
fn kill_after(root: &Url, delay: Duration) -> (Vec<i64>, bool) {
    let name = "crash::a_hundred_kills_lose_no_durable_row_and_double_none";
    let mut child = child(name, ROLE, &root.to_string()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("ready") {}
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = reader.join().unwrap();
    let durable = lines
        .iter()
        .filter_map(|line| line.strip_prefix("durable ")?.parse().ok());
    let inside = lines.last().is_some_and(|line| line.starts_with("begin"));
    (durable.collect(), inside)
}

#[test]
fn a_hundred_kills_lose_no_durable_row_and_double_none() {
    if let Ok(root) = std::env::var(ROLE) {
        return write_until_killed(&Url::parse(&root).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap().url().clone();
    let (mut durable, mut inside) = (HashSet::new(), 0);
    for kill in 0..KILLS {
        let micros = (kill as u64).wrapping_mul(7919) % 50_000;
        let (acknowledged, died_inside) = kill_after(&root, Duration::from_micros(micros));
        durable.extend(acknowledged);
        inside += usize::from(died_inside);
    }
    let sealed = sealed_numbers(&run);
    let distinct: HashSet<i64> = sealed.iter().copied().collect();
    assert_eq!(distinct.len(), sealed.len(), "a row was doubled");
    for first in &durable {
        assert!(
            (*first..first + ROWS).all(|number| distinct.contains(&number)),
            "{first} was lost"
        );
    }
    assert_eq!(
        sealed.len() % usize::try_from(ROWS).unwrap(),
        0,
        "a segment is partly visible"
    );
    println!(
        "{KILLS} kills, {inside} inside a write, {} durable batches",
        durable.len()
    );
    assert!(
        inside * 10 >= KILLS * 3,
        "only {inside} of {KILLS} kills fell inside a write"
    );
    let left = strays(folder.path(), &sealed);
    assert!(left <= KILLS, "more than one stray a kill");
    // Opening and writing delete nothing; what is left over is found when asked for.
    Run::from_url(&run)
        .unwrap()
        .set_status(Status::Completed)
        .unwrap();
    assert_eq!(strays(folder.path(), &sealed), left);
    assert_eq!(vacuum(&run, VacuumOptions::new()).unwrap().files().len(), 0);
    let at_once = VacuumOptions::new().untouched_for(Duration::ZERO);
    let found = vacuum(&run, at_once).unwrap();
    assert_eq!(found.files().len(), left);
    found.delete().unwrap();
    assert_eq!(strays(folder.path(), &sealed), 0);
    assert_eq!(sealed_numbers(&run), sealed);
}

/// Number of files that no commit names.
fn strays(root: &Path, sealed: &[i64]) -> usize {
    let mut files = Vec::new();
    let mut folders = vec![root.join("p/runs/r")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    let named = |end: &str| {
        files
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(end))
            .count()
    };
    let segments = sealed.len() / usize::try_from(ROWS).unwrap();
    named(".tmp") + named(".parquet") - segments
}

#[test]
fn a_thousand_segments_reopen_within_a_second_and_a_dead_run_shows_as_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    let mut writer = writer(&run);
    for segment in 0..1000 {
        writer.add_batch(numbers(segment * 2, 2)).unwrap();
        writer.flush().unwrap();
    }
    let url = run.url().clone();
    drop((writer, run));
    let started = Instant::now();
    let reopened = Run::from_url(&url).unwrap();
    println!("1,000 segments reopened in {:?}", started.elapsed());
    assert_eq!(reopened.status().unwrap(), Status::Interrupted);
    assert_eq!(reopened.unfinished_metrics().unwrap()[0].len(), 2000);
    assert_eq!(sealed_numbers(&url), (0..2000).collect::<Vec<_>>());
}

//! A process is killed while it writes to an object store, and two write at once.

use super::child::child;
use super::numbers::{numbers, sealed_numbers};
use super::server::{Server, store_at};
use super::{mounted, run_at, writer};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::time::Duration;
use tlc_core::{MetricsOptions, MetricsTableWriter, Run, Status, Url};

const ENDPOINT: &str = "TLC_TEST_ENDPOINT";
const ROOT: &str = "TLC_TEST_ROOT";
const DEADLINE: Duration = Duration::from_secs(6);
const KILLS: u64 = 5;
const ROWS: i64 = 16;

/// Flushes batches for ever and says on its output what has become durable.
fn write_until_killed(endpoint: &str) {
    let root = Url::parse(&std::env::var(ROOT).unwrap()).unwrap();
    let _mounted = mounted(store_at(endpoint).deadline(DEADLINE), &root);
    let run = run_at(&root);
    let written = sealed_numbers(run.url());
    let mut next = written.iter().max().map_or(0, |last| last + 1);
    println!("ready");
    let mut writer = writer(&run);
    loop {
        writer.add_batch(numbers(next, ROWS)).unwrap();
        writer.flush().unwrap();
        println!("durable {next}");
        next += ROWS;
    }
}

/// Batches that the child has called durable before it was killed.
fn kill_after(server: &Server, delay: Duration) -> Vec<i64> {
    let name = "crash::a_killed_writer_loses_nothing_durable_and_shows_as_interrupted";
    let mut child = child(name, ENDPOINT, &server.endpoint())
        .env(ROOT, server.root().to_string())
        .spawn()
        .unwrap();
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
    durable.collect()
}

#[test]
fn a_killed_writer_loses_nothing_durable_and_shows_as_interrupted() {
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        return write_until_killed(&endpoint);
    }
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store().deadline(DEADLINE), &root);
    let url = run_at(&root).url().clone();
    let mut durable = Vec::new();
    for kill in 0..KILLS {
        durable.extend(kill_after(&server, Duration::from_millis(200 + 137 * kill)));
    }
    assert!(!durable.is_empty());
    let run = Run::from_url(&url).unwrap();
    assert_eq!(
        run.status().unwrap(),
        Status::Running,
        "it was alive a moment ago"
    );
    let sealed = sealed_numbers(&url);
    let distinct: HashSet<i64> = sealed.iter().copied().collect();
    assert_eq!(distinct.len(), sealed.len(), "a row was doubled");
    let is_there = |first: &i64| (*first..first + ROWS).all(|number| distinct.contains(&number));
    assert!(durable.iter().all(is_there), "a row was lost");
    assert_eq!(sealed.len() as i64 % ROWS, 0, "a segment is partly visible");
    std::thread::sleep(2 * DEADLINE);
    assert_eq!(run.status().unwrap(), Status::Interrupted);
    tlc_core::delete(&url).unwrap();
    assert_eq!(
        tlc_core::storage::open(&url).unwrap().list(&url).unwrap(),
        []
    );
}

#[test]
fn two_writers_at_once_lose_and_double_nothing() {
    const FLUSHES: i64 = 20;
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store(), &root);
    let url = run_at(&root).url().clone();
    std::thread::scope(|threads| {
        for which in 0..2 {
            let url = &url;
            threads.spawn(move || {
                // A handle of its own, as another process has.
                let run = Run::from_url(url).unwrap();
                let options = MetricsOptions::new().run(&run);
                let mut writer = MetricsTableWriter::new(options).unwrap();
                for flush in 0..FLUSHES {
                    let first = (which * FLUSHES + flush) * ROWS;
                    writer.add_batch(numbers(first, ROWS)).unwrap();
                    writer.flush().unwrap();
                }
                writer.finalize().unwrap();
            });
        }
    });
    let mut sealed = sealed_numbers(&url);
    sealed.sort_unstable();
    assert_eq!(sealed, (0..2 * FLUSHES * ROWS).collect::<Vec<_>>());
}

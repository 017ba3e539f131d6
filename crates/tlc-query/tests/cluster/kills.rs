//! Processes are killed at random moments: no row is lost, none is there twice, none is wrong.

use crate::model::{SHARD_ROWS, assert_whole, run, table};
use crate::processes::{Cluster, Role, files};
use std::time::{Duration, Instant};

const ROWS: usize = 12 * SHARD_ROWS;
/// Of a batch: the whole takes two seconds on two executors.
const MILLIS: u64 = 40;

fn kills() -> usize {
    let set = std::env::var("TLC_CLUSTER_KILLS").ok();
    set.map_or(1, |kills| kills.parse().unwrap())
}

/// Different each time, and told if it goes wrong.
fn moment(kill: usize) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let random = now.unwrap().subsec_micros() + kill as u32 * 7919;
    Duration::from_millis(u64::from(random % 2_000))
}

/// Collects with a client that may be killed too, again until it is through.
fn collect_through(cluster: &mut Cluster, role: Role, rounds: usize) {
    for round in 0..rounds {
        let name = format!("{role:?}-{round}");
        let root = cluster.root().join(&name).unwrap();
        let (table, run) = (table(&root, ROWS), run(&root, "run"));
        std::fs::remove_file(&cluster.model.notes).ok();
        let mut client = cluster.client(&table, &run);
        let moment = moment(round);
        std::thread::sleep(moment);
        match role {
            Role::Client => client.kill(),
            other => {
                cluster.kill(other);
                cluster.add(other);
            }
        }
        let begun = Instant::now();
        let ended = loop {
            match client.ended() {
                Some(ended) => break ended,
                None if begun.elapsed() > Duration::from_secs(180) => panic!("{name} {moment:?}"),
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        if role == Role::Executor {
            assert!(ended, "{name}: one executor less is no error, {moment:?}");
        }
        let collected = cluster.collect(&table, &run);
        assert_eq!(collected.unwrap().len(), ROWS, "{name} {moment:?}");
        assert_whole(&run, &table, cluster.folder.path());
        let computed = cluster.model.computed(ROWS);
        let twice = computed.iter().filter(|times| **times > 1).count();
        assert!(computed.iter().all(|times| *times > 0), "{name} {moment:?}");
        // What was under way on two executors, for a client of before too.
        assert!(
            twice <= 3 * SHARD_ROWS,
            "{name} {moment:?}: {twice} rows were computed again"
        );
    }
}

#[test]
fn executors_are_killed_and_the_client_does_not_notice() {
    let mut cluster = Cluster::start(2, MILLIS);
    collect_through(&mut cluster, Role::Executor, kills());
}

#[test]
fn clients_are_killed_and_the_next_one_makes_what_is_missing() {
    let mut cluster = Cluster::start(2, MILLIS);
    collect_through(&mut cluster, Role::Client, kills());
}

#[test]
fn schedulers_are_killed_and_the_client_ends_or_goes_on() {
    let mut cluster = Cluster::start(2, MILLIS);
    collect_through(&mut cluster, Role::Scheduler, kills());
}

#[test]
fn an_executor_that_slept_and_was_taken_for_dead_works_on() {
    let cluster = Cluster::start(1, MILLIS);
    let (table, run) = (table(&cluster.root(), ROWS), run(&cluster.root(), "run"));
    let mut client = cluster.client(&table, &run);
    while files(&run, "-0.json").is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    cluster.signal(Role::Executor, "STOP");
    // Until the scheduler has given it up.
    std::thread::sleep(Duration::from_secs(20));
    cluster.signal(Role::Executor, "CONT");
    let begun = Instant::now();
    while client.ended().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(180), "nobody works");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.ended(), Some(true));
    assert_whole(&run, &table, cluster.folder.path());
}

#[test]
fn a_scheduler_that_was_away_for_long_finds_its_executors_again() {
    let mut cluster = Cluster::start(1, 1);
    cluster.kill(Role::Scheduler);
    // Until the executor has given it up.
    std::thread::sleep(Duration::from_secs(15));
    cluster.add(Role::Scheduler);
    let (table, run) = (table(&cluster.root(), ROWS), run(&cluster.root(), "run"));
    assert_eq!(cluster.collect(&table, &run).unwrap().len(), ROWS);
}

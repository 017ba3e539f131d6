//! How collection grows with its executors, for BENCHMARKS.md.

use crate::model::{Model, block_on, options, run, table};
use crate::processes::Cluster;
use std::time::{Duration, Instant};
use tlc_core::Url;
use tlc_query::collect_on;
use tlc_query::datafusion::prelude::SessionContext;

const ROWS: usize = 1_000_000;
/// Rows of a batch, and of a shard.
const OF_EACH: [usize; 2] = [1_000, 10_000];
/// A batch sleeps as long as a GPU would compute: the machine has fewer cores than executors.
const MILLIS: u64 = 200;
/// For executors to have found their scheduler.
const STARTED: Duration = Duration::from_secs(8);

fn model(millis: u64, rows: [usize; 2]) -> impl FnOnce(&std::path::Path) -> Model {
    move |notes| Model {
        rows,
        ..Model::new(notes, millis)
    }
}

/// Seconds that a cluster takes.
fn collected_secs(executors: usize, rows: usize, millis: u64, of_each: [usize; 2]) -> f64 {
    let cluster = Cluster::start_with(executors, model(millis, of_each), Vec::new());
    let (table, run) = (table(&cluster.root(), rows), run(&cluster.root(), "run"));
    std::thread::sleep(STARTED);
    let begun = Instant::now();
    let metrics = cluster.collect(&table, &run).unwrap();
    let taken = begun.elapsed().as_secs_f64();
    assert_eq!(metrics.len(), rows);
    taken
}

/// The same in this process.
fn collected_here_secs(rows: usize, of_each: [usize; 2]) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(&folder.path().join("root")).unwrap();
    let (table, run) = (table(&root, rows), run(&root, "run"));
    let collection = model(0, of_each)(&folder.path().join("notes")).collection();
    let begun = Instant::now();
    let session = SessionContext::new();
    block_on(collect_on(&session, &table, &collection, options(&run))).unwrap();
    begun.elapsed().as_secs_f64()
}

#[test]
#[ignore = "takes ten minutes: prints figures"]
fn scale() {
    let mut one = None;
    println!("| executors | s | times one |\n|---|---|---|");
    for executors in [1, 2, 4, 8] {
        let secs = collected_secs(executors, ROWS, MILLIS, OF_EACH);
        let times = *one.get_or_insert(secs) / secs;
        println!("| {executors} | {secs:.1} | {times:.2} |");
    }
    // A job is what it takes beyond its rows: few rows in many jobs, and in few.
    let jobs = 1_000;
    let per_job_millis = |many: f64, few: f64| 1e3 * (many - few) / (jobs - 1) as f64;
    let here = [10, 10 * jobs].map(|rows| collected_here_secs(10 * jobs, [10, rows]));
    println!("a shard, here: {:.1} ms", per_job_millis(here[0], here[1]));
    let two = [10, 10 * jobs].map(|rows| collected_secs(2, 10 * jobs, 0, [10, rows]));
    println!(
        "a job, two executors: {:.1} ms",
        per_job_millis(two[0], two[1])
    );
}

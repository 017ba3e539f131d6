//! Files of shards are damaged before the commit.

use crate::model::{SHARD_ROWS, assert_whole, run, table};
use crate::processes::{Cluster, files};
use std::time::{Duration, Instant};

const ROWS: usize = 8 * SHARD_ROWS;

#[test]
fn a_damaged_part_and_a_damaged_receipt_are_made_again_and_nothing_else() {
    let cluster = Cluster::start(2, 20);
    let (table, run) = (table(&cluster.root(), ROWS), run(&cluster.root(), "run"));
    let mut client = cluster.client(&table, &run);
    let begun = Instant::now();
    while files(&run, "-0.json").len() < 4 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{:?}",
            client.ended()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    client.kill();
    // What the executors have begun, they end.
    std::thread::sleep(Duration::from_secs(2));
    let before = cluster.model.computed(ROWS);
    let receipts = files(&run, "-0.json");
    for file in [&receipts[0], &files(&run, ".parquet")[1]] {
        let mut bytes = std::fs::read(file).unwrap();
        bytes[30] ^= 4;
        std::fs::remove_file(file).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    assert_eq!(cluster.collect(&table, &run).unwrap().len(), ROWS);
    let computed = cluster.model.computed(ROWS);
    let again = computed
        .iter()
        .zip(&before)
        .filter(|(now, before)| **before > 0 && now > before);
    assert_eq!(again.count(), 2 * SHARD_ROWS);
    assert_whole(&run, &table, cluster.folder.path());
}

//! Files of shards are damaged before the commit.

use crate::model::{Model, SHARD_ROWS, assert_whole, run, table};
use crate::processes::{Cluster, files};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tlc_core::Run;

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
    let before = once_it_is_quiet(&cluster.model);
    let receipts = files(&run, "-0.json");
    for file in [&receipts[0], &part_of(&run, &receipts[1])] {
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

/// What was computed, once the executors have ended what they had begun.
fn once_it_is_quiet(model: &Model) -> Vec<usize> {
    let mut computed = model.computed(ROWS);
    loop {
        std::thread::sleep(Duration::from_secs(2));
        let before = std::mem::replace(&mut computed, model.computed(ROWS));
        if before == computed {
            return computed;
        }
    }
}

/// The file of rows that a receipt names: which shard is written first is not said.
fn part_of(run: &Run, receipt: &Path) -> PathBuf {
    let receipt = std::fs::read_to_string(receipt).unwrap();
    let mut parts = files(run, ".parquet").into_iter();
    let is_named = |part: &PathBuf| receipt.contains(part.file_name().unwrap().to_str().unwrap());
    parts.find(is_named).unwrap()
}

//! Fifty epochs on a store that fails at one of a hundred of its operations, or at ten.

use crate::{into_run, predictor};
use std::sync::Arc;
use std::time::Duration;
use tlc_burn::prelude::*;
use tlc_core::storage::testing::{CountingStore, FlakyStore};
use tlc_core::storage::{MemoryStore, RetryStore, mount};
use tlc_core::{Run, RunOptions, Url};
use tlc_tests::{CLASSES, decode, ints, root, rows, table_of};

const EPOCHS: i64 = 50;
const ROWS: usize = 37;

#[test]
fn fifty_epochs_on_a_store_that_fails_now_and_then_lose_and_double_no_row() {
    for percent in [1, 10] {
        let root = root();
        let done = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
        let flaky = Arc::new(FlakyStore::new(done.clone(), percent));
        let asked = Arc::new(CountingStore::new(flaky.clone()));
        let retried = RetryStore::new(asked.clone()).first_pause(Duration::from_millis(1));
        let _mount = mount(&root, Arc::new(retried));
        assert_complete(&collected(&root));
        let (calls, failed) = (flaky.calls(), flaky.failed());
        let writes = asked.take_writes() - done.take_writes();
        println!("{failed} of {calls} operations failed, {writes} of them writes");
        assert!(failed * 200 >= calls * percent, "only {failed} of {calls}");
        // A collection is four writes: the failures meet them, too.
        assert!(writes >= percent, "only {writes}");
    }
}

/// A run with the metrics of every epoch, opened anew.
fn collected(root: &Url) -> Run {
    let samples = table_of(&rows(ROWS), root).samples().try_map(decode);
    let run = Run::create(RunOptions::new("tests").root(root)).unwrap();
    for epoch in 1..=EPOCHS {
        let options = into_run(&run).constant("epoch", epoch);
        let collectors = Classification::new(CLASSES);
        collect_metrics(&samples, collectors, &predictor(), options).unwrap();
    }
    Run::from_url(run.url()).unwrap()
}

fn assert_complete(run: &Run) {
    assert!(run.unfinished_metrics().unwrap().is_empty());
    let tables = run.metrics().unwrap();
    let ids: Vec<i64> = (0..ROWS as i64).collect();
    assert_eq!(tables.len() as i64, EPOCHS);
    for (table, epoch) in tables.iter().zip(1..) {
        assert_eq!(ints(table, "example_id"), ids);
        assert_eq!(ints(table, "epoch"), vec![epoch; ROWS]);
    }
    let aggregates = run.aggregates().unwrap();
    let losses = aggregates.iter().find(|series| series.key == "loss");
    assert_eq!(losses.unwrap().points.len() as i64, EPOCHS);
}

//! Rows of a cluster are those of one process.

use crate::model::{SHARD_ROWS, assert_whole, run, table};
use crate::processes::{Cluster, files};
use tlc_query::Error;

const ROWS: usize = 4 * SHARD_ROWS + 7;

#[test]
fn rows_of_one_two_and_four_executors_are_those_of_one_process_and_computed_once() {
    for executors in [1, 2, 4] {
        let cluster = Cluster::start(executors, 1);
        let (table, run) = (table(&cluster.root(), ROWS), run(&cluster.root(), "run"));
        let metrics = cluster.collect(&table, &run).unwrap();
        assert_eq!(metrics.len(), ROWS);
        assert_eq!(cluster.model.computed(ROWS), vec![1; ROWS]);
        assert_whole(&run, &table, cluster.folder.path());
        assert_eq!(files(&run, "-0.json").len(), ROWS.div_ceil(SHARD_ROWS));

        let again = cluster.collect(&table, &run).unwrap();
        assert_eq!(again.url(), metrics.url());
        assert_eq!(cluster.model.computed(ROWS), vec![1; ROWS]);
        assert_eq!(run.metrics().unwrap().len(), 1);
    }
}

#[test]
fn an_error_of_the_model_names_its_rows_and_what_was_made_is_kept() {
    let mut cluster = Cluster::start(0, 1);
    cluster.model.refused = Some((SHARD_ROWS + 60) as i64);
    cluster.add(crate::processes::Role::Executor);
    let (table, run) = (
        table(&cluster.root(), 2 * SHARD_ROWS),
        run(&cluster.root(), "run"),
    );
    let refused = cluster.collect(&table, &run).unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, Error::Sql(_)), "{refused:?}");
    assert!(
        text.contains("rows 500..1000: panic in the model's forward pass"),
        "{text}"
    );
    assert!(
        text.contains("for the batch at row 550: cannot stand 560"),
        "{text}"
    );
    assert!(run.metrics().unwrap().is_empty());
}

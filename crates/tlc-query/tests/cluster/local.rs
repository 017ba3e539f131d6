//! The engine in this process.

use crate::model::{Model, SHARD_ROWS, assert_whole, block_on, options, run, table};
use std::ops::Range;
use tlc_burn::{CollectOptions, CollectShards, ShardedCollection};
use tlc_core::{Error as Core, MetricsShard, MetricsTable, ShardedMetrics, Status, Table, Url};
use tlc_query::datafusion::prelude::SessionContext;
use tlc_query::{Collection, Error, cluster, collect_on};

const ROWS: usize = 3 * SHARD_ROWS + 7;

#[test]
fn rows_of_this_process_are_computed_once_whatever_the_session() {
    for is_cluster in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(&folder.path().join("root")).unwrap();
        let (table, run) = (table(&root, ROWS), run(&root, "run"));
        let model = Model::new(&folder.path().join("notes"), 0);
        let collection = model.collection();
        let collected = block_on(async {
            let session = match is_cluster {
                true => cluster::standalone(std::slice::from_ref(&collection)).await?,
                false => SessionContext::new(),
            };
            collect_on(&session, &table, &collection, options(&run)).await
        });
        assert_eq!(collected.unwrap().len(), ROWS);
        assert_eq!(model.computed(ROWS), vec![1; ROWS]);
        assert_whole(&run, &table, folder.path());
    }
}

#[test]
fn an_error_of_the_model_is_its_own_here_and_a_second_call_makes_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(&folder.path().join("root")).unwrap();
    let (table, run) = (table(&root, ROWS), run(&root, "run"));
    run.set_status(Status::Completed).unwrap();
    let mut model = Model::new(&folder.path().join("notes"), 0);
    model.refused = Some((2 * SHARD_ROWS) as i64);
    let collect = |collection: &Collection| {
        block_on(collect_on(
            &SessionContext::new(),
            &table,
            collection,
            options(&run),
        ))
    };
    match collect(&model.collection()) {
        Err(Error::Collect(tlc_burn::Error::Shard { rows, .. })) => {
            assert_eq!(rows, 2 * SHARD_ROWS..3 * SHARD_ROWS);
        }
        other => panic!("{other:?}"),
    }
    assert!(run.metrics().unwrap().is_empty());
    assert_eq!(run.status().unwrap(), Status::Completed);
    model.refused = None;
    assert_eq!(collect(&model.collection()).unwrap().len(), ROWS);
    let computed = model.computed(ROWS);
    assert!(computed.iter().all(|times| (1..=2).contains(times)));
    assert_eq!(computed[..2 * SHARD_ROWS], vec![1; 2 * SHARD_ROWS]);
    assert_whole(&run, &table, folder.path());
    assert_eq!(run.status().unwrap(), Status::Completed);
}

/// Makes each shard and does not live to say so.
struct Silent<S>(S);

impl<S: CollectShards> CollectShards for Silent<S> {
    fn model(&self) -> &str {
        self.0.model()
    }

    fn begin(&self, table: &Table, options: CollectOptions) -> tlc_burn::Result<ShardedCollection> {
        self.0.begin(table, options)
    }

    fn collect(
        &self,
        metrics: &ShardedMetrics,
        rows: Range<usize>,
    ) -> tlc_burn::Result<MetricsShard> {
        self.0.collect(metrics, rows)?;
        let url = metrics.run().url().clone();
        Err(Core::NotFound { url }.into())
    }

    fn finish(&self, collection: ShardedCollection) -> tlc_burn::Result<MetricsTable> {
        self.0.finish(collection)
    }
}

#[test]
fn a_shard_that_is_made_counts_though_the_answer_of_its_maker_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(&folder.path().join("root")).unwrap();
    let (table, run) = (table(&root, ROWS), run(&root, "run"));
    let model = Model::new(&folder.path().join("notes"), 0);
    let collection = Collection::new(Silent(model.shards()));
    let session = SessionContext::new();
    let collected = block_on(collect_on(&session, &table, &collection, options(&run)));
    assert_eq!(collected.unwrap().len(), ROWS);
    assert_eq!(model.computed(ROWS), vec![1; ROWS]);
    assert_whole(&run, &table, folder.path());
}

#[test]
fn what_would_leave_rows_out_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let (table, run) = (table(&root, 10), run(&root, "run"));
    let collection = Model::new(&folder.path().join("notes"), 0).collection();
    for (options, named) in [
        (options(&run).rows(vec![1, 2]), "`rows`"),
        (
            options(&run).exclude_zero_weights(true),
            "`exclude_zero_weights`",
        ),
    ] {
        let refused = block_on(collect_on(
            &SessionContext::new(),
            &table,
            &collection,
            options,
        ));
        let text = refused.unwrap_err().to_string();
        assert!(text.contains(named), "{text}");
    }
}

#[test]
fn a_table_without_rows_gives_a_metrics_table_without_rows() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let (table, run) = (table(&root, 0), run(&root, "run"));
    let collection = Model::new(&folder.path().join("notes"), 0).collection();
    let session = SessionContext::new();
    match block_on(collect_on(&session, &table, &collection, options(&run))) {
        Ok(metrics) => assert_eq!((metrics.len(), run.metrics().unwrap().len()), (0, 1)),
        // A table of typed rows has no columns before its first row.
        Err(Error::Collect(tlc_burn::Error::Core(Core::NoSuchColumn { .. }))) => {}
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn an_executor_whose_port_is_taken_says_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let executor = tlc_query::cluster::Executor::new("127.0.0.1", 1);
    let executor = executor.address("127.0.0.1", [port, 0]);
    let refused = block_on(executor.serve(&[])).unwrap_err().to_string();
    let told = format!("cannot listen at 127.0.0.1:{port}");
    assert!(refused.contains(&told), "{refused}");
}

//! Projects on an object store that fails for a while.

use crate::model::{Model, SHARD_ROWS, assert_whole, block_on, options, run, table};
use crate::processes::Cluster;
use crate::server::Server;
use std::time::Duration;

const ROWS: usize = 8 * SHARD_ROWS;

/// Requests of a collection in this process, in so many shards.
fn requests(server: &Server, shards: usize) -> Vec<String> {
    let root = server.root().join(&format!("of-{shards}")).unwrap();
    let (table, run) = (table(&root, shards * SHARD_ROWS), run(&root, "run"));
    let folder = tempfile::tempdir().unwrap();
    let collection = Model::new(&folder.path().join("notes"), 0).collection();
    server.requests();
    let session = tlc_query::datafusion::prelude::SessionContext::new();
    block_on(tlc_query::collect_on(
        &session,
        &table,
        &collection,
        options(&run),
    ))
    .unwrap();
    server.requests()
}

#[test]
fn a_shard_costs_few_requests() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = std::sync::Arc::new(server.store());
    let _mounted = tlc_core::storage::mount(&server.root(), store);
    let (few, many) = (requests(&server, 2), requests(&server, 12));
    for kind in ["GET", "HEAD", "PUT", "DELETE"] {
        let count = |all: &[String]| all.iter().filter(|one| one.starts_with(kind)).count();
        let of_each = (count(&many) - count(&few)) as f64 / 10.0;
        println!("{kind}: {of_each} a shard, {} of two", count(&few));
    }
    let of_each = (many.len() - few.len()) / 10;
    assert!(of_each <= 32, "{of_each}: {:#?}", &many[..many.len() / 3]);
}

#[test]
fn a_store_that_answers_503_for_ten_seconds_costs_ten_seconds() {
    let Some(server) = Server::start() else {
        return;
    };
    let cache = tempfile::tempdir().unwrap();
    let variables = [
        ("AWS_ENDPOINT_URL", server.endpoint()),
        ("AWS_ACCESS_KEY_ID", "a".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "b".to_owned()),
        ("TLC_CACHE_DIR", cache.path().display().to_string()),
    ];
    let variables = variables
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
    let cluster = Cluster::start_with(2, |notes| Model::new(notes, 40), variables);
    let store = std::sync::Arc::new(server.store());
    let _mounted = tlc_core::storage::mount(&server.root(), store);
    let (table, run) = (table(&server.root(), ROWS), run(&server.root(), "run"));
    let mut client = cluster.client(&table, &run);
    std::thread::sleep(Duration::from_millis(1500));
    server.go_wrong("any", 1.0);
    std::thread::sleep(Duration::from_secs(10));
    server.go_wrong("none", 0.0);
    while client.ended().is_none() {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(client.ended(), Some(true));
    assert_whole(&run, &table, cluster.folder.path());
    assert_eq!(cluster.model.computed(ROWS), vec![1; ROWS]);
}

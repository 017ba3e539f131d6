//! Projects on an object store that fails for a while.

use crate::model::{Model, SHARD_ROWS, assert_whole, run, table};
use crate::processes::Cluster;
use crate::server::Server;
use std::time::Duration;

const ROWS: usize = 8 * SHARD_ROWS;

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

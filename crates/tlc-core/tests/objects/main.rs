//! Projects in an object store: an S3 server on loopback, `server.py`, which is moto.
//!
//! Wants a Python with `moto[server]`, and for one test pyarrow: `TLC_PYTHON`, else `python3`.
//! `TLC_REQUIRE_TOOLS=1` makes their absence a failure.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod asleep;
#[path = "../tools/child.rs"]
mod child;
mod crash;
mod faults;
#[path = "../tools/numbers.rs"]
mod numbers;
#[path = "../tools/packages.rs"]
mod packages;
mod profile;
mod project;
#[path = "../tools/python.rs"]
mod python;
mod server;
#[path = "../promises/suite.rs"]
mod suite;

use server::Server;
use std::sync::Arc;
use std::time::Duration;
use tlc_core::storage::{RemoteStore, RetryStore, Store};
use tlc_core::{IfExists, MetricsOptions, MetricsTableWriter, Run, RunOptions, Url};

#[test]
fn an_s3_server_keeps_the_promises() {
    let Some(server) = Server::start() else {
        return;
    };
    let store: Arc<dyn Store> = Arc::new(RetryStore::new(Arc::new(server.store())));
    suite::run(&store, &server.root());
}

#[test]
fn a_mark_ends_with_its_deadline_and_not_before() {
    let Some(server) = Server::start() else {
        return;
    };
    let deadline = Duration::from_secs(5);
    let (living, mark) = (
        server.store().deadline(deadline),
        server.root().join("mark").unwrap(),
    );
    // As a process leaves it that was killed.
    let left = mark.join("held-a.0").unwrap();
    living.put_if_absent(&left, "".into()).unwrap();
    let liveness = living.liveness().unwrap();
    assert!(liveness.is_held(&mark).unwrap());
    assert!(liveness.hold_alone(&mark).unwrap().is_none());
    std::thread::sleep(2 * deadline);
    assert!(!liveness.is_held(&mark).unwrap());
    let held = liveness.hold(&mark).unwrap();
    std::thread::sleep(2 * deadline);
    assert!(liveness.is_held(&mark).unwrap(), "it gives signs of life");
    assert!(liveness.hold_alone(&mark).unwrap().is_none());
    drop(held);
    drop(liveness.hold_alone(&mark).unwrap().unwrap());
    assert_eq!(
        living.list(&mark).unwrap(),
        [],
        "nothing of the dead is left"
    );
}

/// A run, new or as it was left.
fn run_at(root: &Url) -> Run {
    let options = RunOptions::new("p").name("r").root(root);
    Run::create(options.if_exists(IfExists::Reuse)).unwrap()
}

fn writer(run: &Run) -> MetricsTableWriter {
    MetricsTableWriter::new(MetricsOptions::new().run(run)).unwrap()
}

/// A store that is in charge of the root as long as the guard lives, as a bucket that is opened
/// by its URL.
fn mounted(store: RemoteStore, root: &Url) -> tlc_core::storage::Mount {
    tlc_core::storage::mount(root, Arc::new(RetryStore::new(Arc::new(store))))
}

//! Collection on an engine: in this process, and on a cluster of processes that are killed.
//!
//! `TLC_CLUSTER_KILLS` sets how often processes are killed at random moments, and
//! `TLC_CLUSTER_NAMESPACES` has each of them in a network of its own: see
//! `tests/cluster/run.sh`.

#![allow(clippy::unwrap_used, clippy::panic)] // tests

mod damage;
mod kills;
mod local;
mod model;
mod processes;
mod rows;
mod scale;
mod store;

#[path = "../../../tlc-core/tests/tools/packages.rs"]
mod packages;
#[path = "../../../tlc-core/tests/objects/server.rs"]
mod server;

/// What processes run that this test binary starts: nothing, without a role.
#[test]
fn a_process_with_a_role_plays_it() {
    processes::play();
}

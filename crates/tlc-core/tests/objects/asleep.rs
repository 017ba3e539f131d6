//! A process sleeps while what it writes to is deleted.

use super::child::child;
use super::server::{Server, store_at};
use super::{mounted, run_at};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;
use tlc_core::{Error, Url};

const ENDPOINT: &str = "TLC_TEST_ENDPOINT";
const ROOT: &str = "TLC_TEST_ROOT";
const DEADLINE: Duration = Duration::from_secs(5);

/// Opens the run, and writes to it when it is told to.
fn write_when_told(endpoint: &str) {
    let root = Url::parse(&std::env::var(ROOT).unwrap()).unwrap();
    let _mounted = mounted(store_at(endpoint).deadline(DEADLINE), &root);
    let run = run_at(&root);
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    match run.set_parameters([("woken", true)]) {
        Err(Error::NotFound { .. }) => println!("is gone"),
        other => println!("{other:?}"),
    }
}

#[test]
fn who_wakes_after_the_deadline_writes_to_no_run_that_was_deleted_meanwhile() {
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        return write_when_told(&endpoint);
    }
    let Some(server) = Server::start() else {
        return;
    };
    let root = server.root();
    let _mounted = mounted(server.store().deadline(DEADLINE), &root);
    let url = run_at(&root).url().clone();
    let name = "asleep::who_wakes_after_the_deadline_writes_to_no_run_that_was_deleted_meanwhile";
    let mut child = child(name, ENDPOINT, &server.endpoint())
        .env(ROOT, root.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("ready") {}
    std::thread::sleep(2 * DEADLINE);
    let alive = tlc_core::delete(&url);
    assert!(matches!(alive, Err(Error::InUse { .. })), "{alive:?}");
    let process = Pid::from_child(&child);
    kill_process(process, Signal::STOP).unwrap();
    std::thread::sleep(2 * DEADLINE);
    tlc_core::delete(&url).unwrap();
    kill_process(process, Signal::CONT).unwrap();
    writeln!(child.stdin.take().unwrap()).unwrap();
    let said: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(said.iter().any(|line| line == "is gone"), "{said:?}");
    assert!(child.wait().unwrap().success());
    let store = tlc_core::storage::open(&url).unwrap();
    assert_eq!(store.list(&url).unwrap(), []);
}

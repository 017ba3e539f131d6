//! Ctrl-C in a process that has asked to handle it.
#![cfg(unix)]

use crate::{BATCH, predictor};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tlc_burn::prelude::*;
use tlc_burn::{CancellationToken, Error};
use tlc_core::{Run, Status, Url};
use tlc_tests::{CLASSES, decode, ints, rows, run_in, table_of};

const ROOT: &str = "TLC_TESTS_CTRL_C";
const ROWS: usize = 1000 * BATCH;

/// A process that runs one of these tests as its own.
fn child(test: &str, root: &Url) -> Child {
    let name = format!("ctrl_c::{test}");
    Command::new(std::env::current_exe().unwrap())
        .args([name.as_str(), "--exact", "--nocapture"])
        .env(ROOT, root.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends the signal once the process says that it is ready; what it says after.
fn interrupted(mut child: Child, signal: &str) -> (ExitStatus, String) {
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.ends_with("ready\n") {
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "{line}");
    }
    kill(signal, child.id());
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    (child.wait().unwrap(), rest)
}

fn kill(signal: &str, process: u32) {
    let kill = format!("kill {signal} {process}");
    let sent = Command::new("sh").args(["-c", &kill]).status();
    assert!(sent.unwrap().success());
}

/// Says that it is ready when rows were surely computed.
fn slowly(row: tlc_tests::Pixels) -> Result<tlc_tests::Image, String> {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    if SEEN.fetch_add(1, Ordering::Relaxed) == ROWS / 10 {
        println!("ready");
    }
    std::thread::sleep(Duration::from_millis(2));
    decode(row)
}

#[test]
fn ends_a_collection_as_cancelled_and_keeps_its_first_rows() {
    if let Ok(root) = std::env::var(ROOT) {
        let root = Url::parse(&root).unwrap();
        let table = table_of(&rows(ROWS), &root);
        let token = CancellationToken::on_ctrl_c().unwrap();
        let again = CancellationToken::on_ctrl_c().unwrap();
        let options = CollectOptions::new()
            .run(&run_in(&root))
            .cancellation(&token);
        let samples = table.samples().try_map(slowly);
        let collector = Classification::new(CLASSES);
        let result = collect_metrics(&samples, collector, &predictor(), options);
        assert!(matches!(result, Err(Error::Cancelled { .. })), "{result:?}");
        assert!(again.is_cancelled());
        println!("went on");
        return;
    }
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        let name = "ends_a_collection_as_cancelled_and_keeps_its_first_rows";
        let (status, said) = interrupted(child(name, &root), signal);
        assert!(status.success() && said.contains("went on"), "{said}");
        let run = tlc_core::runs(&root, "tests").unwrap().remove(0);
        let run = Run::from_url(&run).unwrap();
        assert_eq!(run.status().unwrap(), Status::Interrupted);
        assert!(run.metrics().unwrap().is_empty());
        let kept = run.unfinished_metrics().unwrap();
        let kept: Vec<_> = kept
            .iter()
            .flat_map(|kept| ints(kept, "example_id"))
            .collect();
        assert!(kept.iter().copied().eq(0..kept.len() as i64));
        assert!((1..ROWS).contains(&kept.len()), "{}", kept.len());
    }
}

#[test]
fn ends_a_process_that_does_not_heed_it_at_the_second_time() {
    if std::env::var_os(ROOT).is_some() {
        let token = CancellationToken::on_ctrl_c().unwrap();
        println!("ready");
        while !token.is_cancelled() {
            std::thread::sleep(Duration::from_millis(1));
        }
        kill("-INT", std::process::id());
        std::thread::sleep(Duration::from_secs(60));
        println!("went on");
        return;
    }
    let root = tlc_tests::root();
    let name = "ends_a_process_that_does_not_heed_it_at_the_second_time";
    let (status, said) = interrupted(child(name, &root), "-INT");
    assert_eq!(status.signal(), Some(2), "{said}");
}

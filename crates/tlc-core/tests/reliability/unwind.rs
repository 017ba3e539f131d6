//! A writer goes away without being finalized.

use super::{child, numbers, sealed_numbers, writer};
use std::time::{Duration, Instant};
use tlc_core::{IfExists, Run, RunOptions, Status, Url};

const ROLE: &str = "TLC_TEST_UNWIND";

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p")
        .name("r")
        .root(root)
        .if_exists(IfExists::Reuse)
}

/// Seals two rows, adds two more, and then goes away as told.
fn go_away(plan: &str) {
    let (way, root) = plan.split_once(' ').unwrap();
    let run = Run::create(options(&Url::parse(root).unwrap())).unwrap();
    run.set_status(Status::Collecting).unwrap();
    let mut writer = writer(&run);
    writer.add_batch(numbers(0, 2)).unwrap();
    writer.flush().unwrap();
    writer.add_batch(numbers(2, 2)).unwrap();
    match way {
        "drop" => drop(writer),
        "panic" => panic!("the training loop fails"),
        _ => std::process::exit(1),
    }
}

#[test]
fn dropped_unwound_or_exited_a_writer_keeps_what_was_flushed_and_shows_as_unfinished() {
    if let Ok(plan) = std::env::var(ROLE) {
        return go_away(&plan);
    }
    let name =
        "unwind::dropped_unwound_or_exited_a_writer_keeps_what_was_flushed_and_shows_as_unfinished";
    for way in ["drop", "panic", "exit"] {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        let started = Instant::now();
        let status = child(name, ROLE, &format!("{way} {root}"))
            .output()
            .unwrap()
            .status;
        assert!(started.elapsed() < Duration::from_secs(60), "{way} hangs");
        assert_eq!(status.success(), way == "drop", "{way}");
        let run = Run::from_url(root.join("p/runs/r").unwrap()).unwrap();
        assert_eq!(run.status().unwrap(), Status::Interrupted, "{way}");
        assert_eq!(run.unfinished_metrics().unwrap().len(), 1, "{way}");
        assert_eq!(sealed_numbers(run.url()), [0, 1], "{way}");
    }
}

//! How long `tlc` takes to start, and to list a thousand runs: `cargo bench -p tlc-cli`.

#![allow(clippy::unwrap_used)] // a benchmark stops at the first surprise

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Status, Url};

const RUNS: usize = 1_000;
const EPOCHS: i64 = 10;
const TIMES: usize = 11;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    for number in 0..RUNS {
        make(&root, number);
    }
    println!("median of {TIMES}, of {RUNS} runs with {EPOCHS} metrics tables each");
    for arguments in [
        &["--version"][..],
        &["projects"],
        &["runs"],
        &["runs", "--json"],
        &[],
    ] {
        let median = median(folder.path(), arguments);
        println!(
            "tlc {:<16} {:>8.1} ms",
            arguments.join(" "),
            1e3 * median.as_secs_f64()
        );
    }
}

/// A run as a short training leaves it.
fn make(root: &Url, number: usize) {
    let name = format!("run_{number:04}");
    let options = RunOptions::new("bench").root(root).name(name);
    let run = Run::create(options.parameter("learning_rate", 1e-3)).unwrap();
    for epoch in 1..=EPOCHS {
        let values = Columns::new().column("loss", vec![0.5_f32; 100]);
        let about = AddMetrics::new()
            .constant("epoch", epoch)
            .constant("split", "train");
        run.add_metrics(values, about).unwrap();
        run.log([("epoch", epoch as f64), ("loss", 0.5)]).unwrap();
    }
    run.flush().unwrap();
    run.set_status(Status::Completed).unwrap();
}

fn median(root: &Path, arguments: &[&str]) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES).map(|_| time(root, arguments)).collect();
    times.sort();
    times[TIMES / 2]
}

fn time(root: &Path, arguments: &[&str]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
    let command = command.args(arguments).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.env("TLC_PROJECT_ROOT", root).status().unwrap();
    assert!(status.success());
    start.elapsed()
}

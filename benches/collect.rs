//! What collection costs over a bare forward pass: the same model, the same batches,
//! the same device, logits read back. The table holds raw pixels, so that no image is
//! decoded in either. Then what a collection costs whatever its length: one row.
//!
//! Each number of threads is measured in a process of its own, since Rayon, which
//! computes for flex and maps rows for us, takes it once. A number, not a
//! distribution: criterion has no part in it.
//!
//! `TLC_DEVICE=wgpu` with the feature `wgpu` measures there; `TLC_BENCH_ROUNDS` says
//! how often and `TLC_BENCH_ROWS` over how many rows; `TLC_BENCH_NET` limits it to `cnn` or
//! `small`, `TLC_BENCH_BATCH` to one size.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::module::Module;
use std::process::Command;
use tlc_benches::collection::Collection;
use tlc_benches::nets::{Cnn, Small};
use tlc_benches::samples::{Batch, GREY};
use tlc_benches::{print_ratio, setting};
use tlc_burn::prelude::*;

const ROWS: usize = 4096;
const BATCHES: [usize; 3] = [32, 256, 1024];
const CHILD: &str = "TLC_BENCH_THREADS";

fn main() {
    if let Ok(threads) = std::env::var(CHILD) {
        return measure(&threads);
    }
    let this = std::env::current_exe().unwrap();
    let start = |mut command: Command, threads: &str, name: &str| {
        let command = command.env("RAYON_NUM_THREADS", threads).env(CHILD, name);
        assert!(command.status().unwrap().success());
    };
    start(Command::new(&this), "2", "2 threads");
    start(Command::new(&this), "1", "1 thread");
    if let Ok(true) = Command::new("taskset")
        .arg("-V")
        .status()
        .map(|s| s.success())
    {
        let mut pinned = Command::new("taskset");
        pinned.args(["-c", "0"]).arg(&this);
        start(pinned, "1", "1 thread, all of ours on its core too");
    } else {
        println!("SKIPPED: no taskset to leave one core");
    }
}

fn measure(threads: &str) {
    let name = std::env::var("TLC_DEVICE").unwrap_or_else(|_| "cpu".to_owned());
    let device = tlc_burn::device(&name).unwrap();
    let net = std::env::var("TLC_BENCH_NET").unwrap_or_default();
    if net != "small" {
        compare(&format!("cnn, {threads}"), 7, &Cnn::new(&device));
    }
    if net != "cnn" {
        compare(&format!("small, {threads}"), 25, &Small::new(&device));
    }
}

fn compare<M>(name: &str, rounds: usize, model: &M)
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    let rounds = setting("TLC_BENCH_ROUNDS", rounds);
    let rows = GREY.rows(setting("TLC_BENCH_ROWS", ROWS));
    let only = setting("TLC_BENCH_BATCH", 0);
    for batch in BATCHES
        .into_iter()
        .filter(|batch| only == 0 || only == *batch)
    {
        let bench = Collection::new(model, GREY, batch, &rows);
        let what = format!("collect_metrics over a bare forward pass, {name}, batch {batch}");
        print_ratio(&what, rounds, || bench.collect(), || bench.forward());
    }
    let bench = Collection::new(model, GREY, 1, &rows[..1]);
    let what = format!("the same, {name}, one row");
    print_ratio(&what, 4 * rounds, || bench.collect(), || bench.forward());
}

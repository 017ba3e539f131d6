//! Time and peak memory of finding the label issues of 1,000,000 samples of 100 classes,
//! with `f32` probabilities in memory (400 MB) and streamed (none kept). Each is measured
//! in a process of its own.

#![allow(clippy::panic, clippy::unwrap_used)]

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::process::Command;
use std::time::Instant;
use synthetic::{Streamed, peak_memory_bytes};
use tlc_findings::label_issues::{Batch, Filter, Predictions, Score, Slices, find};

const SAMPLES: usize = 1_000_000;
const CLASSES: usize = 100;
const CHILD: &str = "TLC_BENCH_SOURCE";

fn main() {
    let streamed = Streamed::new(SAMPLES, CLASSES);
    match std::env::var(CHILD).as_deref() {
        Ok("memory") => {
            let (labels, probabilities) = in_memory(&streamed);
            measure(
                "in memory",
                &Slices::new(&labels, &probabilities, CLASSES).unwrap(),
            );
        }
        Ok(_) => measure("streamed", &streamed),
        Err(_) => {
            for source in ["memory", "streamed"] {
                let mut child = Command::new(std::env::current_exe().unwrap());
                assert!(child.env(CHILD, source).status().unwrap().success());
            }
        }
    }
}

/// All labels and probabilities at once.
fn in_memory(streamed: &Streamed) -> (Vec<i64>, Vec<f32>) {
    let mut labels = Vec::with_capacity(SAMPLES);
    let mut probabilities = Vec::with_capacity(SAMPLES * CLASSES);
    let mut keep = |batch: Batch<'_, f32>| {
        labels.extend(batch.labels);
        probabilities.extend(batch.probabilities);
        Ok(())
    };
    streamed.for_each_batch(&mut keep).unwrap();
    (labels, probabilities)
}

fn measure(name: &str, predictions: &impl Predictions) {
    let mib = |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1048576.0);
    let before = mib(peak_memory_bytes());
    for filter in [Filter::PruneByNoiseRate, Filter::ConfidentLearning] {
        let start = Instant::now();
        let issues = find(predictions, filter, Score::SelfConfidence).unwrap();
        println!(
            "{name}, {filter:?}: {} issues in {:.2} s, peak {:.0} MiB ({before:.0} MiB before)",
            issues.count(),
            start.elapsed().as_secs_f64(),
            mib(peak_memory_bytes()),
        );
    }
}

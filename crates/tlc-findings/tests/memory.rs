//! Label issues take memory by the sample, not by the probability. Measured in a process of
//! its own, where the system tells the peak.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod synthetic;

use std::process::Command;
use synthetic::{Streamed, peak_memory_bytes};
use tlc_findings::label_issues::{Filter, Score, find};

const SAMPLES: usize = 200_000;
const CLASSES: usize = 100;
const CHILD: &str = "TLC_TEST_MEMORY_CHILD";

#[test]
fn finding_issues_keeps_no_copy_of_the_probabilities() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let name = "finding_issues_keeps_no_copy_of_the_probabilities";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
    assert!(child.status().unwrap().success());
}

fn child() {
    let Some(before) = peak_memory_bytes() else {
        return;
    };
    let predictions = Streamed::new(SAMPLES, CLASSES);
    let issues = find(&predictions, Filter::Both, Score::NormalizedMargin).unwrap();
    assert!(issues.count() > SAMPLES / 20);
    let grown = peak_memory_bytes().unwrap() - before;
    let probabilities = (SAMPLES * CLASSES * size_of::<f32>()) as u64;
    assert!(
        grown < probabilities / 2,
        "{grown} bytes more, the probabilities have {probabilities}"
    );
}

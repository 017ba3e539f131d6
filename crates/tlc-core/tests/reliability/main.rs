//! What holds when processes die, files are damaged and writers race.
#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)] // a test stops at the first surprise

#[path = "../tools/child.rs"]
mod child;
mod crash;
mod damage;
mod deletion;
mod fault;
mod full;
mod handles;
mod history;
mod log;
#[path = "../tools/numbers.rs"]
mod numbers;
mod owners;
mod power;
mod race;
mod stall;
mod unwind;
mod upkeep;
mod writers;

use child::child;
use numbers::{numbers, sealed_numbers};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run};

/// As [`child`], run by another program.
fn child_under(mut program: Command, name: &str, role: &str, value: &str) -> Command {
    let child = child(name, role, value);
    program.arg(child.get_program()).args(child.get_args());
    program.env(role, value).stdout(Stdio::piped());
    program
}

/// Whether a tool that a test needs could be run. If not, the test says so and is
/// skipped, or fails where all tools are required.
fn ran(tool: &mut Command, otherwise: &str) -> bool {
    let succeeds = tool.output().is_ok_and(|output| output.status.success());
    if !succeeds {
        let required = std::env::var_os("TLC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "{otherwise}");
        // Past the capture of the test harness.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {otherwise}");
    }
    succeeds
}

/// Where a test's randomness comes from; `TLC_TEST_SEED` repeats a run.
fn seed() -> u64 {
    let given = std::env::var("TLC_TEST_SEED").ok();
    let seed = given.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.unwrap().as_nanos() as u64
    });
    println!("TLC_TEST_SEED={seed}");
    seed
}

fn writer(run: &Run) -> MetricsTableWriter {
    MetricsTableWriter::new(MetricsOptions::new().run(run)).unwrap()
}

/// Batches of which two fill a segment, so that writing goes on while some are sealed.
fn wide_rows(first: i64) -> Columns {
    const ROWS: usize = 1024;
    const DIM: i32 = 4100;
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let values = Arc::new(Float32Array::from(vec![0.5; ROWS * DIM as usize]));
    let wide = FixedSizeListArray::new(item, DIM, values, None);
    numbers(first, ROWS as i64).column("wide", Arc::new(wide) as ArrayRef)
}

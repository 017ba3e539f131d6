//! What holds when processes die, files are damaged and writers race.
#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)] // a test stops at the first surprise

mod crash;
mod damage;
mod deletion;
mod fault;
mod full;
mod handles;
mod history;
mod log;
mod owners;
mod power;
mod race;
mod stall;
mod unwind;
mod upkeep;
mod writers;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, Url};

/// This test binary as another process, which runs only the test `name` with the
/// variable `role` set.
fn child(name: &str, role: &str, value: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command
        .env(role, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

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

/// A batch of rows with running numbers.
fn numbers(first: i64, count: i64) -> Columns {
    let numbers: Vec<i64> = (first..first + count).collect();
    let halves: Vec<f64> = numbers.iter().map(|number| *number as f64 / 2.0).collect();
    Columns::new()
        .column("number", numbers)
        .column("half", halves)
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

/// All sealed numbers of a run, in the order they were sealed.
fn sealed_numbers(run: &Url) -> Vec<i64> {
    use tlc_core::arrow::array::AsArray;
    let run = Run::from_url(run).unwrap();
    let mut tables = Vec::from(run.metrics().unwrap());
    tables.extend(run.unfinished_metrics().unwrap());
    let mut numbers = Vec::new();
    for table in tables {
        let rows = table.read().unwrap();
        numbers.extend(
            rows["number"]
                .as_primitive::<tlc_core::arrow::datatypes::Int64Type>()
                .values(),
        );
    }
    numbers
}

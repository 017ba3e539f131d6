//! Rows with running numbers, as they are written and as they are found again.

use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int64Type;
use tlc_core::{Columns, Run, Url};

/// A batch of rows with running numbers.
pub(crate) fn numbers(first: i64, count: i64) -> Columns {
    let numbers: Vec<i64> = (first..first + count).collect();
    let halves: Vec<f64> = numbers.iter().map(|number| *number as f64 / 2.0).collect();
    Columns::new()
        .column("number", numbers)
        .column("half", halves)
}

/// All sealed numbers of a run, in the order they were sealed.
pub(crate) fn sealed_numbers(run: &Url) -> Vec<i64> {
    let run = Run::from_url(run).unwrap();
    let mut tables = Vec::from(run.metrics().unwrap());
    tables.extend(run.unfinished_metrics().unwrap());
    let mut numbers = Vec::new();
    for table in tables {
        let rows = table.read().unwrap();
        numbers.extend(rows["number"].as_primitive::<Int64Type>().values());
    }
    numbers
}

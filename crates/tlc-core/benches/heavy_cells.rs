//! Cells of some megabytes, at random from a table that is larger than its memory budget, beside
//! the same bytes each in a file of its own, in one run: bytes, and arrays of numbers.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::arrow::array::{ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch};
use tlc_core::arrow::datatypes::{DataType, Field, Float32Type};
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};

/// As volumes of features and patches of medical images are: 4 MiB.
const SHAPE: [usize; 3] = [64, 128, 128];
const ROWS: usize = 150;
const ROUNDS: usize = 5;

fn array(row: usize) -> Vec<f32> {
    let len: usize = SHAPE.iter().product();
    let value = |at: usize| ((row * 7919 + at) as f32 * 0.618_034).fract();
    (0..len).map(value).collect()
}

fn bytes(row: usize) -> Vec<u8> {
    let values = array(row).into_iter();
    values.flat_map(f32::to_le_bytes).collect()
}

fn arrays(rows: Range<usize>) -> Columns {
    let len: usize = SHAPE.iter().product();
    let values: Vec<f32> = rows.flat_map(array).collect();
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let list =
        FixedSizeListArray::new(item, len as i32, Arc::new(Float32Array::from(values)), None);
    Columns::new().column("cell", Arc::new(list) as ArrayRef)
}

fn blobs(rows: Range<usize>) -> Columns {
    Columns::new().column("cell", rows.map(bytes).collect::<Vec<_>>())
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn of_row(rows: &RecordBatch) -> u8 {
    match rows["cell"].as_binary_opt::<i32>() {
        Some(cells) => sum(cells.value(0)),
        None => {
            let cells = rows["cell"].as_fixed_size_list();
            let values = cells.values().as_primitive::<Float32Type>().values();
            values
                .iter()
                .step_by(1024)
                .map(|value| *value as u8)
                .fold(0, u8::wrapping_add)
        }
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .step_by(4096)
        .copied()
        .fold(0, u8::wrapping_add)
}

/// Cells of a table, in turns with files.
fn beside_files(name: &str, value: ValueType, cells: fn(Range<usize>) -> Columns, folder: &Path) {
    let root = Url::from_path(folder).unwrap();
    let options = TableOptions::new("bench", name, "initial").root(root);
    let options = options.column(Column::new("cell", value));
    let table = Table::create(options, |writer| {
        (0..ROWS)
            .step_by(10)
            .try_for_each(|row| writer.add_batch(cells(row..row + 10)))
    });
    let table = table.unwrap();
    let order: Vec<usize> = (0..ROWS).map(|at| at * 67 % ROWS).collect();
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let files = timed(|| {
            let read =
                |row: &usize| sum(&std::fs::read(folder.join(format!("{row}.bytes"))).unwrap());
            order.iter().map(read).fold(0, u8::wrapping_add)
        });
        let table = table.memory_budget(64 << 20);
        let first = timed(|| of_row(&table.take(&[ROWS / 2]).unwrap()));
        let read = |row: &usize| of_row(&table.take(&[*row]).unwrap());
        let cells = timed(|| order.iter().map(read).fold(0, u8::wrapping_add));
        let each = |all: Duration| all / ROWS as u32;
        println!(
            "{name}: first cell {first:.2?}, a cell {:.2?}, a file {:.2?}",
            each(cells),
            each(files)
        );
        ratios.push(cells.as_secs_f64() / files.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("{name}: a cell over a file {:.2}", ratios[ROUNDS / 2]);
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    for row in 0..ROWS {
        std::fs::write(folder.path().join(format!("{row}.bytes")), bytes(row)).unwrap();
    }
    beside_files("bytes", ValueType::Bytes, blobs, folder.path());
    let value = ValueType::Tensor {
        item: Box::new(ValueType::Float32),
        shape: SHAPE.map(Some).to_vec(),
    };
    beside_files("arrays", value, arrays, folder.path());
}

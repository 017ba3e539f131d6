//! The most memory a process has while it writes 477,715 rows of a 1,280-wide f32
//! embedding (2.4 GB), and half of them. A number, not a time: criterion has no
//! part in it. Each is measured in a process of its own.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::process::Command;
use std::sync::Arc;
use tlc_benches::{folder, peak_memory_bytes, run};
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array, Int64Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Column, Columns, MetricsOptions, MetricsTableWriter, ValueType};

const ROWS: usize = 477_715;
const DIM: usize = 1_280;
const BATCH: usize = 256;
const CHILD: &str = "TLC_BENCH_ROWS";

fn main() {
    if let Ok(rows) = std::env::var(CHILD) {
        return write(rows.parse().unwrap());
    }
    for rows in [ROWS / 2, ROWS] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        assert!(
            child
                .env(CHILD, rows.to_string())
                .status()
                .unwrap()
                .success()
        );
    }
}

fn write(rows: usize) {
    let (_folder, root) = folder();
    let before = peak_memory_bytes();
    let embedding = ValueType::Embedding { dim: DIM };
    let options = MetricsOptions::new()
        .run(&run(&root))
        .column(Column::new("embedding", embedding));
    let mut writer = MetricsTableWriter::new(options).unwrap();
    for first in (0..rows).step_by(BATCH) {
        let len = BATCH.min(rows - first);
        writer.add_batch(batch(first, len)).unwrap();
    }
    assert_eq!(writer.finalize().unwrap().len(), rows);
    let mib =
        |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64 / f64::from(1 << 20));
    println!(
        "peak memory, {rows} rows of {DIM} f32 ({:.2} GB): {:.0} MiB ({:.0} MiB before the first)",
        (rows * DIM * 4) as f64 / 1e9,
        mib(peak_memory_bytes()),
        mib(before),
    );
}

fn batch(first: usize, len: usize) -> Columns {
    let values: Float32Array = (0..len * DIM)
        .map(|at| Some((first + at) as f32 * 1e-3))
        .collect();
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let list = FixedSizeListArray::new(item, DIM as i32, Arc::new(values), None);
    let ids: Int64Array = (first as i64..(first + len) as i64).map(Some).collect();
    Columns::new()
        .column("sample", Arc::new(ids) as ArrayRef)
        .column("embedding", Arc::new(list) as ArrayRef)
}

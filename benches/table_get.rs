//! Random typed rows a second from 1,000,000 rows of 500-byte images: a table within
//! its memory budget, one far over it, and a `Vec`. `peers/burn_data` has Burn's
//! `SqliteDataset`.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use tlc_benches::folder;
use tlc_core::{Column, Table, TableOptions, Url, ValueType};

const ROWS: usize = 1_000_000;
const IMAGE_BYTES: usize = 500;
/// Rows fetched in one measured piece of work.
const FETCHED: usize = 1_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    image: Vec<u8>,
    label: i32,
}

fn row(index: usize) -> Row {
    let image = (0..IMAGE_BYTES)
        .map(|at| (index * 7 + at * at) as u8)
        .collect();
    Row {
        image,
        label: (index % 10) as i32,
    }
}

fn table(root: &Url) -> Table {
    let options = TableOptions::new("benches", "images", "initial")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()));
    Table::create(options, |writer| {
        (0..ROWS).step_by(10_000).try_for_each(|first| {
            writer.add_rows(&(first..first + 10_000).map(row).collect::<Vec<_>>())
        })
    })
    .unwrap()
}

fn benches(criterion: &mut Criterion) {
    let (_folder, root) = folder();
    let mut random = StdRng::seed_from_u64(1);
    let wanted: Vec<usize> = (0..FETCHED).map(|_| random.random_range(0..ROWS)).collect();
    let table = table(&root);
    let mut group = criterion.benchmark_group("table_get");
    group.throughput(Throughput::Elements(FETCHED as u64));
    for (name, budget_bytes) in [
        ("table in budget", 2 << 30),
        ("table over budget", 64 << 20),
    ] {
        let table = table.memory_budget(budget_bytes);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                wanted
                    .iter()
                    .for_each(|row| drop(black_box(table.row::<Row>(*row).unwrap())))
            });
        });
    }
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    group.bench_function("Vec", |bench| {
        bench.iter(|| {
            wanted
                .iter()
                .for_each(|row| drop(black_box(rows[*row].clone())))
        });
    });
    group.finish();
}

criterion_group!(groups, benches);
criterion_main!(groups);

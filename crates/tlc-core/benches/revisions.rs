//! What a revision costs: making one, opening one after a thousand, reading it beside its
//! base, and finding what is different in two.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, criterion_group, criterion_main};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};

const ROWS: usize = 1_000_000;
const DIFFED_ROWS: usize = 10_000_000;
const EDITED: usize = 100;
const HISTORY: usize = 1_000;
const PAIRS: usize = 15;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    image: Vec<u8>,
    label: i32,
}

fn label(row: usize) -> i32 {
    (row * 7 % 10) as i32
}

/// A table of labels, with images of so many bytes or none.
fn table(root: &Url, rows: usize, image_bytes: usize) -> Table {
    let classes: Vec<String> = (0..10).map(|class| format!("class {class}")).collect();
    let options = TableOptions::new("benches", "images", "initial")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(classes)));
    let options = match image_bytes {
        0 => TableOptions::new("benches", "labels", "initial")
            .root(root)
            .column(Column::new(
                "label",
                ValueType::labels((0..10).map(|class| class.to_string())),
            )),
        _ => options,
    };
    Table::create(options, |writer| {
        (0..rows).step_by(10_000).try_for_each(|first| {
            let rows = first..first + 10_000;
            let columns =
                Columns::new().column("label", rows.clone().map(label).collect::<Vec<_>>());
            if image_bytes == 0 {
                return writer.add_batch(columns);
            }
            let image = |row: usize| {
                (0..image_bytes)
                    .map(|at| (row * 7 + at * at) as u8)
                    .collect::<Vec<u8>>()
            };
            writer.add_batch(columns.column("image", rows.map(image).collect::<Vec<_>>()))
        })
    })
    .unwrap()
}

/// A revision with every so-manieth label changed.
fn changed(table: &Table, every: usize) -> Table {
    let rows: Vec<usize> = (0..table.len()).step_by(every).collect();
    let labels: Vec<i32> = rows.iter().map(|row| (label(*row) + 1) % 10).collect();
    table
        .edit()
        .unwrap()
        .set_values("label", rows, labels)
        .unwrap()
        .commit("changed")
        .unwrap()
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let len = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => folder_bytes(&entry.path()),
        false => entry.metadata().unwrap().len(),
    };
    entries.map(len).sum()
}

/// The median ratio of two pieces of work, timed in turns.
fn ratio(what: &str, mut one: impl FnMut(), mut other: impl FnMut()) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    one();
    other();
    let mut times: Vec<(f64, Duration, Duration)> = (0..PAIRS)
        .map(|_| {
            let (one, other) = (time(&mut one), time(&mut other));
            (other.as_secs_f64() / one.as_secs_f64(), one, other)
        })
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, (middle, one, other), high) =
        (times[PAIRS / 4], times[PAIRS / 2], times[PAIRS * 3 / 4]);
    println!(
        "{what}: {middle:.3} ({:.3} to {:.3}), {one:.1?} and {other:.1?}",
        low.0, high.0
    );
}

fn scanned(table: &Table, columns: &[&str]) -> usize {
    let batches = table
        .scan()
        .columns(columns.iter().copied())
        .batches()
        .unwrap();
    batches
        .map(|batch| black_box(batch.unwrap()).num_rows())
        .sum()
}

fn scanned_first(table: &Table) -> usize {
    table
        .scan()
        .rows(..1000)
        .batches()
        .unwrap()
        .map(|batch| batch.unwrap().num_rows())
        .sum()
}

fn reading(root: &Url) {
    let base = table(root, ROWS / 4, 500);
    let revision = changed(&base, 100);
    let both = ["image", "label"];
    ratio(
        "scan of images and labels",
        || _ = black_box(scanned(&base, &both)),
        || _ = black_box(scanned(&revision, &both)),
    );
    ratio(
        "scan of labels",
        || _ = black_box(scanned(&base, &["label"])),
        || _ = black_box(scanned(&revision, &["label"])),
    );
    let wanted: Vec<usize> = (0..20_000).map(|at| at * 104_729 % base.len()).collect();
    let random = |table: &Table| {
        wanted
            .iter()
            .for_each(|row| drop(black_box(table.row::<Row>(*row).unwrap())))
    };
    ratio(
        "random rows, decoded",
        || random(&base),
        || random(&revision),
    );
    let first = |table: &Table| {
        drop(black_box(
            Table::from_url(table.url())
                .unwrap()
                .take(&wanted[..256])
                .unwrap(),
        ))
    };
    ratio(
        "the first random batch",
        || first(&base),
        || first(&revision),
    );
    let few = base
        .derive()
        .unwrap()
        .slice(..1000)
        .unwrap()
        .shuffle(1)
        .unwrap()
        .commit("few")
        .unwrap();
    ratio(
        "scan of 1,000 shuffled rows over one of 1,000",
        || _ = black_box(scanned_first(&base)),
        || _ = black_box(scanned(&few, &both)),
    );
}

fn memory_bytes(of: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(of))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<u64>().ok())
        .unwrap_or(0)
        << 10
}

/// The variable that has a process of its own compare two tables.
const COMPARED: &str = "TLC_BENCH_COMPARED";

fn diffing(root: &Url) {
    let base = table(root, DIFFED_ROWS, 0);
    let revision = changed(&base, 10);
    let other = changed(&revision, 3);
    for (what, after) in [("cells", &revision), ("whole columns", &other)] {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        process.env(COMPARED, format!("{what};{};{}", base.url(), after.url()));
        assert!(process.status().unwrap().success());
    }
}

fn compare(tables: &str) {
    let mut tables = tables.split(';');
    let what = tables.next().unwrap();
    let [before, after] = [(); 2].map(|()| Table::from_url(tables.next().unwrap()).unwrap());
    let (resident, start) = (memory_bytes("VmHWM"), Instant::now());
    let diff = before.diff(&after).unwrap();
    let cells: usize = diff
        .map(|batch| RecordBatch::num_rows(&batch.unwrap()))
        .sum();
    let (time, peak) = (start.elapsed(), (memory_bytes("VmHWM") - resident) >> 20);
    println!("diff of {DIFFED_ROWS} rows by {what}: {cells} cells, {time:.2?}, {peak} MiB");
}

fn editing(criterion: &mut Criterion, root: &Url, folder: &Path) {
    let base = table(root, ROWS, 0);
    let mut group = criterion.benchmark_group("1,000,000 labels");
    group.sample_size(10);
    let edit = |table: &Table, round: usize| {
        let rows: Vec<usize> = (0..EDITED)
            .map(|at| (at * 9973 + round * 31) % ROWS)
            .collect();
        let labels: Vec<i32> = rows
            .iter()
            .map(|row| (label(*row) + 1 + (round % 9) as i32) % 10)
            .collect();
        table
            .edit()
            .unwrap()
            .set_values("label", rows, labels)
            .unwrap()
            .commit("edited")
            .unwrap()
    };
    let before = folder_bytes(folder);
    edit(&base, 0);
    println!("{EDITED} edits: {} bytes", folder_bytes(folder) - before);
    let mut round = 0;
    group.bench_function("edit 100 of them", |bench| {
        bench.iter(|| {
            round += 1;
            // A handle that has decoded nothing.
            edit(&Table::from_url(base.url()).unwrap(), round)
        });
    });
    group.finish();
    let mut newest = base.clone();
    for round in 0..HISTORY {
        newest = edit(&newest, round);
    }
    ratio(
        "opening after 1,000 edits",
        || drop(Table::from_url(base.url()).unwrap()),
        || drop(Table::from_url(newest.url()).unwrap()),
    );
    let (start, latest) = (Instant::now(), base.latest().unwrap());
    println!("latest after 1,000 edits: {:.2?}", start.elapsed());
    assert_eq!(latest.id(), newest.id());
    let start = Instant::now();
    println!(
        "lineage of {}: {:.2?}",
        base.lineage().unwrap().revisions().len(),
        start.elapsed()
    );
}

fn benches(criterion: &mut Criterion) {
    if let Ok(tables) = std::env::var(COMPARED) {
        return compare(&tables);
    }
    for part in ["edit", "read", "diff"] {
        let folder =
            tempfile::tempdir_in(std::env::var("TLC_BENCH_FOLDER").unwrap_or_else(|_| ".".into()))
                .unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        match part {
            "edit" => editing(criterion, &root, folder.path()),
            "read" => reading(&root),
            _ => diffing(&root),
        }
    }
}

criterion_group!(groups, benches);
criterion_main!(groups);

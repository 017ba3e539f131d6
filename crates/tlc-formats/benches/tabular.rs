//! What an import costs beside a bare read of the same file, in one run: CSV beside the `csv`
//! crate, Parquet beside a copy by the `parquet` crate.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

#[path = "common/bare.rs"]
mod bare;
mod common;

use self::bare::{bare_copy, ratio};
use self::common::{imported, number};
use criterion::{Criterion, criterion_group, criterion_main};
use parquet::basic::{Compression, ZstdLevel};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tlc_core::Columns;
use tlc_formats::{Csv, JsonLines, Parquet, Rows, ToJsonLines, ToParquet, export};

/// `TLC_BENCH_ROWS` sets another number.
const ROWS: usize = 1_000_000;

/// Numbers, texts, classes and moments, as tables of metrics and metadata have them.
fn csv_file(folder: &Path, rows: usize) -> PathBuf {
    let path = folder.join("rows.csv");
    let mut text = "id,class,score,width,note,taken\n".to_owned();
    for row in 0..rows {
        let (class, width) = (row * 7 % 10, row * 31 % 1920);
        let score = (row as f64 * 0.618_033_988_749).fract();
        let (hour, minute) = (row / 60 % 24, row % 60);
        writeln!(
            text,
            "{row},class {class},{score:.9},{width},\"a note, number {row}\",2024-02-29T{hour:02}:{minute:02}:00Z"
        )
        .unwrap();
    }
    std::fs::write(&path, text).unwrap();
    path
}

fn bare_csv(path: &Path) -> u64 {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::StringRecord::new();
    let mut fields = 0;
    while reader.read_record(&mut record).unwrap() {
        fields += record.len() as u64;
    }
    fields
}

fn tabular(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let rows = number("TLC_BENCH_ROWS", ROWS);
    let (folder, csv) = (folder.path(), csv_file(folder.path(), rows));
    let table = imported(&Csv::new(&csv), folder);
    let (json, parquet) = (folder.join("rows.jsonl"), folder.join("rows.parquet"));
    export(&ToJsonLines::new(&json), &Rows::of(&table)).unwrap();
    export(&ToParquet::new(&parquet), &Rows::of(&table)).unwrap();
    let all: Vec<usize> = (0..table.len()).collect();
    let columns = Columns::from(table.take(&all).unwrap());
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let bare = || assert!(bare_csv(&csv) > 0);
    ratio("CSV", rows, bare, || {
        drop(imported(&Csv::new(&csv), folder))
    });
    // What of this is the writing of the table.
    ratio("the rows of the CSV in memory", rows, bare, || {
        drop(imported(&columns, folder))
    });
    ratio(
        "Parquet",
        rows,
        || bare_copy(&parquet, &folder.join("copy.parquet"), zstd),
        || drop(imported(&Parquet::new(&parquet), folder)),
    );
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10);
    group.bench_function("csv", |b| b.iter(|| imported(&Csv::new(&csv), folder)));
    group.bench_function("json lines", |b| {
        b.iter(|| imported(&JsonLines::new(&json), folder))
    });
    group.bench_function("parquet", |b| {
        b.iter(|| imported(&Parquet::new(&parquet), folder))
    });
    group.finish();
}

criterion_group!(benches, tabular);
criterion_main!(benches);

//! What an import costs beside a bare read of the same file, in one run: CSV beside the `csv`
//! crate, Parquet beside a copy by the `parquet` crate.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, criterion_group, criterion_main};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tlc_core::{Columns, IfExists, Url};
use tlc_formats::{
    Csv, Format, ImportOptions, JsonLines, Parquet, Rows, ToJsonLines, ToParquet, export, import,
};

/// `TLC_BENCH_ROWS` sets another number.
const ROWS: usize = 1_000_000;
const PAIRS: usize = 5;

fn rows() -> usize {
    let rows = std::env::var("TLC_BENCH_ROWS").ok();
    rows.and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)
}

/// Numbers, texts, classes and moments, as tables of metrics and metadata have them.
fn csv_file(folder: &Path) -> PathBuf {
    let path = folder.join("rows.csv");
    let mut text = "id,class,score,width,note,taken\n".to_owned();
    for row in 0..rows() {
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

/// The table, made anew.
fn imported(format: &dyn Format, folder: &Path) -> tlc_core::Table {
    let root = Url::from_path(&folder.join("projects")).unwrap();
    let options = ImportOptions::new("bench", "rows").root(root);
    import(format, options.if_exists(IfExists::Overwrite))
        .unwrap()
        .table
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

fn bare_copy(from: &Path, to: &Path) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).unwrap()).unwrap();
    let reader = reader.with_batch_size(8192).build().unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let schema = tlc_core::arrow::record_batch::RecordBatchReader::schema(&reader);
    let file = File::create(to).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).unwrap();
    reader.for_each(|batch| writer.write(&batch.unwrap()).unwrap());
    writer.into_inner().unwrap().sync_all().unwrap();
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The median of the ratios of pairs, each measured one after the other.
fn ratio(name: &str, mut bare: impl FnMut(), mut ours: impl FnMut()) {
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (bare, ours) = (timed(&mut bare), timed(&mut ours));
        println!("{name}: bare {bare:.2?}, import {ours:.2?}");
        ratios.push(ours.as_secs_f64() / bare.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("{name}: {:.2} of the bare one", ratios[PAIRS / 2]);
}

fn tabular(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let (folder, csv) = (folder.path(), csv_file(folder.path()));
    let table = imported(&Csv::new(&csv), folder);
    let (json, parquet) = (folder.join("rows.jsonl"), folder.join("rows.parquet"));
    export(&ToJsonLines::new(&json), &Rows::of(&table)).unwrap();
    export(&ToParquet::new(&parquet), &Rows::of(&table)).unwrap();
    let all: Vec<usize> = (0..table.len()).collect();
    let columns = Columns::from(table.take(&all).unwrap());
    let bare = || assert!(bare_csv(&csv) > 0);
    ratio("CSV", bare, || drop(imported(&Csv::new(&csv), folder)));
    // What of this is the writing of the table.
    ratio("the rows of the CSV in memory", bare, || {
        drop(imported(&columns, folder))
    });
    ratio(
        "Parquet",
        || bare_copy(&parquet, &folder.join("copy.parquet")),
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

//! Our work beside bare work, in one run.

#![allow(dead_code)] // no bench wants all of it

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};
use tlc_core::arrow::record_batch::RecordBatchReader;
use tlc_core::{IfExists, Table, Url};
use tlc_formats::{Format, ImportOptions, import};

const PAIRS: usize = 5;

/// What the environment says, or else so many.
pub(crate) fn number(variable: &str, otherwise: usize) -> usize {
    let number = std::env::var(variable).ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(otherwise)
}

/// The table, made anew.
pub(crate) fn imported(format: &dyn Format, folder: &Path) -> Table {
    let root = Url::from_path(&folder.join("projects")).unwrap();
    let options = ImportOptions::new("bench", "rows").root(root);
    import(format, options.if_exists(IfExists::Overwrite))
        .unwrap()
        .table
}

/// A file of Parquet, decoded and written by the `parquet` crate.
pub(crate) fn bare_copy(from: &Path, to: &Path, compression: Compression) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).unwrap()).unwrap();
    let reader = reader.with_batch_size(8192).build().unwrap();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .build();
    let file = File::create(to).unwrap();
    let mut writer = ArrowWriter::try_new(file, reader.schema(), Some(properties)).unwrap();
    reader.for_each(|batch| writer.write(&batch.unwrap()).unwrap());
    writer.into_inner().unwrap().sync_all().unwrap();
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

/// The median of the ratios of pairs, each measured one after the other.
pub(crate) fn ratio(name: &str, rows: usize, mut bare: impl FnMut(), mut ours: impl FnMut()) {
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let ((bare, ()), (ours, ())) = (timed(&mut bare), timed(&mut ours));
        let per_second = rows as f64 / ours.as_secs_f64();
        println!("{name}: bare {bare:.2?}, import {ours:.2?}, {per_second:.0} rows/s");
        ratios.push(ours.as_secs_f64() / bare.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("{name}: {:.2} of the bare one", ratios[PAIRS / 2]);
}

//! Bare work beside ours, in one run.

use crate::common::timed;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use tlc_core::arrow::record_batch::RecordBatchReader;

const PAIRS: usize = 5;

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

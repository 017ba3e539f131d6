//! Rows a second of `MetricsTableWriter` against a bare `ArrowWriter` with the same
//! settings, on 1,000,000 rows of (id, loss, predicted, confidence, 128-d embedding).
//!
//! The bare writer writes to a file on the same disk and syncs it once; ours also
//! checks ids, seals segments with checksums and commits them.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tlc_benches::{folder, print_ratio, run};
use tlc_core::arrow::array::{
    ArrayRef, FixedSizeListArray, Float32Array, Int32Array, Int64Array, RecordBatch,
};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{
    Column, Columns, MetricsOptions, MetricsTableWriter, Table, TableOptions, Url, ValueType,
};

const ROWS: usize = 1_000_000;
const BATCH: usize = 1_000;
const DIM: usize = 128;
/// Rows in a row group of ours: 16 MiB of these columns.
const ROW_GROUP_ROWS: usize = 31_000;

#[derive(Serialize)]
struct Row {
    id: i64,
}

/// The batches, made once: what is measured is writing.
fn batches() -> Vec<RecordBatch> {
    (0..ROWS).step_by(BATCH).map(batch).collect()
}

fn batch(first: usize) -> RecordBatch {
    let rows = first..first + BATCH;
    // Values as random as those of a network, without their bits repeating.
    let noise = |at: usize| (at.wrapping_mul(2_654_435_761) % 1_000_003) as f32 / 1_000_003.0;
    let ids = Int64Array::from_iter_values(rows.clone().map(|row| row as i64));
    let loss = Float32Array::from_iter_values(rows.clone().map(noise));
    let predicted = Int32Array::from_iter_values(rows.clone().map(|row| (row * 7 % 10) as i32));
    let confidence = Float32Array::from_iter_values(rows.map(|row| noise(row + 1)));
    let values = (first * DIM..(first + BATCH) * DIM).map(noise);
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let values = Arc::new(Float32Array::from_iter_values(values));
    let embedding = FixedSizeListArray::new(item, DIM as i32, values, None);
    let columns: [(&str, ArrayRef); 5] = [
        ("example_id", Arc::new(ids)),
        ("loss", Arc::new(loss)),
        ("predicted", Arc::new(predicted)),
        ("confidence", Arc::new(confidence)),
        ("embedding", Arc::new(embedding)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// Into a run of its own; the last one is deleted, as the bare writer's file is.
fn ours(root: &Url, table: &Table, batches: &[RecordBatch]) {
    let runs = root.join("benches/runs").unwrap().to_path().unwrap();
    std::fs::remove_dir_all(runs).unwrap_or(());
    let run = &run(root);
    let options = MetricsOptions::new()
        .run(run)
        .foreign_table(table)
        .column(Column::new("embedding", ValueType::Embedding { dim: DIM }));
    let mut writer = MetricsTableWriter::new(options).unwrap();
    for batch in batches {
        writer.add_batch(Columns::from(batch.clone())).unwrap();
    }
    assert_eq!(writer.finalize().unwrap().len(), ROWS);
}

fn bare(file: &Path, batches: &[RecordBatch]) {
    let floats = |name: &str| ColumnPath::from(name);
    let embedding = ColumnPath::new(vec!["embedding".into(), "list".into(), "item".into()]);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_column_dictionary_enabled(floats("loss"), false)
        .set_column_dictionary_enabled(floats("confidence"), false)
        .set_column_dictionary_enabled(embedding.clone(), false)
        .set_column_compression(embedding.clone(), Compression::UNCOMPRESSED)
        .set_column_statistics_enabled(embedding, EnabledStatistics::None)
        .build();
    let file = File::create(file).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap().sync_all().unwrap();
}

fn benches(criterion: &mut Criterion) {
    let (folder, root) = folder();
    let options = TableOptions::new("benches", "ids", "initial").root(&root);
    let rows: Vec<Row> = (0..ROWS as i64).map(|id| Row { id }).collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let batches = batches();
    let file = folder.path().join("bare.parquet");
    print_ratio(
        "rows/s of MetricsTableWriter over a bare ArrowWriter",
        9,
        || bare(&file, &batches),
        || ours(&root, &table, &batches),
    );
    let mut group = criterion.benchmark_group("metrics_write");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("MetricsTableWriter", |bench| {
        bench.iter(|| ours(&root, &table, &batches));
    });
    group.bench_function("ArrowWriter", |bench| bench.iter(|| bare(&file, &batches)));
    group.finish();
}

criterion_group!(groups, benches);
criterion_main!(groups);

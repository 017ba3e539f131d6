//! What an import of images costs beside a bare read of the same files, in one run: a folder of
//! PNG files beside reading them all, a data set of Hugging Face beside a copy by `parquet`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, criterion_group, criterion_main};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::arrow::array::{
    ArrayRef, AsArray, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray,
};
use tlc_core::arrow::datatypes::{DataType, Field, Fields, Schema};
use tlc_core::{IfExists, Table, TableOptions, Url};
use tlc_formats::{Format, HuggingFace, ImageFolder, ImportOptions, import};

/// `TLC_BENCH_FILES` sets another number.
const FILES: usize = 60_000;
const PAIRS: usize = 5;
/// Images in a file of Parquet for each in a folder: these are small.
const TIMES: usize = 5;
const FEATURES: &str = r#"{"info":{"features":{"image":{"_type":"Image"},
    "label":{"names":["0","1","2","3","4","5","6","7","8","9"],"_type":"ClassLabel"}}}}"#;

fn files() -> usize {
    let files = std::env::var("TLC_BENCH_FILES").ok();
    files.and_then(|files| files.parse().ok()).unwrap_or(FILES)
}

/// Images of Fashion-MNIST, over and over.
fn images() -> Vec<Vec<u8>> {
    let data =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fashion_mnist_train_5k.parquet");
    let root = Url::parse("memory://bench-images").unwrap();
    let table = Table::from_parquet(data, TableOptions::new("p", "d", "t").root(root)).unwrap();
    let images = table.column("image").unwrap();
    let images = images.as_binary::<i32>().iter();
    images.map(|image| image.unwrap().to_vec()).collect()
}

fn folder_of(images: &[Vec<u8>], folder: &Path) {
    for class in 0..10 {
        fs::create_dir_all(folder.join(class.to_string())).unwrap();
    }
    for (number, image) in images.iter().cycle().take(files()).enumerate() {
        fs::write(
            folder.join(format!("{}/{number:05}.png", number % 10)),
            image,
        )
        .unwrap();
    }
}

fn data_set_of(images: &[Vec<u8>], file: &Path) {
    let fields = Fields::from(vec![
        Field::new("bytes", DataType::Binary, true),
        Field::new("path", DataType::Utf8, true),
    ]);
    let schema = Schema::new(vec![
        Field::new("image", DataType::Struct(fields.clone()), true),
        Field::new("label", DataType::Int64, true),
    ]);
    let metadata = [("huggingface".to_owned(), FEATURES.to_owned())];
    let schema = Arc::new(schema.with_metadata(metadata.into()));
    let mut writer =
        ArrowWriter::try_new(File::create(file).unwrap(), Arc::clone(&schema), None).unwrap();
    let mut left = TIMES * files();
    let mut images = images.iter().cycle();
    while left > 0 {
        let rows = left.min(1000);
        left -= rows;
        let images = images.by_ref().take(rows);
        let bytes: ArrayRef = Arc::new(BinaryArray::from_iter_values(images));
        let paths: ArrayRef = Arc::new(StringArray::from_iter_values(
            (0..rows).map(|row| format!("{row}.png")),
        ));
        let image = StructArray::new(fields.clone(), vec![bytes, paths], None);
        let labels = Int64Array::from_iter_values((0..rows).map(|row| row as i64 % 10));
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(image), Arc::new(labels)]);
        writer.write(&batch.unwrap()).unwrap();
    }
    writer.close().unwrap();
}

fn imported(format: &dyn Format, folder: &Path) -> Table {
    let root = Url::from_path(&folder.join("projects")).unwrap();
    let options = ImportOptions::new("bench", "images").root(root);
    import(format, options.if_exists(IfExists::Overwrite))
        .unwrap()
        .table
}

/// Each file, one after another.
fn bare_read(folder: &Path) -> usize {
    let mut bytes = 0;
    for class in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(class.unwrap().path()).unwrap() {
            bytes += fs::read(file.unwrap().path()).unwrap().len();
        }
    }
    bytes
}

fn bare_copy(from: &Path, to: &Path) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).unwrap()).unwrap();
    let reader = reader.with_batch_size(8192).build().unwrap();
    let schema = tlc_core::arrow::record_batch::RecordBatchReader::schema(&reader);
    let file = File::create(to).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema, None).unwrap();
    reader.for_each(|batch| writer.write(&batch.unwrap()).unwrap());
    writer.into_inner().unwrap().sync_all().unwrap();
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The median of the ratios of pairs, each measured one after the other.
fn ratio(name: &str, images: usize, mut bare: impl FnMut(), mut ours: impl FnMut()) {
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (bare, ours) = (timed(&mut bare), timed(&mut ours));
        let per_second = images as f64 / ours.as_secs_f64();
        println!("{name}: bare {bare:.2?}, import {ours:.2?}, {per_second:.0} images/s");
        ratios.push(ours.as_secs_f64() / bare.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("{name}: {:.2} of the bare one", ratios[PAIRS / 2]);
}

fn of_images(criterion: &mut Criterion) {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, images) = (temporary.path(), images());
    let (files, parquet) = (
        folder.join("files"),
        folder.join("train-00000-of-00001.parquet"),
    );
    folder_of(&images, &files);
    data_set_of(&images, &parquet);
    let (classes, data_set) = (ImageFolder::new(&files), HuggingFace::new(&parquet));
    ratio(
        "image folder",
        self::files(),
        || {
            std::hint::black_box(bare_read(&files));
        },
        || drop(imported(&classes, folder)),
    );
    ratio(
        "Hugging Face",
        TIMES * self::files(),
        || bare_copy(&parquet, &folder.join("copy.parquet")),
        || drop(imported(&data_set, folder)),
    );
    let mut group = criterion.benchmark_group("import images");
    group.sample_size(10);
    group.bench_function("folder", |b| b.iter(|| imported(&classes, folder)));
    group.bench_function("hugging face", |b| b.iter(|| imported(&data_set, folder)));
    group.finish();
}

criterion_group!(benches, of_images);
criterion_main!(benches);

//! What an import of images costs beside a bare read of the same files, in one run: a folder of
//! PNG files beside reading them all, a data set of Hugging Face beside a copy by `parquet`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)] // criterion's macros

#[path = "common/bare.rs"]
mod bare;
mod common;

use self::bare::{bare_copy, ratio};
use self::common::{imported, number};
use criterion::{Criterion, criterion_group, criterion_main};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, AsArray, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray,
};
use tlc_core::arrow::datatypes::{DataType, Field, Fields, Schema};
use tlc_core::{Table, TableOptions, Url};
use tlc_formats::{HuggingFace, ImageFolder};

/// `TLC_BENCH_FILES` sets another number.
const FILES: usize = 60_000;
/// Images in a file of Parquet for each in a folder: these are small.
const TIMES: usize = 5;
const FEATURES: &str = r#"{"info":{"features":{"image":{"_type":"Image"},
    "label":{"names":["0","1","2","3","4","5","6","7","8","9"],"_type":"ClassLabel"}}}}"#;

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

fn folder_of(images: &[Vec<u8>], count: usize, folder: &Path) {
    for class in 0..10 {
        fs::create_dir_all(folder.join(class.to_string())).unwrap();
    }
    for (number, image) in images.iter().cycle().take(count).enumerate() {
        fs::write(
            folder.join(format!("{}/{number:05}.png", number % 10)),
            image,
        )
        .unwrap();
    }
}

fn data_set_of(images: &[Vec<u8>], count: usize, file: &Path) {
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
    let mut left = count;
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

fn of_images(criterion: &mut Criterion) {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, images) = (temporary.path(), images());
    let (files, parquet) = (
        folder.join("files"),
        folder.join("train-00000-of-00001.parquet"),
    );
    let count = number("TLC_BENCH_FILES", FILES);
    folder_of(&images, count, &files);
    data_set_of(&images, TIMES * count, &parquet);
    let (classes, data_set) = (ImageFolder::new(&files), HuggingFace::new(&parquet));
    ratio(
        "image folder",
        count,
        || {
            std::hint::black_box(bare_read(&files));
        },
        || drop(imported(&classes, folder)),
    );
    ratio(
        "Hugging Face",
        TIMES * count,
        || {
            let copy = folder.join("copy.parquet");
            bare_copy(&parquet, &copy, Compression::UNCOMPRESSED);
        },
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

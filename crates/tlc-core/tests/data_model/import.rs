//! Parquet files that others wrote: what is opened, and how much memory it takes.

use super::roots;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, BinaryArray, Int64Array, NullArray, RecordBatch};
use tlc_core::arrow::array::{Float32Array, MapBuilder, StringArray, StringBuilder};
use tlc_core::arrow::datatypes::{DataType, Field, Schema as ArrowSchema};
use tlc_core::{Column, Error, Table, TableOptions, Url, ValueType};

fn write(folder: &Path, batch: &RecordBatch) -> PathBuf {
    let path = folder.join("file.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    path
}

fn options(root: &Url) -> TableOptions {
    TableOptions::new("p", "d", "t").root(root)
}

#[test]
fn a_file_without_rows_gives_a_table_with_its_columns() {
    let (folder, roots) = roots("import-no-rows");
    for root in &roots {
        let x: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
        let n: ArrayRef = Arc::new(NullArray::new(0));
        let columns = [("x", x, false), ("n", n, true)];
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let path = write(folder.path(), &batch);
        let table = Table::from_parquet(path, options(root)).unwrap();
        let table = Table::from_url(table.url()).unwrap();
        assert_eq!(table.schema().names().collect::<Vec<_>>(), ["x", "n"]);
        assert_eq!(table.len(), 0);
        assert_eq!(table.column("x").unwrap().len(), 0);
        assert_eq!(table.scan().batches().unwrap().count(), 0);
    }
}

#[test]
fn two_columns_of_one_name_are_refused_by_name() {
    let (folder, [root, _]) = roots("unused");
    let field = || Field::new("twice", DataType::Int64, false);
    let column = || Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let schema = Arc::new(ArrowSchema::new(vec![field(), field()]));
    let batch = RecordBatch::try_new(schema, vec![column(), column()]).unwrap();
    let path = write(folder.path(), &batch);
    let refused = Table::from_parquet(path, options(&root)).unwrap_err();
    assert!(refused.to_string().contains("`twice`"), "{refused}");
}

#[test]
fn a_map_is_refused_by_name_and_says_what_to_do() {
    let (folder, [root, _]) = roots("unused");
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("k");
    map.values().append_value("v");
    map.append(true).unwrap();
    let columns = [("m", Arc::new(map.finish()) as ArrayRef)];
    let path = write(folder.path(), &RecordBatch::try_from_iter(columns).unwrap());
    let refused = Table::from_parquet(path, options(&root)).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("`m`") && text.contains("map"), "{text}");
}

#[test]
fn a_column_of_nulls_without_a_type_is_text_unless_it_is_declared() {
    let (folder, [root, _]) = roots("unused");
    let columns = [("n", Arc::new(NullArray::new(3)) as ArrayRef, true)];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let path = write(folder.path(), &batch);
    let text = Table::from_parquet(&path, options(&root)).unwrap();
    let column = text.schema().column("n").unwrap();
    assert_eq!(column.value, ValueType::String);
    assert_eq!(text.column("n").unwrap().null_count(), 3);
    let declared = Column::new("n", ValueType::Float32);
    let float = Table::from_parquet(&path, options(&root).column(declared)).unwrap();
    let column = float.schema().column("n").unwrap();
    assert_eq!(
        (&column.value, column.nullable),
        (&ValueType::Float32, true)
    );
}

#[test]
fn a_value_that_a_declared_type_does_not_hold_names_its_row() {
    let (folder, [root, _]) = roots("unused");
    let x: Int64Array = (0..20_000)
        .map(|row| if row == 9_000 { 1 << 40 } else { row })
        .collect();
    let x: ArrayRef = Arc::new(x);
    let path = write(
        folder.path(),
        &RecordBatch::try_from_iter([("x", x)]).unwrap(),
    );
    let declared = Column::new("x", ValueType::Int32);
    match Table::from_parquet(path, options(&root).column(declared)) {
        Err(Error::Batch {
            column, row, value, ..
        }) => {
            assert_eq!((column.as_str(), row), ("x", Some(9_000)));
            assert_eq!(value, Some((1_i64 << 40).to_string()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_parquet_file_of_ours_keeps_what_its_columns_mean() {
    let (_folder, [root, _]) = roots("unused");
    let x: ArrayRef = Arc::new(Float32Array::from(vec![0.5]));
    let split: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let batch = RecordBatch::try_from_iter([("x", x), ("split", split)]).unwrap();
    let weight = Column::new("x", ValueType::SampleWeight).description("how much");
    let first = Table::create(options(&root).column(weight.clone()), |writer| {
        writer.add_batch(&batch)
    });
    let parts = first
        .unwrap()
        .url()
        .join("parts")
        .unwrap()
        .to_path()
        .unwrap();
    let part = std::fs::read_dir(parts).unwrap().next().unwrap().unwrap();
    let again = Table::from_parquet(part.path(), options(&root)).unwrap();
    assert_eq!(again.schema().column("x"), Some(&weight));
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once_by_name() {
    let (folder, [root, _]) = roots("unused");
    let pipe = folder.path().join("pipe.parquet");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
        match Table::from_parquet(path, options(&root)) {
            Err(Error::NotAFile { url }) => assert_eq!(url, Url::from_path(path).unwrap()),
            other => panic!("{other:?}"),
        }
    }
    assert!(tlc_core::tables(&root, "p").unwrap().is_empty());
}

const CHILD: &str = "TLC_TEST_IMPORT_CHILD";
/// Bytes of all rows of a file, decoded.
const FILE_BYTES: usize = 200 << 20;

/// In a process of its own, where the system tells the peak.
#[test]
fn large_rows_of_one_row_group_are_imported_in_bounded_memory() {
    if std::env::var_os(CHILD).is_some() {
        return import_large_rows();
    }
    let name = "import::large_rows_of_one_row_group_are_imported_in_bounded_memory";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
    assert!(child.status().unwrap().success());
}

fn import_large_rows() {
    let (folder, [root, _]) = roots("unused");
    let files = [
        large_rows(folder.path(), 2 << 20, false),
        large_rows(folder.path(), 256 << 10, true),
    ];
    let Some(before) = peak_memory_bytes() else {
        eprintln!("SKIPPED: this system does not tell the peak memory of a process");
        return;
    };
    for (path, rows) in files {
        let options = options(&root).column(Column::new("image", ValueType::image_bytes()));
        assert_eq!(Table::from_parquet(path, options).unwrap().len(), rows);
        let grown = peak_memory_bytes().unwrap() - before;
        let all = FILE_BYTES as u64;
        assert!(
            grown < all * 3 / 4,
            "{grown} bytes more, the rows have {all}"
        );
    }
}

/// One row group of images, each a run of one byte, so the file is small; with a
/// dictionary, all are the same and there is one.
fn large_rows(folder: &Path, row_bytes: usize, dictionary: bool) -> (PathBuf, usize) {
    let path = folder.join(format!("{dictionary}.parquet"));
    let byte = |row: usize| {
        if dictionary {
            7
        } else {
            u8::try_from(row % 251).unwrap()
        }
    };
    let batch = |row: usize| {
        let image = BinaryArray::from_iter_values([vec![byte(row); row_bytes]]);
        RecordBatch::try_from_iter([("image", Arc::new(image) as ArrayRef)]).unwrap()
    };
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(dictionary)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_bytes(None)
        .build();
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch(0).schema(), Some(properties)).unwrap();
    let rows = FILE_BYTES / row_bytes;
    (0..rows).for_each(|row| writer.write(&batch(row)).unwrap());
    assert_eq!(writer.close().unwrap().num_row_groups(), 1);
    (path, rows)
}

fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

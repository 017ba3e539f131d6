//! Parquet files as pandas, Polars, DuckDB and pyarrow write them become tables as the
//! documentation of `Table::from_parquet` has it.

use crate::python;
use std::path::Path;
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use tlc_core::{Column, Error, Table, TableOptions, Url, ValueType};

/// 2024-02-29T12:30:00.123456Z, that day and that time of day in microseconds.
const MOMENT: i64 = 1_709_209_800_123_456;
const DAY: i64 = 1_709_164_800_000_000;
const TIME: i64 = MOMENT - DAY;

/// The files, or nothing, said aloud, where there is no Python that can write them.
fn files() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let script = include_str!("write_files.py");
    let packages = ["duckdb", "pandas", "polars", "pyarrow"];
    python(&packages, script, &[folder.path().to_str().unwrap()])?;
    Some(folder)
}

fn import(folder: &Path, file: &str, columns: &[Column]) -> Result<Table, Error> {
    let root = Url::from_path(&folder.join("projects"))?;
    let options = TableOptions::new("p", "d", file).root(root);
    let options = options.columns(columns.iter().cloned());
    Table::from_parquet(folder.join(format!("{file}.parquet")), options)
}

fn value(table: &Table, column: &str) -> ValueType {
    table.schema().column(column).unwrap().value.clone()
}

fn unit(table: &Table, column: &str) -> Option<String> {
    table.schema().column(column).unwrap().unit.clone()
}

#[test]
fn files_of_pandas_polars_and_duckdb_become_tables() {
    let Some(folder) = files() else { return };
    for file in ["pandas", "polars", "duckdb"] {
        let table = import(folder.path(), file, &[]).unwrap();
        let table = Table::from_url(table.url()).unwrap();
        for moment in ["naive", "nanos", "zoned", "day"] {
            assert_eq!(
                value(&table, moment),
                ValueType::Datetime,
                "{file}, {moment}"
            );
            let read = table.column(moment).unwrap();
            let expected = if moment == "day" { DAY } else { MOMENT };
            let read = read.as_primitive::<TimestampMicrosecondType>();
            assert_eq!(read.value(0), expected, "{file}, {moment}");
            assert!(read.is_null(1), "{file}, {moment}");
        }
        check_numbers_and_texts(file, &table);
    }
}

fn check_numbers_and_texts(file: &str, table: &Table) {
    let time = table.column("time").unwrap();
    let scale = match unit(table, "time").as_deref() {
        Some("us") => 1,
        Some("ns") => 1000,
        other => panic!("{file}: {other:?}"),
    };
    assert_eq!(
        time.as_primitive::<Int64Type>().value(0),
        TIME * scale,
        "{file}"
    );
    let text = |column: &str| {
        assert_eq!(value(table, column), ValueType::String, "{file}, {column}");
        let read = table.column(column).unwrap();
        let read = read.as_string::<i32>();
        let value = |row: usize| read.is_valid(row).then(|| read.value(row).to_owned());
        [value(0), value(1)]
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(text("text"), [some("a"), None]);
    assert_eq!(text("kind"), [some("x"), some("y")]);
    assert_eq!(text("price"), [some("12345678901234567.89"), None]);
    let missing = table.column("missing").unwrap();
    let missing = missing.as_primitive::<Float64Type>();
    assert!(missing.is_null(0) || missing.value(0).is_nan());
    assert_eq!(table.column("nothing").unwrap().null_count(), 2, "{file}");
    let vector = table.column("vector").unwrap();
    let first = vector.as_list::<i32>().value(0);
    assert_eq!(first.as_primitive::<Float64Type>().values(), &[0.5, 1.5]);
    if file != "duckdb" {
        let span = table.column("span").unwrap();
        assert_eq!(unit(table, "span").as_deref(), Some("ms"), "{file}");
        assert_eq!(span.as_primitive::<Int64Type>().value(0), 86_400_005);
    }
}

#[test]
fn a_declared_float_takes_decimals_as_the_nearest_number() {
    let Some(folder) = files() else { return };
    for file in ["pandas", "polars", "duckdb"] {
        let price = Column::new("price", ValueType::Float64);
        let table = import(folder.path(), file, &[price]).unwrap();
        let read = table.column("price").unwrap();
        let read = read.as_primitive::<Float64Type>();
        assert_eq!(read.value(0), 12_345_678_901_234_567.89);
        assert!(read.is_null(1));
    }
}

#[test]
fn large_view_and_nested_types_of_pyarrow_are_unpacked_with_rows_or_without() {
    let Some(folder) = files() else { return };
    for (file, rows) in [("arrow", 1), ("no_rows", 0)] {
        let table = import(folder.path(), file, &[]).unwrap();
        assert_eq!(table.len(), rows);
        let texts = ["large_text", "text_view", "dictionary"];
        assert!(
            texts
                .iter()
                .all(|column| value(&table, column) == ValueType::String)
        );
        let bytes = ["large_bytes", "bytes_view", "fixed_bytes"];
        assert!(
            bytes
                .iter()
                .all(|column| value(&table, column) == ValueType::Bytes)
        );
        let item = Box::new(ValueType::Int8);
        assert_eq!(
            value(&table, "large_list"),
            ValueType::List { item, len: None }
        );
        assert_eq!(value(&table, "half"), ValueType::Float32);
        assert_eq!(value(&table, "typed_nulls"), ValueType::Float64);
        assert_eq!(value(&table, "days"), ValueType::Datetime);
        assert_eq!(unit(&table, "seconds").as_deref(), Some("ms")); // as Parquet has it
        let fields = vec![
            Column::new("day", ValueType::Datetime).nullable(true),
            Column::new("nothing", ValueType::String).nullable(true),
        ];
        assert_eq!(value(&table, "nested"), ValueType::Struct { fields });
        for column in table.schema().names() {
            assert_eq!(table.column(column).unwrap().len(), rows, "{column}");
        }
    }
}

#[test]
fn texts_of_a_dictionary_come_row_by_row_from_each_row_group() {
    let Some(folder) = files() else { return };
    let table = import(folder.path(), "repeated", &[]).unwrap();
    let (text, number) = (table.column("text"), table.column("number"));
    let (text, number) = (text.unwrap(), number.unwrap());
    assert_eq!(number.len(), 10_000);
    let numbers = number.as_primitive::<Int64Type>().values();
    assert!((0..10_000).eq(numbers.iter().copied()));
    let texts = text.as_string::<i32>().iter().flatten();
    assert!(texts.eq(["a", "b"].into_iter().cycle().take(10_000)));
}

#[test]
fn what_would_lose_something_is_refused_by_column() {
    let Some(folder) = files() else { return };
    match import(folder.path(), "fine", &[]) {
        Err(Error::Batch {
            column,
            row: Some(1),
            value: Some(value),
            ..
        }) => {
            assert_eq!(column, "x");
            assert!(value.ends_with(".000000001"), "{value}");
        }
        other => panic!("{other:?}"),
    }
    for file in ["map", "interval"] {
        match import(folder.path(), file, &[]) {
            Err(Error::Column { column, .. }) => assert_eq!(column, "x"),
            other => panic!("{other:?}"),
        }
    }
}

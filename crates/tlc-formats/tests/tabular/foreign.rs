//! Files of pandas, Polars, DuckDB and pyarrow become tables, and they open ours.
//!
//! Wants a Python with these packages: `TLC_PYTHON`, else `python3`. `TLC_REQUIRE_TOOLS=1`
//! makes their absence a failure.

use crate::{Place, shown, value};
use serde_json::{Value, json};
use std::process::Command;
use tlc_core::{Columns, Table, TableOptions, Url, ValueType};
use tlc_formats::{
    Arrow, Csv, Format, JsonLines, Parquet, Rows, ToArrow, ToCsv, ToJsonLines, ToParquet, export,
    import,
};

/// What a script prints, or `None`, said aloud, where its packages are missing.
fn python(script: &str, place: &Place) -> Option<Vec<u8>> {
    let python = std::env::var("TLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = "import duckdb, pandas, polars, pyarrow";
    let has_packages = Command::new(&python).args(["-c", import]).output();
    if !has_packages.is_ok_and(|output| output.status.success()) {
        let required = std::env::var("TLC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "TLC_REQUIRE_TOOLS=1, but {python} lacks a package: {import}"
        );
        eprintln!("SKIPPED: {python} lacks a package: {import}");
        return None;
    }
    let run = Command::new(python)
        .args(["-c", script])
        .arg(place.path(""))
        .output();
    let output = run.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(output.stdout)
}

#[test]
fn files_of_pandas_polars_duckdb_and_pyarrow_become_tables() {
    let place = Place::new();
    if python(include_str!("write_files.py"), &place).is_none() {
        return;
    }
    let files = [
        "pandas.csv",
        "pandas.jsonl",
        "pandas.parquet",
        "pandas.feather",
        "pandas_zstd.feather",
        "polars.csv",
        "polars.ndjson",
        "polars.parquet",
        "polars.arrow",
        "polars.arrows",
        "duckdb.csv",
        "duckdb.json",
        "duckdb.parquet",
        "pyarrow.arrows",
    ];
    for file in files {
        let path = place.path(file);
        let format: Box<dyn Format> = match file.rsplit('.').next() {
            Some("csv") => Box::new(Csv::new(path).empty_texts()),
            Some("jsonl" | "ndjson" | "json") => Box::new(JsonLines::new(path)),
            Some("parquet") => Box::new(Parquet::new(path)),
            _ => Box::new(Arrow::new(path)),
        };
        let options = place.options().table(file);
        let table = import(&*format, options).unwrap().table;
        assert_eq!(
            shown(&table, "n"),
            ["9223372036854775807", "-1", "0"],
            "{file}"
        );
        assert_eq!(shown(&table, "x"), ["0.1", "1e300", "-2.5"], "{file}");
        assert_eq!(shown(&table, "t"), ["a,\"b\"\nc", "größer", ""], "{file}");
        assert_eq!(shown(&table, "b"), ["true", "false", "true"], "{file}");
        let is_json = file.contains("json");
        if !is_json {
            assert_eq!(value(&table, "at"), ValueType::Datetime, "{file}");
            assert_eq!(
                shown(&table, "at")[0],
                "2024-02-29T12:30:00.123456",
                "{file}"
            );
        }
        if !file.contains("csv") {
            assert_eq!(shown(&table, "v"), ["[1.5, 2.0]", "[]", "[0.25]"], "{file}");
        }
    }
}

#[test]
fn exported_files_are_read_by_pandas_polars_and_duckdb() {
    let place = Place::new();
    let root = Url::from_path(&place.path("projects")).unwrap();
    let table = Table::create(TableOptions::new("p", "d", "all").root(root), |writer| {
        let columns = Columns::new()
            .column("n", vec![i64::MAX, -1, 0])
            .column("x", vec![0.1, 1e300, -2.5])
            .column("t", vec!["a,\"b\"\nc", "größer", "x"])
            .column("v", vec![vec![1.5, 2.0], vec![], vec![0.25]]);
        writer.add_batch(columns)
    });
    let rows = Rows::of(&table.unwrap());
    export(&ToCsv::new(place.path("a.csv")), &rows).unwrap();
    export(&ToJsonLines::new(place.path("a.jsonl")), &rows).unwrap();
    export(&ToParquet::new(place.path("a.parquet")), &rows).unwrap();
    export(&ToArrow::new(place.path("a.arrow")), &rows).unwrap();
    let Some(seen) = python(include_str!("read_files.py"), &place) else {
        return;
    };
    let seen: Value = serde_json::from_slice(&seen).unwrap();
    let expected = json!({
        "n": [i64::MAX, -1, 0], "x": [0.1, 1e300, -2.5], "t": ["a,\"b\"\nc", "größer", "x"],
        "columns": ["n", "x", "t", "v"],
    });
    assert_eq!(seen.as_object().unwrap().len(), 11);
    for (reader, seen) in seen.as_object().unwrap() {
        assert_eq!(*seen, expected, "{reader}");
    }
}

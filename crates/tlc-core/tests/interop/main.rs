//! A part file is plain Parquet: pyarrow and DuckDB read it without us. And we read
//! theirs, those of pandas and those of Polars.
//!
//! Wants a Python with the packages pyarrow, duckdb, pandas and polars: `TLC_PYTHON`,
//! else `python3`.
//! `TLC_REQUIRE_TOOLS=1` makes their absence a failure.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod import;
#[path = "../tools/packages.rs"]
mod packages;
#[path = "../tools/python.rs"]
mod python;
mod reader;

use python::python;
use serde_json::{Value, json};
use tlc_core::{
    Column, Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Table, TableOptions, Url,
    ValueType,
};

const CLASSES: [&str; 2] = ["cat", "dog"];

#[derive(serde::Serialize)]
struct Row {
    image: Vec<u8>,
    label: i32,
}

/// What Python sees, or `None`, said aloud, where it cannot look.
fn seen_by_python(part: &str) -> Option<Value> {
    let seen = python(
        &["duckdb", "pyarrow"],
        include_str!("read_part.py"),
        &[part],
    )?;
    Some(serde_json::from_slice(&seen).unwrap())
}

fn table(root: &Url) -> Table {
    let options = TableOptions::new("interop", "images", "initial")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(CLASSES)));
    let rows = [(vec![1, 2], 0), (vec![], 1), (vec![255], 1)];
    let rows = rows.map(|(image, label)| Row { image, label });
    Table::create(options, |writer| writer.add_rows(&rows)).unwrap()
}

/// The only file below a folder.
fn only_part(folder: &Url) -> String {
    let files = std::fs::read_dir(folder.to_path().unwrap()).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].to_str().unwrap().to_owned()
}

#[test]
fn a_table_is_read_by_pyarrow_and_by_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap());
    let part = only_part(&table.url().join("parts").unwrap());
    let Some(seen) = seen_by_python(&part) else {
        return;
    };

    assert_eq!(
        seen["arrow"]["types"],
        json!({ "image": "binary", "label": "int32" })
    );
    assert_eq!(
        seen["duckdb"]["types"],
        json!({ "image": "BLOB", "label": "INTEGER" })
    );
    let rows = json!([
        { "image": [1, 2], "label": 0 }, { "image": [], "label": 1 }, { "image": [255], "label": 1 }
    ]);
    assert_eq!(seen["arrow"]["rows"], rows);
    assert_eq!(seen["duckdb"]["rows"], rows);
    assert_documented(&seen, table.schema());
    let label = &seen["arrow"]["columns"]["label"];
    assert!(label.to_string().contains(r#"["cat","dog"]"#), "{label}");
}

#[test]
fn a_metrics_table_is_read_by_pyarrow_and_by_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let table = table(&root);
    let run = Run::create(RunOptions::new("interop").root(&root)).unwrap();
    let options = MetricsOptions::new()
        .run(&run)
        .foreign_table(&table)
        .column(Column::new("predicted", ValueType::labels(CLASSES)))
        .column(Column::new("embedding", ValueType::Embedding { dim: 2 }))
        .constant("epoch", 7);
    let mut writer = MetricsTableWriter::new(options).unwrap();
    let embedding = vec![[0.5_f32, -0.5], [f32::MAX, f32::MIN_POSITIVE], [0.0, -0.0]];
    writer.add_batch(batch(embedding)).unwrap();
    let metrics = writer.finalize().unwrap();
    let name = run
        .url()
        .join("metrics")
        .unwrap()
        .join(metrics.name())
        .unwrap();
    let Some(seen) = seen_by_python(&only_part(&name)) else {
        return;
    };

    let types = json!({
        "example_id": "int64", "loss": "float", "predicted": "int32",
        "embedding": "fixed_size_list<item: float>[2]", "epoch": "int64",
    });
    assert_eq!(without_not_null(&seen["arrow"]["types"]), types);
    let types = json!({
        "example_id": "BIGINT", "loss": "FLOAT", "predicted": "INTEGER",
        "embedding": "FLOAT[]", "epoch": "BIGINT",
    });
    assert_eq!(seen["duckdb"]["types"], types);
    let row = |id: i64, loss: &str, predicted: i32, embedding: [&str; 2]| {
        json!({
            "example_id": id, "loss": loss, "predicted": predicted,
            "embedding": embedding, "epoch": 7,
        })
    };
    let rows = json!([
        row(
            2,
            "nan",
            1,
            ["0x1.0000000000000p-1", "-0x1.0000000000000p-1"]
        ),
        row(
            0,
            "inf",
            0,
            ["0x1.fffffe0000000p+127", "0x1.0000000000000p-126"]
        ),
        row(2, "0x1.0000000000000p-2", 1, ["0x0.0p+0", "-0x0.0p+0"]),
    ]);
    assert_eq!(seen["arrow"]["rows"], rows);
    assert_eq!(seen["duckdb"]["rows"], rows);
    assert_documented(&seen, metrics.schema());
}

#[derive(serde::Serialize)]
struct Scene {
    mask: Vec<u8>,
    boxes: Vec<LabelledBox>,
}

#[derive(serde::Serialize)]
struct LabelledBox {
    x0: f32,
    label: i32,
}

#[test]
fn masks_and_lists_of_boxes_are_read_by_pyarrow_and_by_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let fields = vec![
        Column::new("x0", ValueType::Float32).unit("px"),
        Column::new("label", ValueType::labels(CLASSES)),
    ];
    let item = Box::new(ValueType::Struct { fields });
    let options = TableOptions::new("interop", "scenes", "initial")
        .root(Url::from_path(folder.path()).unwrap())
        .column(Column::new("mask", ValueType::segmentation_mask(CLASSES)))
        .column(Column::new("boxes", ValueType::List { item, len: None }));
    let rows = [vec![], vec![LabelledBox { x0: 0.5, label: 1 }]];
    let rows = rows.map(|boxes| Scene {
        mask: vec![137, 80],
        boxes,
    });
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let Some(seen) = seen_by_python(&only_part(&table.url().join("parts").unwrap())) else {
        return;
    };

    let types = json!({ "mask": "BLOB", "boxes": "STRUCT(x0 FLOAT, \"label\" INTEGER)[]" });
    assert_eq!(seen["duckdb"]["types"], types);
    let types = json!({ "mask": "binary", "boxes": "list<item: struct<x0: float, label: int32>>" });
    assert_eq!(without_not_null(&seen["arrow"]["types"]), types);
    let rows = json!([
        { "mask": [137, 80], "boxes": [] },
        { "mask": [137, 80], "boxes": [{ "x0": 0.5, "label": 1 }] },
    ]);
    assert_eq!(seen["arrow"]["rows"], rows);
    assert_eq!(seen["duckdb"]["rows"], rows);
    assert_documented(&seen, table.schema());
}

#[derive(serde::Serialize)]
struct BoxInSpace {
    x: f32,
    y: f32,
    z: f32,
    length: f32,
    width: f32,
    height: f32,
    yaw: f32,
    label: i32,
}

#[derive(serde::Serialize)]
struct Sweep {
    /// Of each point x, y, z and how bright it is.
    points: Vec<f32>,
    boxes: Vec<BoxInSpace>,
}

#[test]
fn boxes_and_points_in_space_are_read_by_pyarrow_and_by_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let lengths = ["x", "y", "z", "length", "width", "height"];
    let fields = lengths.map(|name| Column::new(name, ValueType::Float32).unit("m"));
    let turn = Column::new("yaw", ValueType::Float32).unit("rad");
    let label = Column::new("label", ValueType::labels(CLASSES));
    let fields = [&fields[..], &[turn, label]].concat();
    let item = Box::new(ValueType::Struct { fields });
    let cloud = ValueType::Tensor {
        item: Box::new(ValueType::Float32),
        shape: vec![None, Some(4)],
    };
    let root = Url::from_path(folder.path()).unwrap();
    let create = |dataset: &str, rows: &[Sweep]| {
        let boxes = ValueType::List {
            item: item.clone(),
            len: None,
        };
        let options = TableOptions::new("interop", dataset, "initial")
            .root(&root)
            .column(Column::new("points", cloud.clone()).description("x, y, z, brightness"))
            .column(Column::new("boxes", boxes));
        Table::create(options, |writer| writer.add_rows(rows))
    };
    let car = BoxInSpace {
        x: 1.5,
        y: -2.0,
        z: 0.5,
        length: 4.5,
        width: 2.0,
        height: 1.5,
        yaw: 0.25,
        label: 1,
    };
    let sweep = |points: &[f32], boxes| Sweep {
        points: points.to_vec(),
        boxes,
    };
    let rows = [
        sweep(&[0.0, 1.0, 2.0, 0.5, -1.0, -2.0, -3.0, 1.0], vec![car]),
        sweep(&[], Vec::new()),
    ];
    let table = create("sweeps", &rows).unwrap();
    let refused = create("uneven", &[sweep(&[0.0, 1.0, 2.0], Vec::new())]).unwrap_err();
    assert!(refused.to_string().contains("points"), "{refused}");
    let Some(seen) = seen_by_python(&only_part(&table.url().join("parts").unwrap())) else {
        return;
    };

    let fields = "x: float, y: float, z: float, length: float, width: float, height: float, yaw: float, label: int32";
    let types =
        json!({ "points": "list<item: float>", "boxes": format!("list<item: struct<{fields}>>") });
    assert_eq!(without_not_null(&seen["arrow"]["types"]), types);
    let car = json!({ "x": 1.5, "y": -2.0, "z": 0.5, "length": 4.5, "width": 2.0, "height": 1.5, "yaw": 0.25, "label": 1 });
    let rows = &seen["duckdb"]["rows"];
    assert_eq!(rows, &seen["arrow"]["rows"]);
    assert_eq!(rows[0]["boxes"], json!([car]));
    assert_eq!(rows[0]["points"].as_array().unwrap().len(), 8);
    assert_eq!(rows[1], json!({ "points": [], "boxes": [] }));
    assert_documented(&seen, table.schema());
}

fn batch(embedding: Vec<[f32; 2]>) -> Columns {
    Columns::new()
        .column("example_id", vec![2_i64, 0, 2])
        .column("loss", vec![f32::NAN, f32::INFINITY, 0.25])
        .column("predicted", vec![1, 0, 1])
        .column("embedding", embedding)
}

/// The metadata that FORMAT.md names, in the file and in each field.
fn assert_documented(seen: &Value, schema: &tlc_core::Schema) {
    let whole = serde_json::to_value(schema).unwrap();
    assert_eq!(seen["arrow"]["schema"], whole);
    for column in schema.columns() {
        let documented = serde_json::to_value(column).unwrap();
        assert_eq!(
            seen["arrow"]["columns"][&column.name], documented,
            "{}",
            column.name
        );
    }
}

fn without_not_null(types: &Value) -> Value {
    serde_json::from_str(&types.to_string().replace(" not null", "")).unwrap()
}

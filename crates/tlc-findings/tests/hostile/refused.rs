//! What contradicts itself is told as damage of its file when it is loaded, not later.

use crate::files::{DIM, ROWS, Saved};
use crate::{alone, bounded, rows};
use serde_json::{Value, json};
use std::sync::Arc;
use tlc_core::Error as Core;
use tlc_core::arrow::array::{
    Array, ArrayData, ArrayRef, FixedSizeListArray, Float32Array, Float64Array, Int64Array,
    ListArray, StringArray, make_array,
};
use tlc_core::arrow::buffer::NullBuffer;
use tlc_core::arrow::datatypes::{DataType, Field, Float32Type};
use tlc_findings::Error;

fn assert_damage(saved: &Saved, name: &'static str, what: &str) {
    match bounded(saved, name, what) {
        Err(Error::Core(Core::Corrupt { url, reason })) => {
            assert!(url.to_string().contains("/models/"), "{what}: {url}");
            println!("{what}: {reason}");
        }
        other => panic!("{name}, {what}: {other:?}"),
    }
    saved.restore();
}

/// Documents that differ in one field, given as a JSON pointer.
#[test]
fn documents_that_contradict_themselves_are_damage() {
    let _alone = alone();
    let saved = Saved::new("memory://hostile-documents/");
    let vector = |len: usize| Value::from(vec![0.5; len]);
    for (name, field, value) in [
        ("pca", "/components", json!([])),
        ("pca", "/components", json!([[], []])),
        ("pca", "/components", json!([vector(DIM), vector(DIM - 1)])),
        ("pca", "/components", json!(vec![vector(DIM); DIM + 1])),
        ("pca", "/components", json!(vec![vector(DIM); 3])),
        ("pca", "/components/0/0", Value::Null),
        ("pca", "/mean", json!([])),
        ("pca", "/mean", vector(DIM + 1)),
        ("pca", "/explained_variance", json!([1.0])),
        ("pca", "/kind", json!("umap")),
        ("umap", "/kind", json!("pca")),
        ("umap", "/metric", json!("manhattan")),
        ("umap", "/neighbors", json!(0)),
        ("umap", "/neighbors", json!(1)),
        ("umap", "/neighbors", json!(ROWS + 1)),
        ("umap", "/neighbors", json!(1_000_000_000_000_000_000_u64)),
        ("umap", "/neighbors", json!(u64::MAX)),
        ("umap", "/neighbors", json!(-1)),
        ("umap", "/rows/len_bytes", json!(1_u64 << 60)),
        ("umap", "/rows/block_bytes", json!(0)),
        ("umap", "/rows/crc32c", json!("")),
        ("umap", "/rows/url", json!("")),
        ("umap", "/rows/url", json!("/etc/passwd")),
        ("umap", "/rows/url", json!("models/../commits/0")),
        (
            "umap",
            "/rows/url",
            json!("commits/00000000000000000000.json"),
        ),
        ("umap", "/rows/url", json!("models/umap.json")),
    ] {
        let mut document: Value = serde_json::from_str(&saved.line(name)).unwrap();
        *document.pointer_mut(field).unwrap() = value;
        let what = format!("{field} {}", document.pointer(field).unwrap());
        saved.put_line(name, &document.to_string());
        assert_damage(&saved, name, &what);
    }
    // A number that no `f64` holds.
    let line = saved
        .line("pca")
        .replacen("\"mean\":[", "\"mean\":[1e999,", 1);
    saved.put_line("pca", &line);
    assert_damage(&saved, "pca", "1e999");
}

fn lists_of(values: ArrayRef, dim: usize) -> ArrayRef {
    let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
    Arc::new(FixedSizeListArray::new(item, dim as i32, values, None))
}

fn floats(rows: usize, dim: usize) -> ArrayRef {
    let values = (0..rows * dim).map(|at| at as f32 * 0.37);
    lists_of(Arc::new(Float32Array::from_iter_values(values)), dim)
}

fn with_value(value: Option<f32>) -> ArrayRef {
    let mut values = vec![Some(0.5); ROWS * DIM];
    values[77] = value;
    lists_of(Arc::new(Float32Array::from(values)), DIM)
}

/// As many empty vectors as a number can say.
fn empty_vectors() -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, true));
    let data = ArrayData::builder(DataType::FixedSizeList(item, 0))
        .len(1 << 50)
        .add_child_data(Float32Array::from(Vec::<f32>::new()).into_data());
    make_array(data.build().unwrap())
}

fn null_vector() -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, true));
    let values = Arc::new(Float32Array::from(vec![0.5; ROWS * DIM]));
    let nulls = NullBuffer::from_iter((0..ROWS).map(|row| row != 3));
    Arc::new(FixedSizeListArray::new(
        item,
        DIM as i32,
        values,
        Some(nulls),
    ))
}

#[test]
fn rows_that_are_none_of_the_document_are_damage() {
    let _alone = alone();
    let saved = Saved::new("memory://hostile-rows/");
    let (vectors, points) = (floats(ROWS, DIM), floats(ROWS, 2));
    let of_type = |values: ArrayRef| lists_of(values, DIM);
    let doubles = of_type(Arc::new(Float64Array::from(vec![0.5; ROWS * DIM])));
    let whole = of_type(Arc::new(Int64Array::from(vec![1; ROWS * DIM])));
    let words = of_type(Arc::new(StringArray::from(vec!["a"; ROWS * DIM])));
    let lists = (0..ROWS).map(|_| Some(vec![Some(0.5_f32); DIM]));
    let lists = Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(lists));
    for (what, vectors, points) in [
        ("doubles", doubles, points.clone()),
        ("integers", whole, points.clone()),
        ("words", words, points.clone()),
        ("lists", lists as ArrayRef, points.clone()),
        (
            "numbers",
            Arc::new(Float32Array::from(vec![0.5; ROWS])),
            points.clone(),
        ),
        ("NaN", with_value(Some(f32::NAN)), points.clone()),
        ("infinite", with_value(Some(f32::INFINITY)), points.clone()),
        ("no value", with_value(None), points.clone()),
        ("no vector", null_vector(), points.clone()),
        ("empty vectors", empty_vectors(), empty_vectors()),
        ("no rows", floats(0, DIM), floats(0, 2)),
        ("fewer rows", floats(4, DIM), floats(4, 2)),
        ("one component", vectors.clone(), floats(ROWS, 1)),
        ("four components", vectors.clone(), floats(ROWS, 4)),
    ] {
        let columns = [("vector", vectors), ("point", points)];
        saved.put_rows(rows::file(&columns, 1));
        assert_damage(&saved, "umap", what);
    }
    saved.put_rows(rows::file(
        &[("vector", vectors.clone()), ("points", points)],
        1,
    ));
    assert_damage(&saved, "umap", "another column");
    saved.put_rows(rows::file(&[("vector", vectors.clone())], 1));
    assert_damage(&saved, "umap", "no points");
    saved.put_rows(rows::file(
        &[("vector", vectors), ("point", floats(ROWS, 2))],
        0,
    ));
    assert_damage(&saved, "umap", "no batch");
    saved.put_rows(Vec::new());
    assert_damage(&saved, "umap", "no bytes");
}

#[test]
fn rows_in_several_batches_are_used() {
    let _alone = alone();
    let saved = Saved::new("memory://hostile-batches/");
    let columns = [("vector", floats(ROWS, DIM)), ("point", floats(ROWS, 2))];
    saved.put_rows(rows::file(&columns, 3));
    bounded(&saved, "umap", "three batches").unwrap();
}

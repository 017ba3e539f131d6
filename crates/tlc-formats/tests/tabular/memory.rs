//! Rows that are in memory.

use crate::{Place, shown, texts, value};
use serde::Serialize;
use std::sync::{Arc, Mutex};
use tlc_core::arrow::array::AsArray;
use tlc_core::{Column, Columns, ValueType};
use tlc_formats::{At, Error, Records, import};

#[test]
fn vectors_of_options_and_ragged_and_nested_vectors_are_columns() {
    let place = Place::new();
    let columns = Columns::new()
        .column("option", vec![Some(1_u8), None])
        .column("text", vec![Some("a"), None])
        .column("ragged", vec![vec![1.5_f32], vec![]])
        .column("lists", vec![Some(vec![Some(1_i64), None]), None])
        .column("nested", vec![vec![vec!["a", "b"], vec![]], vec![]])
        .column(
            "boxes",
            vec![vec![[0.0, 1.0]], vec![[2.0, 3.0], [4.0, 5.0]]],
        )
        .column("fixed", vec![Some([1, 2]), None])
        .column("bytes", vec![vec![1_u8, 2], vec![]])
        .column("flags", vec![vec![Some(true)], vec![None, Some(false)]]);
    let table = place.import(&columns).unwrap();
    for (column, expected) in [
        ("option", ["1", ""]),
        ("text", ["a", ""]),
        ("ragged", ["[1.5]", "[]"]),
        ("lists", ["[1, ]", ""]),
        ("nested", ["[[a, b], []]", "[]"]),
        ("boxes", ["[[0.0, 1.0]]", "[[2.0, 3.0], [4.0, 5.0]]"]),
        ("fixed", ["[1, 2]", ""]),
        ("bytes", ["0102", ""]),
        ("flags", ["[true]", "[, false]"]),
    ] {
        assert_eq!(shown(&table, column), expected, "{column}");
    }
    let optional = ["option", "text", "lists", "fixed"];
    let nullable = table
        .schema()
        .columns()
        .iter()
        .filter(|column| column.nullable);
    assert!(nullable.map(|column| column.name.as_str()).eq(optional));
}

#[derive(Serialize)]
struct Box2 {
    corners: Vec<[f32; 2]>,
    score: Option<f64>,
}

#[derive(Serialize)]
struct Sample<'a> {
    name: &'a str,
    boxes: Vec<Box2>,
    split: Option<String>,
    vector: Vec<f64>,
}

fn sample(name: &str, vector: Vec<f64>) -> Sample<'_> {
    let boxes = vec![Box2 {
        corners: vec![[0.0, 1.0], [2.0, 3.0]],
        score: None,
    }];
    Sample {
        name,
        boxes,
        split: None,
        vector,
    }
}

#[test]
fn serde_rows_are_as_the_writer_takes_them_with_all_options() {
    let place = Place::new();
    let rows = [sample("a", vec![0.5, 0.1]), sample("b", vec![1.0, 2.0])];
    let options = place
        .options()
        .column(Column::new("split", ValueType::String))
        .column(Column::new("vector", ValueType::Embedding { dim: 2 }))
        .column(Column::new(
            "boxes",
            ValueType::List {
                item: Box::new(ValueType::Struct {
                    fields: vec![
                        Column::new(
                            "corners",
                            ValueType::List {
                                item: Box::new(ValueType::List {
                                    item: Box::new(ValueType::Float32),
                                    len: Some(2),
                                }),
                                len: None,
                            },
                        ),
                        Column::new("score", ValueType::Float64).nullable(true),
                    ],
                }),
                len: None,
            },
        ))
        .label("name")
        .weight(2.0);
    let table = import(&Records::of(&rows), options).unwrap().table;
    assert_eq!(shown(&table, "name"), ["0", "1"]);
    assert_eq!(value(&table, "vector"), ValueType::Embedding { dim: 2 });
    assert_eq!(texts(&table, "split"), [None, None]);
    let boxes = table.column("boxes").unwrap();
    assert_eq!(boxes.as_list::<i32>().value(1).len(), 1);
    assert_eq!(shown(&table, "weight"), ["2.0", "2.0"]);
}

#[test]
fn a_row_that_does_not_fit_is_told_by_its_number_or_skipped() {
    let place = Place::new();
    let columns = Columns::new().column("n", vec![1, 300, 2]);
    let options = place.options().column(Column::new("n", ValueType::Int8));
    match import(&columns, options.clone()) {
        Err(Error::Row(row)) => {
            assert_eq!((&row.place.file, &row.place.at), (&None, &At::Row(2)));
            assert!(row.to_string().starts_with("row 2, column `n`"), "{row}");
        }
        other => panic!("{other:?}"),
    }
    let imported = import(&columns, options.skip_bad_rows()).unwrap();
    assert_eq!(shown(&imported.table, "n"), ["1", "2"]);
}

#[test]
fn progress_of_rows_in_memory_ends_with_all_of_them() {
    let place = Place::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&told);
    let options = place.options().progress(move |progress| {
        into.lock().unwrap().push((progress.done, progress.total));
    });
    let columns = Columns::new().column("n", vec![0; 70_000]);
    import(&columns, options).unwrap();
    let told = told.lock().unwrap();
    assert!(told.iter().all(|(done, total)| done <= total), "{told:?}");
    assert_eq!(told.last(), Some(&(70_000, 70_000)));
}

#[test]
fn no_rows_have_no_columns_and_columns_of_other_lengths_are_refused() {
    let place = Place::new();
    let none: [Sample<'_>; 0] = [];
    assert!(matches!(
        place.import(&Records::of(&none)),
        Err(Error::NoFiles { .. })
    ));
    let uneven = Columns::new().column("a", vec![1]).column("b", vec![1, 2]);
    assert!(matches!(place.import(&uneven), Err(Error::Core(_))));
    let empty = Columns::new().column("a", Vec::<i64>::new());
    assert_eq!(place.import(&empty).unwrap().len(), 0);
}

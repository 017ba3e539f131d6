//! The five questions of the README of the crate: of known rows, and of what the examples made
//! where `TLC_EXAMPLE_PROJECTS` says so.

use super::{answer, pets, root, run};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{AddMetrics, Columns, Table, Url};

/// Two epochs of a run over eight pets, with the columns of the main example.
fn train(root: &Url, table: &Table, name: &str, wrong: impl Fn(i64, i64) -> bool) {
    let run = run(root, name);
    for epoch in 1..3_i64 {
        let rows = || 0..8_i64;
        let of_rows = |right: f32, wrongly: f32| -> Vec<f32> {
            let values = rows().map(|row| match wrong(row, epoch) {
                true => wrongly + row as f32,
                false => right,
            });
            values.collect()
        };
        let accuracy: Vec<f32> = of_rows(1.0, 0.0)
            .into_iter()
            .map(|it| if it == 1.0 { 1.0 } else { 0.0 })
            .collect();
        let item = Arc::new(Field::new_list_field(DataType::Float32, false));
        let vectors: Float32Array = rows().flat_map(|row| [row as f32, 0.0]).map(Some).collect();
        let hidden = FixedSizeListArray::new(item, 2, Arc::new(vectors), None);
        let values = Columns::new()
            .column("loss", of_rows(0.25, 2.0))
            .column("accuracy", accuracy)
            .column("embeddings_hidden", Arc::new(hidden) as ArrayRef);
        let options = AddMetrics::new().foreign_table(table).example_ids(0..8);
        let options = options.constant("split", "train").constant("epoch", epoch);
        run.add_metrics(values, options).unwrap();
    }
}

fn check(root: &Url, sql: &str, expected: &[&str]) {
    let drawn = answer(root, sql);
    let rows = drawn.lines().filter(|line| line.starts_with('|')).skip(1);
    let rows: Vec<String> = rows
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(rows, expected, "{drawn}");
}

#[test]
fn five_questions_of_the_documentation_are_answered() {
    let root = root();
    let table = pets(&root, 8);
    // Row 2 is learned and forgotten; 5 is never right.
    train(&root, &table, "train-classifier", |row, epoch| match row {
        2 => epoch == 2,
        row => row == 5,
    });
    train(&root, &table, "second", |row, _| row > 4);
    let names = [("\"fashion-mnist\"", "p"), ("tables.train", "tables.pets")];
    let ours = questions().map(|sql| {
        names
            .iter()
            .fold(sql, |sql, (from, to)| sql.replace(from, to))
    });
    let [worst, forgotten, compared, nearest, weights] = ours;
    check(&root, &worst, &["| cat | 0 | 0.25 |", "| dog | 5 | 7.0 |"]);
    check(&root, &forgotten, &["| 2 | 1 |"]);
    check(
        &root,
        &compared,
        &["| 7 | 0.25 | 9.0 |", "| 6 | 0.25 | 8.0 |"],
    );
    check(
        &root,
        &nearest,
        &[
            "| 6 | cat | 1.0 |",
            "| 5 | dog | 2.0 |",
            "| 4 | cat | 3.0 |",
        ],
    );
    check(&root, &weights, &["| 5 | 0.2 |"]);
}

#[test]
fn they_are_answered_of_what_the_main_example_makes() {
    let Ok(folder) = std::env::var("TLC_EXAMPLE_PROJECTS") else {
        eprintln!("SKIPPED: TLC_EXAMPLE_PROJECTS names no projects of the examples");
        return;
    };
    let root = Url::parse(&folder).unwrap();
    for sql in questions() {
        let drawn = answer(&root, &sql);
        assert!(drawn.starts_with('+'), "{sql}: {drawn}");
    }
}

/// Those of the documentation, in their order.
fn questions() -> [String; 5] {
    let documented = include_str!("../../README.md");
    let blocks = documented.split("```sql\n").skip(1);
    let questions = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    questions.collect::<Vec<_>>().try_into().unwrap()
}

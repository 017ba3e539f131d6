//! Five questions that people have, as the README of the crate asks them.

use super::{answer, pets, root, run};
use tlc_core::{AddMetrics, Column, Columns, Run, Table, Url, ValueType};

/// Three epochs of a run over eight pets.
fn trained(root: &Url, table: &Table, name: &str, shift: i64) -> Run {
    let run = run(root, name);
    for epoch in 0..3_i64 {
        // Row 2 is learned and forgotten, row 5 never learned.
        let is_right = |row: i64| match row {
            2 => epoch == 1,
            5 => false,
            row => row + shift < 7,
        };
        let rows = 0..8_i64;
        let labels: Vec<i32> = (0..8).map(|row| row % 2).collect();
        let predicted = rows.clone().zip(&labels);
        let predicted =
            predicted.map(|(row, label)| if is_right(row) { *label } else { 1 - label });
        let losses = rows.clone().map(|row| {
            if is_right(row) {
                0.25_f32
            } else {
                2.0 + row as f32
            }
        });
        let values = Columns::new()
            .column("label", labels.clone())
            .column("predicted", predicted.collect::<Vec<i32>>())
            .column("loss", losses.collect::<Vec<f32>>())
            .column(
                "x",
                rows.clone().map(|row| row as f32).collect::<Vec<f32>>(),
            )
            .column("y", rows.map(|row| -(row as f32)).collect::<Vec<f32>>());
        let options = AddMetrics::new()
            .foreign_table(table)
            .example_ids(0..8)
            .constant("epoch", epoch)
            .column(Column::new("label", ValueType::labels(super::CLASSES)))
            .column(Column::new("predicted", ValueType::labels(super::CLASSES)))
            .stream("train");
        run.add_metrics(values, options).unwrap();
    }
    run
}

fn check(root: &Url, sql: &str, expected: &str) {
    let drawn = answer(root, sql);
    let rows = drawn.lines().filter(|line| line.starts_with('|')).skip(1);
    let rows: Vec<String> = rows
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(rows, expected, "{drawn}");
}

#[test]
fn five_questions_of_the_documentation_are_answered() {
    let root = root();
    let table = pets(&root, 8);
    trained(&root, &table, "first", 0);
    trained(&root, &table, "second", 1);
    let [worst, forgotten, compared, area, weights] = questions();
    check(&root, &worst, "| cat | n2 | 4.0 |\n| dog | n7 | 9.0 |");
    check(&root, &forgotten, "| 2 | n2 | 1 |");
    check(&root, &compared, "| 6 | n6 | 0.25 | 8.0 |");
    check(&root, &area, "| n3 |\n| n4 |");
    check(&root, &weights, "| 2 | 0.2 |\n| 5 | 0.2 |\n| 7 | 0.2 |");
}

/// Those in the documentation of the crate, in their order.
fn questions() -> [String; 5] {
    let documented = include_str!("../../README.md");
    let blocks = documented.split("```sql\n").skip(1);
    let questions = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    let questions: Vec<String> = questions.collect();
    let names = [
        ("fashion-mnist", "p"),
        ("tables.train", "tables.pets"),
        ("train-classifier", "first"),
    ];
    let ours = questions.iter().map(|sql| {
        names
            .iter()
            .fold(sql.clone(), |sql, (theirs, ours)| sql.replace(theirs, ours))
    });
    ours.collect::<Vec<_>>().try_into().unwrap()
}

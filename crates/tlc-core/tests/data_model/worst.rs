//! The rows with the largest and smallest values, and how they are shown.

use crate::roots;
use proptest::prelude::*;
use serde::Serialize;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, AsArray, Float32Array, Int64Array, UInt64Array};
use tlc_core::arrow::datatypes::Int64Type;
use tlc_core::{
    AddMetrics, Column, Columns, Error, MetricsOptions, MetricsTable, MetricsTableWriter, Run,
    RunOptions, Table, TableOptions, Url, ValueType, Worst,
};

#[derive(Serialize)]
struct Row {
    text: String,
    label: i32,
}

fn table(root: &Url, rows: usize) -> Table {
    let row = |row: usize| Row {
        text: format!("text {row}"),
        label: i32::from(row % 3 == 1),
    };
    let options = TableOptions::new("project", "data", "initial").root(root);
    let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    let rows: Vec<Row> = (0..rows).map(row).collect();
    Table::create(options.column(label), |writer| writer.add_rows(&rows)).unwrap()
}

fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("project").root(root)).unwrap()
}

fn losses(run: &Run, losses: impl Into<Float32Array>) -> MetricsTable {
    let values = Arc::new(losses.into()) as ArrayRef;
    let rows = 0..i64::try_from(values.len()).unwrap();
    let columns = Columns::new().column("loss", values);
    let columns = columns.column("row", rows.collect::<Vec<_>>());
    run.add_metrics(columns, AddMetrics::new()).unwrap()
}

fn rows(worst: &Worst) -> Vec<i64> {
    worst["row"].as_primitive::<Int64Type>().values().to_vec()
}

#[test]
fn the_worst_rows_come_first_nan_before_all_and_nulls_never() {
    let (_folder, roots) = roots("worst-order");
    for root in &roots {
        let values = vec![
            Some(0.5),
            None,
            Some(f32::NAN),
            Some(f32::INFINITY),
            Some(-1.0),
        ];
        let metrics = losses(&run(root), values);
        assert_eq!(rows(&metrics.worst("loss", 2, &[]).unwrap()), [2, 3]);
        assert_eq!(rows(&metrics.worst("loss", 9, &[]).unwrap()), [2, 3, 0, 4]);
        assert_eq!(rows(&metrics.best("loss", 2, &[]).unwrap()), [4, 0]);
        assert_eq!(rows(&metrics.best("loss", 9, &[]).unwrap()), [4, 0, 3, 2]);
        assert!(rows(&metrics.worst("loss", 0, &[]).unwrap()).is_empty());
        let equal = losses(&run(root), vec![0.0, -0.0, 0.0]);
        assert_eq!(rows(&equal.worst("loss", 2, &[]).unwrap()), [0, 1]);
        assert_eq!(rows(&equal.best("loss", 2, &[]).unwrap()), [0, 1]);
    }
}

#[test]
fn large_integers_are_ranked_exactly() {
    let root = Url::parse("memory://worst-integers").unwrap();
    let run = run(&root);
    let large = Columns::new()
        .column(
            "big",
            Arc::new(UInt64Array::from(vec![u64::MAX - 1, u64::MAX])) as ArrayRef,
        )
        .column(
            "low",
            Arc::new(Int64Array::from(vec![i64::MIN + 1, i64::MIN])) as ArrayRef,
        )
        .column("row", vec![0_i64, 1]);
    let metrics = run.add_metrics(large, AddMetrics::new()).unwrap();
    assert_eq!(rows(&metrics.worst("big", 1, &[]).unwrap()), [1]);
    assert_eq!(rows(&metrics.best("low", 2, &[]).unwrap()), [1, 0]);
}

#[test]
fn samples_stand_beside_the_worst_rows_with_the_names_of_their_classes() {
    let (_folder, roots) = roots("worst-join");
    for root in &roots {
        let (run, table) = (run(root), table(root, 20_000));
        let predicted = Column::new("predicted", ValueType::labels(["cat", "dog"]));
        let options = MetricsOptions::new().run(&run).foreign_table(&table);
        let mut writer = MetricsTableWriter::new(options.column(predicted)).unwrap();
        for start in (0..20_000_i64).step_by(1000) {
            let ids: Vec<i64> = (start..start + 1000).rev().collect();
            // Scattered, so that row groups and windows are crossed.
            let loss = ids.iter().map(|id| ((id * 7919) % 20_011) as f32 / 100.0);
            let columns = Columns::new()
                .column("loss", loss.collect::<Vec<_>>())
                .column("predicted", vec![1_i32; 1000])
                .column("example_id", ids);
            writer.add_batch(columns).unwrap();
            writer.flush().unwrap();
        }
        let metrics = writer.finish().unwrap();
        let worst = metrics.worst("loss", 5, &["label", "text"]).unwrap();
        let mut expected: Vec<i64> = (0..20_000).collect();
        expected.sort_by_key(|id| std::cmp::Reverse((id * 7919) % 20_011));
        let ids = worst["example_id"].as_primitive::<Int64Type>().values();
        assert_eq!(ids[..], expected[..5]);
        for (row, id) in ids.iter().enumerate() {
            let text = worst["text"].as_string::<i32>().value(row);
            assert_eq!(text, format!("text {id}"));
        }
        let shown = metrics.worst("loss", 1, &[]).unwrap().to_string();
        let label = if expected[0] % 3 == 1 { "dog" } else { "cat" };
        let lines: Vec<Vec<&str>> = shown
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0], ["loss", "predicted", "example_id", "label"]);
        assert_eq!(lines[1][1], "dog");
        assert_eq!(lines[1][3], label);
        assert_eq!(worst.into_batch().num_columns(), 5);
    }
}

#[test]
fn what_cannot_be_ranked_or_joined_is_told() {
    let root = Url::parse("memory://worst-refused").unwrap();
    let (run, table) = (run(&root), table(&root, 2));
    let values = || {
        Columns::new()
            .column("loss", vec![0.5_f32, 1.0])
            .column("note", vec!["a", "b"])
    };
    let alone = run.add_metrics(values(), AddMetrics::new()).unwrap();
    assert!(matches!(
        alone.worst("los", 1, &[]),
        Err(Error::NoSuchColumn { .. })
    ));
    assert!(matches!(
        alone.worst("note", 1, &[]),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        alone.worst("loss", 1, &["label"]),
        Err(Error::NoForeignTable { .. })
    ));
    assert_eq!(alone.worst("loss", 1, &[]).unwrap().num_columns(), 2);
    let about = AddMetrics::new().foreign_table(&table);
    let joined = run.add_metrics(values(), about).unwrap();
    assert!(matches!(
        joined.worst("loss", 1, &["lable"]),
        Err(Error::NoSuchColumn { .. })
    ));
}

#[test]
fn values_are_shown_short_and_on_one_line() {
    let root = Url::parse("memory://worst-shown").unwrap();
    let run = run(&root);
    let columns = Columns::new()
        .column("loss", vec![1234.5_f64, 1e-9, f64::NAN, -0.25])
        .column("note", vec!["one\nline", "", "ä", &"long ".repeat(50)])
        .column("point", vec![[0.5_f32, 1.0]; 4])
        .column("image", vec![vec![0_u8; 7]; 4])
        .column("vector", vec![[0.5_f32; 8]; 4]);
    let about = AddMetrics::new()
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("vector", ValueType::Embedding { dim: 8 }));
    let metrics = run.add_metrics(columns, about).unwrap();
    let expected = "
     loss  note                                      point             image
      NaN  ä                                         [0.5000, 1.0000]  7 bytes
1234.5000  one line                                  [0.5000, 1.0000]  7 bytes
 1.000e-9                                            [0.5000, 1.0000]  7 bytes
  -0.2500  long long long long long long long long…  [0.5000, 1.0000]  7 bytes
";
    let shown = metrics.worst("loss", 4, &[]).unwrap().to_string();
    assert_eq!(format!("\n{shown}"), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_worst_rows_are_those_that_sorting_finds(
        values in prop::collection::vec(prop::option::of(-3..3_i8), 1..200),
        count in 0_usize..20,
    ) {
        let root = Url::parse("memory://worst-sorted").unwrap();
        let floats: Vec<Option<f32>> = values.iter().map(|value| value.map(f32::from)).collect();
        let metrics = losses(&run(&root), floats);
        let mut sorted: Vec<(i8, i64)> =
            values.iter().zip(0..).filter_map(|(value, row)| Some(((*value)?, row))).collect();
        sorted.sort_by_key(|(value, row)| (std::cmp::Reverse(*value), *row));
        let expected: Vec<i64> = sorted.iter().take(count).map(|(_, row)| *row).collect();
        prop_assert_eq!(rows(&metrics.worst("loss", count, &[]).unwrap()), expected);
    }
}

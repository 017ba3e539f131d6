//! As many rows of each class.

use crate::{options, table, table_of};
use std::collections::BTreeMap;
use tlc_core::{Balance, ClassMap, Column, Columns, Error, RowSet, Table, ValueType};

fn labels() -> Vec<Option<i32>> {
    let label = |row: i32| match row % 10 {
        0 => Some(1),
        1 => None,
        2..5 => Some(2),
        _ => Some(0),
    };
    (0..1_000).map(label).collect()
}

fn counts(rows: &RowSet, labels: &[Option<i32>]) -> BTreeMap<Option<i32>, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.iter() {
        *counts.entry(labels[row]).or_default() += 1;
    }
    counts
}

#[test]
fn each_class_has_as_many_rows_as_the_rarest_or_as_were_asked_for() {
    let table = table_of("label", labels());
    let rows = table.balanced(Balance::by("label")).unwrap();
    let expected = [(Some(0), 100), (Some(1), 100), (Some(2), 100)];
    assert_eq!(counts(&rows, &labels()), BTreeMap::from(expected));
    let rows = table
        .balanced(Balance::by("label").rows_per_class(7))
        .unwrap();
    assert_eq!(
        counts(&rows, &labels()),
        BTreeMap::from(expected.map(|(label, _)| (label, 7)))
    );
    assert_eq!(
        rows,
        table
            .balanced(Balance::by("label").rows_per_class(7))
            .unwrap()
    );
    assert_ne!(
        rows,
        table
            .balanced(Balance::by("label").rows_per_class(7).seed(1))
            .unwrap()
    );
}

#[test]
fn rows_of_a_class_are_chosen_with_the_same_chance() {
    let table = table_of("label", [vec![0; 8], vec![1; 2]].concat());
    let mut chosen = [0_u32; 10];
    for seed in 0..4_000 {
        let rows = table.balanced(Balance::by("label").seed(seed)).unwrap();
        rows.iter().for_each(|row| chosen[row] += 1);
    }
    assert_eq!(&chosen[8..], [4_000, 4_000]);
    let squares = chosen[..8]
        .iter()
        .map(|count| (f64::from(*count) - 1_000.0).powi(2));
    // 7 degrees of freedom, of draws without replacement: above 24.3 less than once in a thousand.
    let chi_square: f64 = squares.sum::<f64>() / 1_000.0;
    assert!(chi_square < 24.3, "{chi_square}");
}

#[test]
fn void_rows_and_classes_without_a_row_do_not_count() {
    let classes = ClassMap::new(["cat", "dog", "fish"])
        .with_void(255)
        .unwrap();
    let column = Column::new("label", ValueType::labels(classes));
    let columns = Columns::new().column("label", vec![0, 0, 255, 1, 1, 1]);
    let table =
        Table::create(options().column(column), |writer| writer.add_batch(columns)).unwrap();
    let rows = table.balanced(Balance::by("label").seed(3)).unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows.place(2), None);
}

#[test]
fn too_few_rows_of_a_class_and_no_class_at_all_are_refused() {
    let error = table_of("label", labels())
        .balanced(Balance::by("label").rows_per_class(101))
        .unwrap_err();
    let expected = "101 rows of each `label` are asked for, but there are 100 of that of row 0";
    assert!(error.to_string().contains(expected), "{error}");
    let error = table_of("label", vec![None::<i32>; 3])
        .balanced(Balance::by("label"))
        .unwrap_err();
    assert!(matches!(error, Error::Split { .. }), "{error}");
    let error = table(3).balanced(Balance::by("lable")).unwrap_err();
    assert!(matches!(error, Error::NoSuchColumn { .. }), "{error}");
    let error = table_of("label", vec![vec![1.0, 2.0]])
        .balanced(Balance::by("label"))
        .unwrap_err();
    assert!(matches!(error, Error::Column { .. }), "{error}");
}

//! Bad rows fail an import, or are left out and told.

use crate::given;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int8Type;
use tlc_core::{Column, IfExists, ValueType};
use tlc_formats::{At, Error, import};

fn small(column: &str) -> Column {
    Column::new(column, ValueType::Int8)
}

#[test]
fn the_first_bad_row_fails_the_import_by_file_line_column_and_value() {
    let (_folder, lines, options) = given("a 1\nb 300\nc x\n");
    for (options, line, value) in [
        (options.clone(), 3, "x"),
        (options.column(small("number")), 3, "x"),
    ] {
        let Err(Error::Row(row)) = import(&lines, options) else {
            panic!("accepted");
        };
        assert_eq!(row.place.at, At::Line(line));
        assert_eq!(row.place.file.unwrap().name(), "a.txt");
        assert_eq!(row.column.as_deref(), Some("number"));
        assert_eq!(row.value.as_deref(), Some(value));
    }
}

#[test]
fn what_the_table_refuses_is_told_by_its_line_too() {
    let (_folder, lines, options) = given("a 1\nb 300\n");
    let refused = import(&lines, options.column(small("number"))).unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.contains("a.txt, line 2, column `number`, value \"300\""),
        "{refused}"
    );
}

#[test]
fn skipped_rows_are_counted_and_named_and_all_others_stay_in_order() {
    // Numbers over 127 are refused by the table, in runs and alone; words by the format.
    let good = |line: usize| line % 7 != 3 && !(2000..2200).contains(&line) && line % 11 != 5;
    let text: String = (0..5000)
        .map(|line| match (good(line), line % 11 == 5) {
            (true, _) => format!("row{line} {}\n", line % 100),
            (_, true) => format!("row{line} word\n"),
            _ => format!("row{line} 128\n"),
        })
        .collect();
    let expected: Vec<i8> = (0..5000)
        .filter(|line| good(*line))
        .map(|line| i8::try_from(line % 100).unwrap())
        .collect();
    for batch_rows in [1, 17, 1000, 10_000] {
        let (_folder, mut lines, options) = given(&text);
        lines.batch_rows = batch_rows;
        let options = options.column(small("number")).skip_bad_rows();
        let imported = import(&lines, options).unwrap();
        let numbers = imported.table.column("number").unwrap();
        assert_eq!(
            numbers.as_primitive::<Int8Type>().values(),
            expected.as_slice()
        );
        assert_eq!(imported.skipped.len(), 5000 - expected.len() as u64);
        assert_eq!(imported.skipped.first().len(), 10);
        let told = imported.table.description();
        let count = format!("{} of 5000 rows skipped:", 5000 - expected.len());
        assert!(
            told.contains(&count) && told.contains("line 6, column `number`"),
            "{told}"
        );
        assert!(told.contains("and ") && told.ends_with(" more"), "{told}");
    }
}

#[test]
fn a_row_that_is_bad_in_two_columns_is_skipped_once() {
    let (_folder, lines, options) = given("a 1\nb 300\nc 2\nd 300\na 3\n");
    let options = options
        .column(small("number"))
        .column(Column::new("name", ValueType::labels(["a", "c"])))
        .skip_bad_rows();
    let imported = import(&lines, options).unwrap();
    assert_eq!((imported.table.len(), imported.skipped.len()), (3, 2));
}

#[test]
fn a_file_of_which_every_row_is_bad_makes_no_table() {
    let (_folder, lines, options) = given("a x\nb y\n");
    let options = options.skip_bad_rows();
    match import(&lines, options.clone()) {
        Err(Error::AllSkipped { rows: 2, first }) => assert_eq!(first.place.at, At::Line(1)),
        other => panic!("{other:?}"),
    }
    // The name is still free.
    std::fs::write(_folder.path().join("a.txt"), "a 1\n").unwrap();
    let imported = import(&lines, options.if_exists(IfExists::Raise)).unwrap();
    assert_eq!(imported.table.name(), "initial");
}

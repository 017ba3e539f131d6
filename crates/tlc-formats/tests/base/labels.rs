//! Texts and numbers become labels.

use crate::given;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::{Column, Table, ValueType};
use tlc_formats::{Error, import};

fn ids(table: &Table, column: &str) -> Vec<i32> {
    let values = table.column(column).unwrap();
    values.as_primitive::<Int32Type>().values().to_vec()
}

#[test]
fn the_classes_of_a_label_are_its_texts_sorted_or_its_numbers() {
    let (_folder, mut lines, options) = given("dog 7\ncat 3\ndog 3\nant 7\n");
    lines.batch_rows = 2;
    let imported = import(&lines, options.label("name").label("number")).unwrap();
    let schema = imported.table.schema();
    let names = schema.class_map("name").unwrap();
    assert!(names.names().eq(["ant", "cat", "dog"]));
    assert_eq!(ids(&imported.table, "name"), [2, 1, 2, 0]);
    let numbers = schema.class_map("number").unwrap();
    assert!(numbers.ids().eq([3, 7]) && numbers.names().eq(["3", "7"]));
    assert_eq!(ids(&imported.table, "number"), [7, 3, 3, 7]);
}

#[test]
fn a_text_that_is_no_class_is_a_bad_row_that_says_which_there_are() {
    let (_folder, lines, options) = given("dog 1\nbird 2\ncat 3\n");
    let classes = Column::new("name", ValueType::labels(["dog", "cat"]));
    let options = options.column(classes);
    let refused = import(&lines, options.clone()).unwrap_err().to_string();
    assert!(
        refused.contains("line 2, column `name`, value \"bird\": is none of the classes `cat`"),
        "{refused}"
    );
    let imported = import(&lines, options.skip_bad_rows()).unwrap();
    assert_eq!(ids(&imported.table, "name"), [0, 1]);
    assert_eq!(imported.skipped.len(), 1);
}

#[test]
fn a_name_of_two_classes_is_refused_where_it_stands_in_the_data() {
    let (_folder, lines, options) = given("dog 1\n");
    let twice = Column::new("name", ValueType::labels(["dog", "dog"]));
    let refused = import(&lines, options.column(twice))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("several classes"), "{refused}");
}

#[test]
fn a_label_that_is_not_there_or_declared_twice_is_refused() {
    let (_folder, lines, options) = given("dog 1\n");
    for options in [
        options.clone().label("nmae"),
        options
            .label("name")
            .column(Column::new("name", ValueType::labels(["dog"]))),
    ] {
        assert!(matches!(import(&lines, options), Err(Error::Column { .. })));
    }
}

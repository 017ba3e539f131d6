//! Parts that the values of a column are.

use crate::{options, parts, sizes, table_of};
use tlc_core::{ClassMap, Column, Columns, Parts, Split, Table, ValueType};

fn names(split: &Split) -> Vec<&str> {
    split.names().collect()
}

fn labelled(classes: ClassMap, ids: Vec<i32>) -> Table {
    let column = Column::new("subset", ValueType::labels(classes));
    let columns = Columns::new().column("subset", ids);
    Table::create(options().column(column), |writer| writer.add_batch(columns)).unwrap()
}

#[test]
fn texts_numbers_and_booleans_name_parts_in_their_order() {
    let given = Parts::of_column("subset");
    let split = table_of("subset", vec!["train", "test", "train"])
        .split(given.clone())
        .unwrap();
    assert_eq!(
        (names(&split), sizes(&split)),
        (vec!["test", "train"], vec![1, 2])
    );
    let split = table_of("subset", vec![10_u16, 9, 10, 100])
        .split(given.clone())
        .unwrap();
    assert_eq!(
        (names(&split), sizes(&split)),
        (vec!["9", "10", "100"], vec![1, 2, 1])
    );
    let split = table_of("subset", vec![true, false])
        .split(given.clone())
        .unwrap();
    assert_eq!(names(&split), ["false", "true"]);
    let split = table_of("subset", vec![u64::MAX, 0]).split(given).unwrap();
    assert_eq!(names(&split), ["0", "18446744073709551615"]);
}

#[test]
fn labels_name_parts_by_their_classes_which_are_there_without_rows() {
    let classes = ClassMap::from_ids([(7, "train"), (-1, "valid"), (3, "test")]).unwrap();
    let table = labelled(classes.clone().with_void(99).unwrap(), vec![3, 7, 7, 99]);
    let split = table.split(Parts::of_column("subset")).unwrap();
    assert_eq!(
        (names(&split), sizes(&split)),
        (vec!["train", "valid", "test"], vec![2, 0, 1])
    );
    assert_eq!(split.left_out().collect::<Vec<_>>(), [3]);
    // Classes of one name are one part.
    let table = labelled(ClassMap::new(["a", "b", "a"]), vec![2, 1, 0]);
    let split = table.split(Parts::of_column("subset")).unwrap();
    assert_eq!(
        (names(&split), parts(&split)),
        (vec!["a", "b"], vec!["a".into(), "b".into(), "a".into()])
    );
}

#[test]
fn rows_without_a_value_are_in_no_part_and_are_told() {
    let values = vec![Some("train"), None, Some("test"), None];
    let split = table_of("subset", values)
        .split(Parts::of_column("subset"))
        .unwrap();
    assert_eq!(split.left_out().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(parts(&split), ["train", "none", "test", "none"]);
    let marked = split.column("split").unwrap();
    assert_eq!(
        marked.row::<(Option<String>, Option<i32>)>(1).unwrap(),
        (None, None)
    );
    let tables = split.revisions().unwrap();
    assert_eq!(tables.iter().map(Table::len).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn as_many_parts_as_there_can_be() {
    let values: Vec<i64> = (0..255).rev().collect();
    let split = table_of("subset", values)
        .split(Parts::of_column("subset"))
        .unwrap();
    assert_eq!(split.names().len(), 255);
    assert_eq!(split.rows("254").unwrap().collect::<Vec<_>>(), [0]);
    assert_eq!(split.left_out().count(), 0);
    let error =
        table_of("subset", (0..256_i64).collect::<Vec<_>>()).split(Parts::of_column("subset"));
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("row 255: there are more than 255 values")
    );
    // Classes that no row has do not count.
    let many = ClassMap::new((0..1_000).map(|class| format!("class {class}")));
    let split = labelled(many, vec![900, 5, 900])
        .split(Parts::of_column("subset"))
        .unwrap();
    assert_eq!(names(&split), ["class 5", "class 900"]);
}

//! What the options ask for.

use crate::given;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Float32Type;
use tlc_core::{Column, IfExists, Role, ValueType};
use tlc_formats::{Error, import};

#[test]
fn a_table_is_reused_if_its_rows_are_the_same_and_else_refused() {
    let (folder, lines, options) = given("a 1\nb 2\n");
    let first = import(&lines, options.clone()).unwrap().table;
    assert_eq!(first.name(), "initial");
    assert_eq!(first.description(), "imported: lines");
    let again = import(&lines, options.clone()).unwrap().table;
    assert_eq!(again.id(), first.id());
    std::fs::write(folder.path().join("a.txt"), "a 1\nb 3\n").unwrap();
    assert!(matches!(
        import(&lines, options.clone()),
        Err(Error::Core(tlc_core::Error::DataChanged { .. }))
    ));
    let renamed = import(&lines, options.clone().if_exists(IfExists::Rename)).unwrap();
    assert_ne!(renamed.table.url(), first.url());
    let other = import(&lines, options.table("other")).unwrap();
    assert_eq!(other.table.name(), "other");
}

#[test]
fn weights_and_extra_columns_stand_after_those_of_the_data() {
    let (_folder, lines, options) = given("a 1\nb 2\n");
    let reviewed = Column::new("reviewed", ValueType::Bool).writable(true);
    let options = options
        .weight(0.5)
        .extra(reviewed, false)
        .extra(Column::new("fold", ValueType::Int8), 3)
        .extra(Column::new("split", ValueType::String), "train");
    let table = import(&lines, options).unwrap().table;
    let names: Vec<_> = table.schema().names().collect();
    assert_eq!(
        names,
        ["name", "number", "weight", "reviewed", "fold", "split"]
    );
    let weight = table.schema().column("weight").unwrap();
    assert_eq!(weight.role, Some(Role::Weight));
    assert_eq!(
        table.schema().column("fold").unwrap().value,
        ValueType::Int8
    );
    assert!(table.schema().column("reviewed").unwrap().writable);
    let weights = table.column("weight").unwrap();
    assert_eq!(weights.as_primitive::<Float32Type>().values(), &[0.5, 0.5]);
}

#[test]
fn an_extra_column_of_a_name_that_is_there_is_refused() {
    let (_folder, lines, options) = given("a 1\n");
    let options = options.extra(Column::new("name", ValueType::String), "x");
    assert!(matches!(
        import(&lines, options),
        Err(Error::Column { column, .. }) if column == "name"
    ));
}

#[test]
fn a_column_by_hand_that_is_not_there_is_refused_by_name() {
    let (_folder, lines, options) = given("a 1\n");
    let options = options.column(Column::new("nubmer", ValueType::Int8));
    let refused = import(&lines, options).unwrap_err().to_string();
    assert!(
        refused.contains("no column `nubmer`, there are: name, number"),
        "{refused}"
    );
}

#[test]
fn progress_tells_rows_and_skipped_rows_as_they_come() {
    let (_folder, mut lines, options) = given("a 1\nb x\nc 3\nd 4\n");
    lines.batch_rows = 2;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::new(AtomicU64::new(0));
    let (into, count) = (Arc::clone(&seen), Arc::clone(&calls));
    let options = options.skip_bad_rows().progress(move |progress| {
        count.fetch_add(1, Ordering::Relaxed);
        into.lock().unwrap().push((progress.rows, progress.skipped));
    });
    import(&lines, options).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(1, 1), (3, 1)]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

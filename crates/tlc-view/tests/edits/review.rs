//! What a person does, action by action.

use crate::{CLASSES, counted, labels, pending_labels, root, table, weights};
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Int64Type};
use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
use tlc_view::{ActionKind, Change, Error, Mask, Outcome, PendingEdits, ViewOptions};

#[test]
fn ten_samples_reviewed_two_undone_and_reloaded_are_committed_as_they_were_left() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), 30);
    let mut edits = PendingEdits::open(&table).unwrap();
    for row in 0..10 {
        let change = Change::set("label", [row], CLASSES[(row + 1) % 4]).reviewed();
        edits.act(change).unwrap();
    }
    edits.undo().unwrap();
    edits.undo().unwrap();
    drop(edits);

    let mut edits = PendingEdits::open(&Table::from_url(table.url()).unwrap()).unwrap();
    assert_eq!(edits.actions().len(), 8);
    assert_eq!(edits.undone().len(), 2);
    assert_eq!(edits.reviewed().count(), 8);
    assert_eq!(counted(&edits), [("label".to_owned(), 8)]);
    let options = tlc_core::RevisionOptions::new("eight labels")
        .name("fixed")
        .author("Kim");
    let Outcome::Committed(fixed) = edits.commit(options).unwrap() else {
        panic!()
    };
    assert!(edits.actions().is_empty() && edits.undone().is_empty());

    let opened = Table::from_url(format!("{}@latest", table.url()).as_str()).unwrap();
    assert_eq!((opened.id(), opened.name()), (fixed.id(), "fixed"));
    assert_eq!(opened.description(), "eight labels");
    let mut expected = labels(&table);
    for label in expected.iter_mut().take(8) {
        *label = (*label + 1) % 4;
    }
    assert_eq!(labels(&opened), expected);
    let lineage = table.lineage().unwrap();
    assert_eq!(lineage.revisions()[1].author.as_deref(), Some("Kim"));
    // What was reviewed is remembered, there and here.
    for of in [&table, &opened] {
        let edits = PendingEdits::open(of).unwrap();
        assert_eq!(
            edits.reviewed().iter().collect::<Vec<_>>(),
            (0..8).collect::<Vec<_>>()
        );
        assert!(edits.actions().is_empty());
    }
}

#[test]
fn undo_and_redo_go_all_the_way_and_a_new_action_cuts_what_was_undone() {
    let table = table(&root("undo"), 8);
    let mut edits = PendingEdits::open(&table).unwrap();
    assert!(edits.undo().unwrap().is_none() && edits.redo().unwrap().is_none());
    let mut states = vec![pending_labels(&edits)];
    for step in 0..20 {
        let rows = (0..8).filter(|row| (row + step) % 3 == 0);
        edits
            .act(Change::set("label", rows, CLASSES[step % 4]))
            .unwrap();
        states.push(pending_labels(&edits));
    }
    for state in states.iter().rev().skip(1) {
        assert!(edits.undo().unwrap().is_some());
        assert_eq!(pending_labels(&edits), *state);
    }
    assert!(edits.undo().unwrap().is_none());
    assert!(edits.counts().unwrap().is_empty());
    for state in &states[1..] {
        edits.redo().unwrap();
        assert_eq!(pending_labels(&edits), *state);
    }
    for _ in 0..5 {
        edits.undo().unwrap();
    }
    let action = edits.act(Change::review([1])).unwrap();
    assert_eq!(
        (action.kind(), action.cells(), action.column()),
        (ActionKind::Review, 1, None)
    );
    assert!(edits.redo().unwrap().is_none());
    assert_eq!(edits.actions().len(), 16);
    assert_eq!(pending_labels(&edits), states[15]);
}

#[test]
fn a_cell_that_is_set_back_counts_no_more() {
    let table = table(&root("back"), 4);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits.act(Change::set("label", [0, 1, 2], "owl")).unwrap();
    assert_eq!(counted(&edits), [("label".to_owned(), 2)]); // row 2 is an owl
    edits.act(Change::set("label", [0], "cat")).unwrap();
    let changed: Vec<_> = edits.changes().map(Result::unwrap).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].row, changed[0].column.as_str()), (1, "label"));
    assert_eq!(changed[0].before.as_ref().unwrap().len(), 1);
}

#[test]
fn accepted_values_go_to_their_rows_whatever_their_order() {
    let table = table(&root("accept"), 6);
    let mut edits = PendingEdits::open(&table).unwrap();
    let accept = Change::accept("label", [5, 0, 3, 0], vec!["cat", "owl", "dog", "cow"]);
    edits.act(accept).unwrap();
    assert_eq!(pending_labels(&edits), [3, 1, 2, 1, 0, 0]);
    let edits = PendingEdits::open(&table).unwrap();
    assert_eq!(pending_labels(&edits), [3, 1, 2, 1, 0, 0]);
}

#[test]
fn what_is_discarded_is_gone_by_column_and_by_kind_until_that_is_undone() {
    let table = table(&root("discard"), 6);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits.act(Change::set("label", [0], "owl")).unwrap();
    edits
        .act(Change::accept("label", [0, 1], vec!["cow", "cow"]).reviewed())
        .unwrap();
    edits.act(Change::set("weight", 0..6, 0.0_f32)).unwrap();
    edits.act(Change::discard_kind(ActionKind::Accept)).unwrap();
    assert_eq!(pending_labels(&edits), [2, 1, 2, 3, 0, 1]);
    assert_eq!(edits.reviewed().count(), 0);
    edits.act(Change::discard_column("weight")).unwrap();
    assert_eq!(counted(&edits), [("label".to_owned(), 1)]);
    edits.act(Change::set("weight", [3], 2.0_f32)).unwrap();
    assert_eq!(
        counted(&edits),
        [("label".to_owned(), 1), ("weight".to_owned(), 1)]
    );
    for _ in 0..3 {
        edits.undo().unwrap();
    }
    assert_eq!(pending_labels(&edits)[..2], [3, 3]);
    assert_eq!(edits.reviewed().count(), 2);
    edits.act(Change::discard_all()).unwrap();
    assert!(edits.counts().unwrap().is_empty());
    let error = edits
        .act(Change::discard_column("nothing"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`nothing`") && error.contains("label"),
        "{error}"
    );
}

#[test]
fn a_column_is_added_set_committed_and_gone_with_its_undo() {
    let table = table(&root("add"), 3);
    let mut edits = PendingEdits::open(&table).unwrap();
    let hard = Column::new("hard", ValueType::Bool);
    edits.act(Change::add_column(hard.clone(), false)).unwrap();
    edits.act(Change::set("hard", [2], true)).unwrap();
    let value = edits.value(0, "hard").unwrap().unwrap();
    assert!(!value.as_boolean().value(0));
    let again = edits
        .act(Change::add_column(hard, true))
        .unwrap_err()
        .to_string();
    assert!(
        again.contains("`hard`") && again.contains("/train"),
        "{again}"
    );
    edits.undo().unwrap();
    edits.undo().unwrap();
    assert!(edits.value(0, "hard").is_err());
    edits.redo().unwrap();
    edits.redo().unwrap();
    let mut edits = PendingEdits::open(&table).unwrap();
    assert_eq!(edits.columns().count(), 4);
    let Outcome::Committed(made) = edits.commit("hard ones").unwrap() else {
        panic!()
    };
    let hard = made.column("hard").unwrap();
    assert_eq!(
        hard.as_boolean().iter().flatten().collect::<Vec<_>>(),
        [false, false, true]
    );
}

#[test]
fn an_added_column_that_was_discarded_takes_its_cells_along() {
    let table = table(&root("add-discard"), 3);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits
        .act(Change::add_column(
            Column::new("x", ValueType::Int64),
            1_i64,
        ))
        .unwrap();
    edits.act(Change::set("x", [1], 5_i64)).unwrap();
    edits
        .act(Change::discard_kind(ActionKind::AddColumn))
        .unwrap();
    assert!(edits.act(Change::set("x", [1], 5_i64)).is_err());
    edits
        .act(Change::add_column(
            Column::new("x", ValueType::String),
            "new",
        ))
        .unwrap();
    let check = |edits: &PendingEdits| {
        let value = edits.value(1, "x").unwrap().unwrap();
        assert_eq!(value.as_string::<i32>().value(0), "new");
    };
    check(&edits);
    check(&PendingEdits::open(&table).unwrap());
}

#[test]
fn what_a_column_cannot_have_is_refused_with_table_column_and_row() {
    let table = table(&root("refused"), 4);
    let mut edits = PendingEdits::open(&table).unwrap();
    let refused = |edits: &mut PendingEdits, change: Change, parts: &[&str]| {
        let error = edits.act(change).unwrap_err();
        let text = error.to_string();
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        error
    };
    let parts = ["`label`", "row 2", "horse", "pets/tables/train"];
    refused(&mut edits, Change::set("label", [2], "horse"), &parts);
    refused(
        &mut edits,
        Change::set("label", [2], 4),
        &["`label`", "row 2", "4"],
    );
    let values = vec!["cat", "horse"];
    refused(
        &mut edits,
        Change::accept("label", [3, 1], values),
        &["row 1", "horse"],
    );
    refused(
        &mut edits,
        Change::set("label", [4], "cat"),
        &["row 4", "4 rows"],
    );
    refused(
        &mut edits,
        Change::set("lable", [0], "cat"),
        &["`lable`", "label"],
    );
    let error = refused(&mut edits, Change::set("note", [0], "x"), &["`note`"]);
    assert!(matches!(
        error,
        Error::Core(tlc_core::Error::NotWritable { .. })
    ));
    refused(&mut edits, Change::set("label", [], "cat"), &["rows"]);
    refused(
        &mut edits,
        Change::accept("label", [0, 1], vec!["cat"]),
        &["1 for 2"],
    );
    refused(
        &mut edits,
        Change::set("weight", [1], None::<f32>),
        &["`weight`", "row 1"],
    );
    refused(&mut edits, Change::review([9]), &["row 9"]);
    assert!(edits.actions().is_empty());
    edits
        .act(Change::set("note", [0], None::<&str>).ignore_writable())
        .unwrap();
    assert_eq!(counted(&edits), [("note".to_owned(), 1)]);
}

#[test]
fn values_that_came_as_json_are_typed_by_their_column() {
    use serde_json::json;
    let table = table(&root("json"), 4);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits
        .act(Change::set_json("label", [0], json!("owl")))
        .unwrap();
    edits.act(Change::set_json("label", [1], json!(3))).unwrap();
    edits
        .act(Change::set_json("weight", [2], json!("NaN")))
        .unwrap();
    edits
        .act(Change::set_json("weight", [3], json!(0.1)))
        .unwrap();
    edits
        .act(Change::add_column_json(
            Column::new("when", ValueType::Datetime),
            json!(null),
        ))
        .unwrap();
    for wrong in [
        json!("horse"),
        json!(1.5),
        json!(true),
        json!([1]),
        json!(null),
        json!(1e30),
    ] {
        assert!(
            edits
                .act(Change::set_json("label", [0], wrong.clone()))
                .is_err(),
            "{wrong}"
        );
    }
    assert!(
        edits
            .act(Change::set_json("weight", [0], json!("heavy")))
            .is_err()
    );
    let mut edits = PendingEdits::open(&table).unwrap();
    assert_eq!(pending_labels(&edits), [2, 3, 2, 3]);
    let Outcome::Committed(made) = edits.commit("typed").unwrap() else {
        panic!()
    };
    let weights = weights(&made);
    assert!(weights[2].is_nan());
    assert_eq!(weights[3].to_bits(), 0.1_f32.to_bits());
    assert_eq!(made.column("when").unwrap().null_count(), 4);
}

#[test]
fn cells_of_every_type_are_kept_bit_by_bit() {
    let root = root("types");
    let vector = Column::new("vector", ValueType::Embedding { dim: 2 });
    let columns = [
        vector,
        Column::new("whole", ValueType::UInt64),
        Column::new("real", ValueType::Float64),
        Column::new("bytes", ValueType::Bytes).nullable(true),
    ];
    let values = Columns::new()
        .column("vector", vec![[0.0_f32, 1.0]; 3])
        .column("whole", vec![0_u64; 3])
        .column("real", vec![0.0_f64; 3])
        .column("bytes", vec![Some(vec![1_u8]); 3]);
    let options = TableOptions::new("demo", "types", "train")
        .columns(columns)
        .root(&root);
    let table = Table::create(options, |writer| writer.add_batch(values)).unwrap();
    let mut edits = PendingEdits::open(&table).unwrap();
    let writable = Change::ignore_writable;
    let real = [0.1 + 0.2, f64::MIN_POSITIVE / 3.0, -0.0];
    edits
        .act(writable(Change::set("vector", [1], [0.1_f32, f32::NAN])))
        .unwrap();
    edits
        .act(writable(Change::set("whole", [0], u64::MAX)))
        .unwrap();
    edits
        .act(writable(Change::accept("real", 0..3, real)))
        .unwrap();
    edits
        .act(writable(Change::set("bytes", [2], None::<Vec<u8>>)))
        .unwrap();
    let mut edits = PendingEdits::open(&table).unwrap();
    assert_eq!(edits.counts().unwrap().len(), 4);
    let Outcome::Committed(made) = edits.commit("all types").unwrap() else {
        panic!()
    };
    let vectors = made.column("vector").unwrap();
    let floats = vectors
        .as_fixed_size_list()
        .values()
        .as_primitive::<Float32Type>()
        .values();
    assert_eq!(floats[2].to_bits(), 0.1_f32.to_bits());
    assert!(floats[3].is_nan());
    let reals = made.column("real").unwrap();
    let reals = reals.as_primitive::<tlc_core::arrow::datatypes::Float64Type>();
    for (found, expected) in reals.values().iter().zip(real) {
        assert_eq!(found.to_bits(), expected.to_bits());
    }
    assert!(made.column("bytes").unwrap().is_null(2));
    let largest = made.column("whole").unwrap();
    let largest = largest.as_primitive::<tlc_core::arrow::datatypes::UInt64Type>();
    assert_eq!(largest.value(0), u64::MAX);
}

#[test]
fn reviewed_rows_are_marks_of_their_own_that_are_undone_too() {
    let table = table(&root("marks"), 5);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits.act(Change::review([1, 3])).unwrap();
    edits.act(Change::unreview([3])).unwrap();
    assert_eq!(edits.reviewed().iter().collect::<Vec<_>>(), [1]);
    edits.undo().unwrap();
    assert!(edits.is_reviewed(3));
    assert!(edits.counts().unwrap().is_empty());
    let error = edits.commit("nothing").unwrap_err();
    assert!(
        matches!(error, Error::Core(tlc_core::Error::NothingChanged { .. })),
        "{error}"
    );
    assert_eq!(edits.actions().len(), 1);
}

#[test]
fn a_table_of_some_columns_or_without_rows_has_edits_like_any_other() {
    let root = root("odd");
    let whole = table(&root, 3);
    let some = whole.select(&["weight".to_owned()]).unwrap();
    let mut edits = PendingEdits::open(&some).unwrap();
    edits.act(Change::set("label", [0], "owl")).unwrap();
    assert_eq!(PendingEdits::open(&whole).unwrap().actions().len(), 1);

    let options = TableOptions::new("demo", "none", "train").root(&root);
    let empty = Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("n", Vec::<i64>::new()))
    });
    let mut edits = PendingEdits::open(&empty.unwrap()).unwrap();
    assert!(edits.act(Change::set("n", [0], 1_i64)).is_err());
    edits
        .act(Change::add_column(
            Column::new("m", ValueType::Int64),
            1_i64,
        ))
        .unwrap();
    let Outcome::Committed(made) = edits.commit("a column").unwrap() else {
        panic!()
    };
    assert_eq!(
        made.column("m").unwrap().as_primitive::<Int64Type>().len(),
        0
    );
}

#[test]
fn rows_of_a_view_are_edited_as_rows_of_the_table_that_shows_them() {
    let root = root("view");
    let table = table(&root, 6);
    let other = Table::create(
        TableOptions::new("demo", "other", "train").root(&root),
        |writer| writer.add_batch(Columns::new().column("n", vec![1_i64; 3])),
    )
    .unwrap();
    let run = Run::create(RunOptions::new("demo").root(&root)).unwrap();
    for (of, ids) in [(&other, vec![0_i64, 2]), (&table, vec![5, 1, 3])] {
        let predicted = vec![2_i64; ids.len()];
        let values = Columns::new()
            .column("example_id", ids)
            .column("predicted", predicted);
        run.add_metrics(
            values,
            AddMetrics::new().foreign_table(of).constant("epoch", 1),
        )
        .unwrap();
    }
    let view = ViewOptions::new().run(&run).open().unwrap();
    assert_eq!(view.len(), 5);
    let all = Mask::full(5, true);
    let rows = view.table_rows(&all, &table).unwrap();
    let there: Vec<usize> = rows.iter().map(|(_, there)| *there).collect();
    assert_eq!(there, [5, 1, 3]);
    for (row, there) in &rows {
        assert_eq!(view.origin(*row).unwrap().table_row, Some(*there));
    }
    let few = Mask::of_rows(5, [rows[1].0]);
    assert_eq!(view.table_rows(&few, &table).unwrap(), rows[1..2]);
    assert_eq!(view.table_rows(&all, &other).unwrap().len(), 2);
    // And back: whatever shows these samples.
    for wanted in [vec![], vec![0], vec![1, 2], (0..table.len()).collect()] {
        let showing = Mask::of_rows(table.len(), wanted.clone());
        let showing = view.rows_showing(&showing, &table).unwrap();
        let shown = rows.iter().filter(|(_, there)| wanted.contains(there));
        assert_eq!(
            showing.iter().collect::<Vec<_>>(),
            shown.map(|(row, _)| *row).collect::<Vec<_>>()
        );
    }
    let predicted = view.column("predicted").unwrap();
    let values: Vec<Option<i64>> = rows.iter().map(|(row, _)| predicted.id(*row)).collect();
    let mut edits = PendingEdits::open(&table).unwrap();
    edits.act(Change::accept("label", there, values)).unwrap();
    assert_eq!(pending_labels(&edits), [0, 2, 2, 2, 0, 2]);
    let alone = ViewOptions::new().table(&table).open().unwrap();
    let rows = alone.table_rows(&Mask::of_rows(6, [4]), &table).unwrap();
    assert_eq!(rows, [(4, 4)]);
}

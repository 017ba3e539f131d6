//! What an editor takes and what it refuses, by name of table, column and row.

use super::{CLASSES, labels, numbers, roots, table};
use tlc_core::{
    AddMetrics, Column, Columns, Error, Run, RunOptions, Table, TableOptions, Url, ValueType,
};

fn memory(name: &str) -> Url {
    Url::parse(&format!("memory://edits-{name}")).unwrap()
}

#[test]
fn labels_are_set_by_number_and_by_name_and_the_table_stays_as_it_was() {
    let (_folder, roots) = roots("edits-set");
    for root in &roots {
        let table = table(root, 6);
        let mut editor = table.edit().unwrap();
        editor
            .set("label", 0, 2)
            .unwrap()
            .set_rows("label", [1, 2], "cat")
            .unwrap();
        editor.set_values("label", [4, 5], vec![0_u8, 1]).unwrap();
        let fixed = editor.commit("put right").unwrap();
        assert_eq!(labels(&fixed), [2, 0, 0, 0, 0, 1]);
        assert_eq!(
            labels(&Table::from_url(fixed.url()).unwrap()),
            [2, 0, 0, 0, 0, 1]
        );
        assert_eq!(
            labels(&Table::from_url(table.url()).unwrap()),
            [0, 1, 2, 0, 1, 2]
        );
        assert_eq!(
            (fixed.name(), fixed.description()),
            ("train_0001", "put right")
        );
        assert_eq!(fixed.parent().unwrap().unwrap().id(), table.id());
        // A commit is made once, however often it is asked for.
        assert_eq!(editor.commit("again").unwrap().id(), fixed.id());
        assert!(matches!(
            editor.set("label", 0, 1),
            Err(Error::Finalized { .. })
        ));
    }
}

#[test]
fn what_a_column_cannot_have_is_refused_with_its_row_and_changes_nothing() {
    let table = table(&memory("refused"), 6);
    let mut editor = table.edit().unwrap();
    let refused = editor.set_values("label", [4, 2], vec![1, 3]).unwrap_err();
    assert!(
        matches!(&refused, Error::Batch { column, row: Some(2), .. } if column == "label"),
        "{refused}"
    );
    let refused = editor.set("label", 3, "horse").unwrap_err().to_string();
    assert!(
        refused.contains("row 3") && refused.contains("cat, dog, cow"),
        "{refused}"
    );
    assert!(matches!(
        editor.set("label", 6, 0),
        Err(Error::RowOutOfRange { row: 6, len: 6, .. })
    ));
    assert!(matches!(
        editor.set("lable", 0, 0),
        Err(Error::NoSuchColumn { .. })
    ));
    assert!(matches!(
        editor.set("label", 0, 0.5_f32),
        Err(Error::Batch { .. } | Error::Column { .. })
    ));
    assert!(matches!(
        editor.set("label", 0, None::<i32>),
        Err(Error::Batch { row: Some(0), .. })
    ));
    assert!(matches!(
        editor.set_values("label", [0, 1], vec![1]),
        Err(Error::Column { .. })
    ));
    let refused = editor.set("text", 0, "other").unwrap_err();
    assert!(
        matches!(&refused, Error::NotWritable { column, .. } if column == "text"),
        "{refused}"
    );
    assert_nothing_changed(editor);
}

fn assert_nothing_changed(mut editor: tlc_core::Editor) {
    let nothing = editor.commit("nothing").unwrap_err();
    let Error::NothingChanged { url } = nothing else {
        panic!("{nothing}")
    };
    assert!(Table::from_url(url).unwrap().children().unwrap().is_empty());
}

#[test]
fn columns_and_rows_that_cannot_be_are_refused_and_change_nothing() {
    let table = table(&memory("refused-columns"), 6);
    let mut editor = table.edit().unwrap();
    assert!(matches!(
        editor.add_column(Column::new("text", ValueType::Int64), vec![0_i64; 6]),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.add_column(Column::new("new", ValueType::Int64), vec![0_i64; 5]),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.rename_column("text", "label"),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.rename_column("text", ""),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.drop_rows([6]),
        Err(Error::RowOutOfRange { .. })
    ));
    assert!(matches!(
        editor.append(Columns::new().column("number", vec![1_i64])),
        Err(Error::Column { .. })
    ));
    assert_nothing_changed(editor);
}

#[test]
fn values_that_are_there_already_are_no_change() {
    let table = table(&memory("same"), 6);
    let mut editor = table.edit().unwrap();
    editor.ignore_writable();
    editor
        .set("label", 1, 1)
        .unwrap()
        .set("text", 2, "row 2")
        .unwrap();
    editor.map("number", |_, number: i64| number).unwrap();
    assert!(matches!(
        editor.commit("same"),
        Err(Error::NothingChanged { .. })
    ));
    // It can go on.
    let fixed = editor.set("label", 1, 0).unwrap().commit("one").unwrap();
    assert_eq!(
        fixed
            .lineage()
            .unwrap()
            .get(fixed.id())
            .unwrap()
            .changes
            .cells,
        1
    );
}

/// A column of each kind of type.
fn table_of_types() -> Table {
    let columns = Columns::new()
        .column("flag", vec![Some(true), None, Some(false)])
        .column("weight", vec![0.5_f32, 1.0, 1.5])
        .column("text", vec![Some("a"), Some("b"), None])
        .column("bytes", vec![vec![1_u8, 2], vec![], vec![3]])
        .column("point", vec![[0.0_f32, 1.0], [2.0, 3.0], [4.0, 5.0]])
        .column("ragged", vec![vec![1_i64], vec![], vec![2, 3]]);
    let options = TableOptions::new("p", "d", "all").root(memory("types"));
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

#[test]
fn a_column_of_every_type_can_be_set_and_set_to_nothing() {
    let mut editor = table_of_types().edit().unwrap();
    editor.ignore_writable();
    editor
        .set("flag", 0, None::<bool>)
        .unwrap()
        .set("flag", 1, true)
        .unwrap();
    editor
        .set("weight", 2, 0.1_f64)
        .unwrap()
        .set("text", 2, "c")
        .unwrap();
    editor
        .set("bytes", 1, vec![9_u8; 3])
        .unwrap()
        .set("point", 0, [7.0_f32, 8.0])
        .unwrap();
    editor.set("ragged", 1, vec![4_i64, 5, 6]).unwrap();
    type Row = (
        Option<bool>,
        f32,
        Option<String>,
        Vec<u8>,
        [f32; 2],
        Vec<i64>,
    );
    let rows = editor
        .commit("all")
        .unwrap()
        .rows::<Row>()
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    assert_eq!(
        rows,
        [
            (None, 0.5, Some("a".into()), vec![1, 2], [7.0, 8.0], vec![1]),
            (
                Some(true),
                1.0,
                Some("b".into()),
                vec![9; 3],
                [2.0, 3.0],
                vec![4, 5, 6]
            ),
            (
                Some(false),
                0.1,
                Some("c".into()),
                vec![3],
                [4.0, 5.0],
                vec![2, 3]
            ),
        ]
    );
}

#[test]
fn what_a_label_means_survives_another_order_of_its_classes() {
    let table = table(&memory("classes"), 6);
    let mut editor = table.edit().unwrap();
    editor
        .add_class("label", "horse")
        .unwrap()
        .rename_class("label", "cow", "ox")
        .unwrap();
    editor.set("label", 0, "horse").unwrap();
    editor
        .set_classes("label", ["ox", "horse", "dog", "cat"])
        .unwrap();
    let fixed = editor.commit("other classes").unwrap();
    let classes = fixed
        .schema()
        .column("label")
        .unwrap()
        .value
        .classes()
        .unwrap();
    let found: Vec<&str> = labels(&fixed)
        .iter()
        .map(|label| classes.name(*label).unwrap())
        .collect();
    assert_eq!(found, ["horse", "dog", "ox", "cat", "dog", "ox"]);
    let mut editor = fixed.edit().unwrap();
    let gone = editor
        .set_classes("label", ["ox", "horse", "cat"])
        .unwrap_err();
    assert!(matches!(&gone, Error::Batch { row: Some(1), .. }), "{gone}");
    assert!(matches!(
        editor.add_class("label", "ox"),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.rename_class("label", "pig", "hog"),
        Err(Error::Column { .. })
    ));
    assert!(matches!(
        editor.add_class("text", "ox"),
        Err(Error::Column { .. })
    ));
}

#[test]
fn a_description_that_the_values_contradict_is_refused() {
    let table = table(&memory("describe"), 6);
    let mut editor = table.edit().unwrap();
    let few = Column::new("label", ValueType::labels(["cat", "dog"]));
    assert!(matches!(
        editor.describe(few),
        Err(Error::Batch { row: Some(2), .. })
    ));
    assert!(matches!(
        editor.describe(Column::new("label", ValueType::Float32)),
        Err(Error::Column { .. })
    ));
    let named = Column::new("label", ValueType::labels(CLASSES))
        .display_name("Species")
        .nullable(true);
    let named = editor.describe(named).unwrap().commit("named").unwrap();
    assert_eq!(
        named
            .schema()
            .column("label")
            .unwrap()
            .display_name
            .as_deref(),
        Some("Species")
    );
    let mut editor = named.edit().unwrap();
    editor.set("label", 0, None::<i32>).unwrap();
    let strict = Column::new("label", ValueType::labels(CLASSES));
    assert!(matches!(editor.describe(strict), Err(Error::Column { .. })));
    let gaps = editor.commit("one is missing").unwrap();
    assert_eq!(gaps.column("label").unwrap().null_count(), 1);
}

#[test]
fn many_changed_cells_are_written_as_a_column_and_few_as_cells() {
    let root = memory("many");
    let table = table(&root, 1000);
    let few = table
        .edit()
        .unwrap()
        .set_rows("label", 0..9, 2)
        .unwrap()
        .commit("few")
        .unwrap();
    let many = few
        .edit()
        .unwrap()
        .set_rows("label", 0..900, 1)
        .unwrap()
        .commit("many")
        .unwrap();
    let again = many
        .edit()
        .unwrap()
        .set("label", 999, 1)
        .unwrap()
        .commit("one more")
        .unwrap();
    let expected: Vec<i32> = (0..1000)
        .map(|row| if row < 900 || row == 999 { 1 } else { row % 3 })
        .collect();
    assert_eq!(labels(&again), expected);
    assert_eq!(numbers(&again), (0..1000).collect::<Vec<_>>());
    assert_eq!(
        again.fingerprint().unwrap(),
        again.squash("copy").unwrap().fingerprint().unwrap()
    );
}

#[test]
fn rows_are_counted_as_the_table_has_them_whatever_is_dropped_before() {
    let table = table(&memory("rows"), 6);
    let mut editor = table.edit().unwrap();
    editor
        .drop_rows([0, 1])
        .unwrap()
        .set("label", 5, 0)
        .unwrap()
        .set("label", 0, 2)
        .unwrap();
    #[derive(serde::Serialize)]
    struct Row {
        number: i64,
        text: &'static str,
        label: i32,
    }
    editor
        .append_rows(&[Row {
            number: 60,
            text: "row 60",
            label: 1,
        }])
        .unwrap();
    assert!(matches!(
        editor.drop_column("text"),
        Err(Error::Column { .. })
    ));
    let fixed = editor.commit("rows").unwrap();
    assert_eq!(numbers(&fixed), [2, 3, 4, 5, 60]);
    assert_eq!(labels(&fixed), [2, 0, 1, 0, 1]);
    let changes = fixed.lineage().unwrap().get(fixed.id()).unwrap().changes;
    assert_eq!(
        (changes.cells, changes.rows_dropped, changes.rows_appended),
        (1, 2, 1)
    );
}

#[test]
fn metrics_collected_on_one_revision_join_another_and_tell_what_is_gone() {
    let root = memory("join");
    let table = table(&root, 6);
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let values = Columns::new()
        .column("example_id", vec![5_i64, 0, 3])
        .column("loss", vec![0.5_f32, 0.0, 0.3]);
    let metrics = run
        .add_metrics(values, AddMetrics::new().foreign_table(&table))
        .unwrap();
    let fixed = table
        .edit()
        .unwrap()
        .drop_rows([0, 1])
        .unwrap()
        .set("label", 5, 0)
        .unwrap()
        .commit("fixed")
        .unwrap();
    let batches = metrics.join_with(&fixed, &["label", "number"]).unwrap();
    let batch = batches.collect::<Result<Vec<_>, _>>().unwrap().remove(0);
    type Row = (i64, f32, Option<i64>, Option<i64>, Option<i32>);
    let rows = tlc_core::read_rows::<Row>(&batch).into_iter();
    let rows = rows.collect::<Result<Vec<_>, _>>().unwrap();
    let gone = (0, 0.0, None, None, None);
    assert_eq!(
        rows,
        [
            (5, 0.5, Some(3), Some(0), Some(5)),
            gone,
            (3, 0.3, Some(1), Some(0), Some(3))
        ]
    );
    let other = TableOptions::new("p", "other", "train").root(&root);
    let other = Table::create(other, |writer| {
        writer.add_batch(Columns::new().column("label", vec![0; 6]))
    })
    .unwrap();
    let refused = metrics.join_with(&other, &["label"]).err().unwrap();
    let text = refused.to_string();
    assert!(
        matches!(refused, Error::OtherBase { .. })
            && text.contains("other")
            && text.contains("pets"),
        "{text}"
    );
    // The run holds the revision that it was collected on, whatever is made of it.
    assert_eq!(metrics.foreign_table().unwrap().unwrap().id(), table.id());
}

#[test]
fn an_edit_of_some_selected_columns_is_one_of_the_whole_table() {
    let table = table(&memory("projected"), 6);
    let seen = table.select(&["label".to_owned()]).unwrap();
    let fixed = seen
        .edit()
        .unwrap()
        .set("label", 0, 1)
        .unwrap()
        .commit("fixed")
        .unwrap();
    assert_eq!(numbers(&fixed), (0..6).collect::<Vec<_>>());
}

#[test]
fn a_name_that_means_the_latest_is_no_name() {
    let root = memory("names");
    let made = table(&root, 3);
    let options = TableOptions::new("p", "pets", "x@latest").root(&root);
    let refused = Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("x", vec![1]))
    });
    assert!(matches!(refused, Err(Error::InvalidUrl { .. })));
    for name in ["x@latest", "", "a/b", "nul"] {
        let mut editor = made.edit().unwrap();
        editor.set("label", 0, 1).unwrap();
        let refused = editor.commit(tlc_core::RevisionOptions::new("").name(name));
        assert!(matches!(refused, Err(Error::InvalidUrl { .. })), "{name}");
        // Another name will do.
        editor
            .commit(
                tlc_core::RevisionOptions::new("")
                    .name(format!("good {name:?}").replace(['"', '/'], "_")),
            )
            .unwrap();
    }
    let mut editor = made.edit().unwrap();
    editor.set("label", 0, 2).unwrap();
    assert!(matches!(
        editor.commit(tlc_core::RevisionOptions::new("").name("train")),
        Err(Error::AlreadyExists { .. })
    ));
}

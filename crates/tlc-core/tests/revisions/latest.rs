//! Which revision is the latest, and how a history is shown.

use super::{labels, roots, table};
use std::sync::Arc;
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{LocalStore, Store, mount};
use tlc_core::{
    AddMetrics, Column, Columns, Error, RevisionKind, RevisionOptions, Run, RunOptions, Table,
    TableOptions, TableRef, Url, ValueType, delete,
};

fn edited(table: &Table, row: usize, label: i32) -> Table {
    table
        .edit()
        .unwrap()
        .set("label", row, label)
        .unwrap()
        .commit("edited")
        .unwrap()
}

#[test]
fn the_latest_is_the_newest_edit_of_an_edit_of_the_table_that_is_asked() {
    let (_folder, roots) = roots("latest-rule");
    for root in &roots {
        let base = table(root, 6);
        assert_eq!(base.latest().unwrap().id(), base.id());
        let one = edited(&base, 0, 1);
        let two = edited(&one, 1, 0);
        let branch = edited(&one, 2, 0);
        let subset = base
            .derive()
            .unwrap()
            .slice(..3)
            .unwrap()
            .commit("three")
            .unwrap();
        let of_subset = edited(&subset, 0, 2);
        let other = edited(&base, 5, 0);
        let latest = |table: &Table| table.latest().unwrap().id().to_owned();
        assert_eq!(latest(&base), other.id());
        assert_eq!(latest(&one), branch.id());
        assert_eq!(latest(&two), two.id());
        assert_eq!(latest(&subset), of_subset.id());
        let again = edited(&two, 3, 1);
        assert_eq!([latest(&base), latest(&one), latest(&two)], [again.id(); 3]);
        assert_eq!(latest(&branch), branch.id());
        // By name, by URL, and one that was deleted does not count.
        let by_url = Table::from_url(format!("{}@latest", base.url()).as_str()).unwrap();
        assert_eq!(by_url.id(), again.id());
        delete(again.url()).unwrap();
        assert_eq!(latest(&base), other.id());
        assert_eq!(latest(&one), branch.id());
        assert!(matches!(
            Table::from_url("memory://nowhere/p/datasets/d/tables/t@latest"),
            Err(Error::NotFound { .. })
        ));
    }
}

#[test]
fn a_name_with_latest_behind_it_is_the_latest_revision_wherever_a_table_is_named() {
    let root = Url::parse("memory://latest-names").unwrap();
    let options = TableOptions::new("p", "flowers", "initial").root(&root);
    let label = Column::new("label", ValueType::labels(["a", "b"]));
    let base = Table::create(options.column(label), |writer| {
        writer.add_batch(Columns::new().column("label", vec![0, 0]))
    })
    .unwrap();
    let fixed = edited(&base, 0, 1);
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let url = format!("{}@latest", base.url());
    for (stream, named) in [
        ("name", TableRef::from("flowers@latest")),
        ("names", ("flowers", "initial@latest").into()),
        ("url", url.as_str().into()),
    ] {
        let values = Columns::new().column("example_id", vec![0_i64]);
        let about = AddMetrics::new().foreign_table(named).stream(stream);
        let metrics = run.add_metrics(values, about).unwrap();
        let foreign = metrics.foreign_table().unwrap().unwrap();
        assert_eq!(foreign.id(), fixed.id(), "{stream}");
    }
}

#[test]
fn a_lineage_is_a_tree_with_names_authors_and_numbers_of_changes() {
    let root = Url::parse("memory://latest-lineage").unwrap();
    let base = table(&root, 6);
    let mut editor = base.edit().unwrap();
    editor
        .set_rows("label", [0, 1], 2)
        .unwrap()
        .drop_rows([5])
        .unwrap();
    let one = editor
        .commit(RevisionOptions::new("two were cows").author("Kim"))
        .unwrap();
    let gone = edited(&one, 1, 0);
    let last = edited(&gone, 1, 1);
    let subset = one
        .derive()
        .unwrap()
        .slice(..3)
        .unwrap()
        .commit(RevisionOptions::new("").name("small"))
        .unwrap();
    delete(gone.url()).unwrap();
    let lineage = last.lineage().unwrap();
    let ids: Vec<&str> = lineage
        .revisions()
        .iter()
        .map(|revision| revision.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [base.id(), one.id(), gone.id(), last.id(), subset.id()]
    );
    let of_one = lineage.get(one.id()).unwrap();
    assert_eq!(
        (
            of_one.changes.cells,
            of_one.changes.rows_dropped,
            of_one.rows
        ),
        (2, 1, 5)
    );
    assert_eq!(
        (of_one.author.as_deref(), of_one.kind),
        (Some("Kim"), Some(RevisionKind::Edit))
    );
    assert!(lineage.get(gone.id()).unwrap().is_deleted);
    assert_eq!(
        lineage.to_string(),
        "train  6 rows\n\
         \u{20} train_0001  5 rows, 2 cells changed, 1 rows dropped  Kim  two were cows\n\
         \u{20}   train_0002 (deleted)  5 rows, 1 cells changed  edited\n\
         \u{20}   train_0003  5 rows, 1 cells changed  edited\n\
         \u{20}   small  3 rows, 2 rows dropped\n"
    );
}

#[test]
fn what_was_made_of_a_deleted_revision_has_all_it_needs() {
    let base = table(&Url::parse("memory://latest-deleted").unwrap(), 6);
    let one = edited(&base, 0, 2);
    let gone = edited(&one, 1, 0);
    let last = edited(&gone, 1, 2);
    delete(gone.url()).unwrap();
    let names = |tables: Vec<Table>| {
        let names = tables.iter().map(|table| table.name().to_owned());
        names.collect::<Vec<_>>()
    };
    let there = Table::from_url(last.url()).unwrap();
    assert_eq!(labels(&there), [2, 2, 2, 0, 1, 2]);
    assert!(matches!(last.parent(), Err(Error::NotFound { .. })));
    assert_eq!(names(base.children().unwrap()), ["train_0001"]);
    assert!(one.children().unwrap().is_empty());
    assert_eq!(one.lineage().unwrap().revisions().len(), 4);
    delete(last.url()).unwrap();
    // Nothing is left that the deleted ones would explain.
    assert_eq!(one.lineage().unwrap().revisions().len(), 2);
}

#[test]
fn a_long_history_is_opened_by_as_many_requests_as_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let base = table(&root, 6);
    let mut newest = base.clone();
    let requests = |table: &Table| {
        let store = Arc::new(CountingStore::new(Arc::new(LocalStore)));
        let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
        Table::from_url(table.url()).unwrap();
        let opened = store.take_reads();
        table.latest().unwrap();
        (opened, store.take_reads())
    };
    newest = edited(&newest, 0, 1);
    let short = requests(&newest);
    newest = edited(&newest, 0, 2);
    let short_latest = requests(&base);
    for number in 1..60 {
        newest = edited(&newest, 0, (number + 2) % 3);
    }
    assert_eq!(requests(&newest), short);
    assert_eq!(requests(&base), short_latest);
    assert_eq!(base.latest().unwrap().id(), newest.id());
    assert!(
        short.0 <= 2 && short_latest.1 <= 6,
        "{short:?} {short_latest:?}"
    );
}

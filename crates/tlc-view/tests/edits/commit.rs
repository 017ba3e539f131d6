//! Commits, and what becomes of them if somebody else was quicker.

use crate::{counted, labels, pending_labels, root, table};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{self, mount};
use tlc_core::{
    Column, Columns, Table, TableOptions, VacuumOptions, ValueType, delete, vacuum, verify,
};
use tlc_view::{Change, Error, Outcome, PendingEdits};

fn committed(outcome: Outcome) -> Table {
    match outcome {
        Outcome::Committed(table) => table,
        Outcome::Conflict(conflict) => panic!("{conflict:?}"),
    }
}

#[test]
fn a_conflict_says_what_differs_and_is_solved_by_moving_onto_the_latest() {
    let table = table(&root("conflict"), 8);
    let mut mine = PendingEdits::open(&table).unwrap();
    mine.act(Change::set("label", [0, 1], "cow").reviewed())
        .unwrap();
    mine.act(Change::set("weight", [5], 0.0_f32)).unwrap();
    mine.act(Change::review([6, 7])).unwrap();
    let mut theirs = table.edit().unwrap();
    theirs
        .set("label", 1, "owl")
        .unwrap()
        .set("label", 2, "cat")
        .unwrap();
    let theirs = theirs.drop_rows([7]).unwrap().commit("theirs").unwrap();

    let Outcome::Conflict(conflict) = mine.commit("mine").unwrap() else {
        panic!()
    };
    assert_eq!(conflict.latest().id(), theirs.id());
    let both: Vec<_> = conflict
        .both()
        .iter()
        .map(|cell| (cell.row, cell.column.as_deref()))
        .collect();
    assert_eq!(both, [(1, Some("label"))]);
    assert_eq!(mine.actions().len(), 3);
    assert_eq!(table.children().unwrap().len(), 1);

    let mut moved = mine.rebase(conflict.latest(), conflict.both()).unwrap();
    assert!(mine.actions().is_empty());
    assert!(PendingEdits::open(&table).unwrap().actions().is_empty());
    assert_eq!(moved.table().id(), theirs.id());
    assert_eq!(moved.actions().len(), 3);
    assert_eq!(moved.reviewed().iter().collect::<Vec<_>>(), [0, 6]);
    assert_eq!(pending_labels(&moved), [3, 2, 0, 3, 0, 1, 2]);
    moved.undo().unwrap();
    moved.redo().unwrap();
    let mut moved = PendingEdits::open(&theirs).unwrap();
    let made = committed(moved.commit("mine after theirs").unwrap());
    assert_eq!(labels(&made), [3, 2, 0, 3, 0, 1, 2]);
    assert_eq!(made.parent().unwrap().unwrap().id(), theirs.id());
    assert_eq!(table.latest().unwrap().id(), made.id());
}

#[test]
fn a_caller_may_choose_its_own_cells_or_a_branch() {
    let table = table(&root("branch"), 4);
    let mut mine = PendingEdits::open(&table).unwrap();
    mine.act(Change::set("label", [1], "cow")).unwrap();
    let theirs = table
        .edit()
        .unwrap()
        .set("label", 1, "owl")
        .unwrap()
        .commit("theirs")
        .unwrap();
    assert!(matches!(mine.commit("mine").unwrap(), Outcome::Conflict(_)));
    let branch = mine.branch("beside").unwrap();
    assert_eq!(labels(&branch), [0, 3, 2, 3]);
    assert_eq!(branch.parent().unwrap().unwrap().id(), table.id());
    assert!(mine.actions().is_empty());

    mine.act(Change::set("label", [1], "cat")).unwrap();
    let mut moved = mine.rebase(&theirs, &[]).unwrap();
    assert_eq!(pending_labels(&moved), [0, 0, 2, 3]);
    let made = committed(moved.commit("moved").unwrap());
    assert_eq!(made.parent().unwrap().unwrap().id(), theirs.id());
}

#[test]
fn labels_move_by_the_names_of_their_classes() {
    let table = table(&root("classes"), 4);
    let mut mine = PendingEdits::open(&table).unwrap();
    mine.act(Change::accept("label", [0, 1], vec!["cow", "owl"]))
        .unwrap();
    mine.act(Change::add_column(
        Column::new("x", ValueType::Int64),
        1_i64,
    ))
    .unwrap();
    mine.act(Change::set("x", [3, 2], 2_i64)).unwrap();
    let mut theirs = table.edit().unwrap();
    theirs
        .set_classes("label", ["cow", "owl", "dog", "cat"])
        .unwrap();
    let theirs = theirs.drop_rows([2]).unwrap().commit("theirs").unwrap();
    let mut moved = mine.rebase(&theirs, &[]).unwrap();
    assert_eq!(pending_labels(&moved), [0, 1, 0]);
    assert_eq!(
        counted(&moved),
        [("label".to_owned(), 2), ("x".to_owned(), 3)]
    );
    let made = committed(moved.commit("moved").unwrap());
    assert_eq!(
        made.rows::<(i32, f32, Option<String>, i64)>()
            .unwrap()
            .map(|row| row.unwrap().3)
            .collect::<Vec<_>>(),
        [1, 1, 2]
    );
}

#[test]
fn what_cannot_be_moved_is_told_and_stays() {
    let table = table(&root("stays"), 4);
    let mut mine = PendingEdits::open(&table).unwrap();
    mine.act(Change::set("label", [0], "cow")).unwrap();
    let mut theirs = table.edit().unwrap();
    let theirs = theirs
        .drop_column("label")
        .unwrap()
        .commit("no label")
        .unwrap();
    let error = mine.rebase(&theirs, &[]).unwrap_err().to_string();
    assert!(error.contains("`label`"), "{error}");
    assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), 1);
    let other = crate::table(&root("stays-other"), 4);
    let error = mine.rebase(&other, &[]).unwrap_err();
    assert!(
        matches!(error, Error::Core(tlc_core::Error::OtherBase { .. })),
        "{error}"
    );
    assert_eq!(mine.actions().len(), 1);
}

#[test]
fn edits_that_a_process_committed_before_it_died_are_not_committed_again() {
    // Nothing can be read after a write, which is done.
    for number in 1..40 {
        let root = root(&format!("died-{number}"));
        let table = table(&root, 4);
        let mut edits = PendingEdits::open(&table).unwrap();
        edits
            .act(Change::set("label", [0], "cow").reviewed())
            .unwrap();
        let store = storage::open(table.url()).unwrap();
        let store = std::sync::Arc::new(FaultStore::new(store, Fault::Lost, &When::From(number)));
        let mounted = mount(&root, store.clone());
        let mut edits = PendingEdits::open(&table).unwrap();
        let outcome = edits.commit("once");
        drop(mounted);
        drop(edits);
        let mut edits = PendingEdits::open(&table).unwrap();
        let made = table.children().unwrap();
        assert_eq!(
            edits.actions().is_empty(),
            made.len() == 1,
            "{number}: {outcome:?}"
        );
        let again = edits.commit("again");
        assert_eq!(again.is_ok(), made.is_empty(), "{number}: {again:?}");
        let made = table.children().unwrap();
        assert_eq!(made.len(), 1);
        assert!(PendingEdits::open(&made[0]).unwrap().is_reviewed(0));
        if store.fired() == 0 {
            assert!(number > 5 && outcome.is_ok(), "{number}: {outcome:?}");
            return;
        }
    }
    panic!("no commit got through");
}

#[test]
fn two_who_commit_the_same_edits_make_one_revision() {
    for _ in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let table = crate::table(&tlc_core::Url::from_path(folder.path()).unwrap(), 40);
        let mut edits = PendingEdits::open(&table).unwrap();
        edits.act(Change::set("label", 0..40, "cow")).unwrap();
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let commit = || {
                let mut edits = PendingEdits::open(&table).unwrap();
                edits.commit("both")
            };
            let both = [scope.spawn(commit), scope.spawn(commit)];
            both.map(|thread| thread.join().unwrap())
                .into_iter()
                .collect()
        });
        let made = table.children().unwrap();
        assert_eq!(made.len(), 1);
        let is_told = |outcome: &Result<Outcome, Error>| match outcome {
            Ok(Outcome::Committed(table)) => table.id() == made[0].id(),
            Err(Error::Core(tlc_core::Error::NothingChanged { .. })) => true,
            _ => false,
        };
        assert!(outcomes.iter().all(is_told));
        assert!(PendingEdits::open(&table).unwrap().actions().is_empty());
    }
}

#[test]
fn a_name_that_is_taken_leaves_the_edits_as_they_are() {
    let table = table(&root("taken"), 4);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits.act(Change::set("label", [0], "cow")).unwrap();
    let options = || tlc_core::RevisionOptions::new("again").name("train");
    assert!(edits.commit(options()).is_err());
    assert!(edits.commit(options()).is_err());
    assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), 1);
    assert_eq!(
        labels(&committed(edits.commit("by another name").unwrap()))[0],
        3
    );
}

#[test]
fn upkeep_leaves_edits_alone_and_deleting_the_table_takes_them_along() {
    let folder = tempfile::tempdir().unwrap();
    let root = tlc_core::Url::from_path(folder.path()).unwrap();
    let table = table(&root, 20_000);
    let mut edits = PendingEdits::open(&table).unwrap();
    let values = vec![1; 20_000];
    edits
        .act(Change::accept("label", 0..20_000, values))
        .unwrap();
    let path = folder.path().join("demo/edits").join(table.id());
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2);
    let options = VacuumOptions::new()
        .untouched_for(std::time::Duration::ZERO)
        .old_contents(true);
    let found = vacuum(&root, options).unwrap();
    assert!(found.files().is_empty() && found.problems().is_empty());
    found.delete().unwrap();
    let verified = verify(&root).unwrap();
    assert!(verified.problems.is_empty(), "{verified:?}");
    assert_eq!(tlc_core::tables(&root, "demo").unwrap().len(), 1);
    assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), 1);

    std::fs::write(path.join("mine.txt"), "kept").unwrap();
    delete(table.url()).unwrap();
    let left = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["mine.txt"]);
}

#[test]
fn a_table_outside_of_projects_has_no_place_for_edits() {
    let root = root("outside");
    let options = TableOptions::new("demo", "d", "t").root(&root);
    let table = Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("n", vec![1_i64]))
    });
    assert!(tlc_core::edits_folder(&root, "x").is_err());
    assert!(tlc_core::edits_folder(table.unwrap().url(), "../x").is_err());
}

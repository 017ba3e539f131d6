//! Several editors of one table.

use super::{child, labels, table};
use std::collections::HashSet;
use std::process::Child;
use tlc_core::{Committed, Error, RevisionOptions, Table, Url};

const ROLE: &str = "TLC_TEST_EDITOR";
const EDITORS: usize = 8;
const ROUNDS: usize = 10;

/// Sets the label of its own row, to the latest revision, whoever was quicker.
fn edit_latest(table: &Table, row: usize) -> (Table, usize) {
    let mut editor = table.edit().unwrap();
    editor
        .set("label", row, (labels(table)[row] + 1) % 3)
        .unwrap();
    for tries in 1.. {
        match editor
            .commit_to_latest(RevisionOptions::new(format!("row {row}")))
            .unwrap()
        {
            Committed::Done(table) => return (table, tries),
            Committed::Conflict(conflict) => {
                assert!(conflict.both().is_empty(), "{:?}", conflict.both());
                editor = editor.rebase(conflict.latest()).unwrap();
            }
        }
    }
    unreachable!()
}

fn run_editors(name: &str, roles: impl Iterator<Item = String>) {
    let children: Vec<Child> = roles
        .map(|role| child(name, ROLE, &role).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

/// The child's side.
fn edit_as_told(role: &str) {
    let mut role = role.split_whitespace();
    let mut next = || role.next().unwrap();
    let (kind, row, table) = (next(), next().parse::<usize>().unwrap(), next());
    let table = Table::from_url(table).unwrap();
    match kind {
        "latest" => drop(edit_latest(&table, row)),
        _ => {
            let mut editor = table.edit().unwrap();
            editor
                .set("label", row, (labels(&table)[row] + 1) % 3)
                .unwrap();
            editor
                .commit(RevisionOptions::new(format!("branch {row}")))
                .unwrap();
        }
    }
}

#[test]
fn ten_rounds_of_eight_processes_that_edit_one_table_lose_no_branch_and_no_cell() {
    if let Ok(role) = std::env::var(ROLE) {
        return edit_as_told(&role);
    }
    let name =
        "races::ten_rounds_of_eight_processes_that_edit_one_table_lose_no_branch_and_no_cell";
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let mut base = table(&root, EDITORS as i64);
    for _ in 0..ROUNDS {
        let url = base.url().to_string();
        let before = labels(&base);
        run_editors(name, (0..EDITORS).map(|row| format!("branch {row} {url}")));
        let children = base.children().unwrap();
        assert_eq!(children.len(), EDITORS);
        let names: HashSet<&str> = children.iter().map(|child| child.name()).collect();
        assert_eq!(names.len(), EDITORS);
        for child in &children {
            let row: usize = child
                .description()
                .split_once(' ')
                .unwrap()
                .1
                .parse()
                .unwrap();
            let mut expected = before.clone();
            expected[row] = (expected[row] + 1) % 3;
            assert_eq!(labels(child), expected);
        }
        // One line from the newest branch on, with the cells of all.
        let newest = base.latest().unwrap();
        let before = labels(&newest);
        let url = newest.url().to_string();
        run_editors(name, (0..EDITORS).map(|row| format!("latest {row} {url}")));
        let latest = newest.latest().unwrap();
        let expected: Vec<i32> = before.iter().map(|label| (label + 1) % 3).collect();
        assert_eq!(labels(&latest), expected);
        let (mut line, mut at) = (0, latest.clone());
        while at.id() != newest.id() {
            at = at.parent().unwrap().unwrap();
            line += 1;
        }
        assert_eq!(line, EDITORS);
        base = latest;
    }
    let verified = tlc_core::verify(&root).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    assert_eq!(verified.tables, 1 + ROUNDS * 2 * EDITORS);
}

#[test]
fn of_two_edits_of_one_cell_exactly_one_wins_and_the_other_learns_what_both_touched() {
    let root = Url::parse("memory://races-cell").unwrap();
    let base = table(&root, 4);
    let mut latest = base.clone();
    for round in 0..1000_i32 {
        let (label, number) = (labels(&latest)[1], i32::from(round % 2 == 0) + 1);
        let from = latest.clone();
        let commit = |label: i32| {
            let mut editor = from.edit().unwrap();
            editor.set("label", 1, label % 3).unwrap();
            editor.commit_to_latest("mine").unwrap()
        };
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| commit(label + number));
            let other = scope.spawn(|| commit(label + 3 - number));
            (one.join().unwrap(), other.join().unwrap())
        });
        let (won, lost) = match (one, other) {
            (Committed::Done(won), Committed::Conflict(lost))
            | (Committed::Conflict(lost), Committed::Done(won)) => (won, lost),
            other => panic!("{other:?}"),
        };
        assert_eq!(lost.latest().id(), won.id());
        let both: Vec<_> = lost
            .both()
            .iter()
            .map(|cell| (cell.row, cell.column.clone()))
            .collect();
        assert_eq!(both, [(1, Some("label".to_owned()))]);
        latest = won;
    }
    assert_eq!(base.latest().unwrap().id(), latest.id());
}

#[test]
fn a_row_that_one_dropped_and_the_other_changed_is_touched_by_both() {
    let base = table(&Url::parse("memory://races-dropped").unwrap(), 4);
    let (mut drops, mut sets) = (base.edit().unwrap(), base.edit().unwrap());
    drops.drop_rows([1, 2]).unwrap();
    sets.set("label", 1, 2).unwrap().set("label", 3, 2).unwrap();
    let rows = |conflict: &tlc_core::Conflict| {
        let both = conflict.both().iter();
        both.map(|cell| (cell.row, cell.column.clone()))
            .collect::<Vec<_>>()
    };
    let Committed::Done(_) = sets.commit_to_latest("set").unwrap() else {
        panic!()
    };
    let Committed::Conflict(conflict) = drops.commit_to_latest("drop").unwrap() else {
        panic!()
    };
    assert_eq!(rows(&conflict), [(1, None)]);
    let rebased = drops
        .rebase(conflict.latest())
        .unwrap()
        .commit("drop")
        .unwrap();
    assert_eq!(labels(&rebased), [0, 2]);
    // The other way round.
    let mut sets = base.edit().unwrap();
    sets.set("label", 1, 0).unwrap().set("label", 3, 1).unwrap();
    let Committed::Conflict(conflict) = sets.commit_to_latest("set").unwrap() else {
        panic!()
    };
    assert_eq!(rows(&conflict), [(1, None), (3, Some("label".to_owned()))]);
    assert_eq!(
        labels(
            &sets
                .rebase(conflict.latest())
                .unwrap()
                .commit("set")
                .unwrap()
        ),
        [0, 1]
    );
    // Columns that somebody has taken away cannot be set.
    let mut sets = rebased.edit().unwrap();
    sets.set("label", 0, 1).unwrap();
    rebased
        .edit()
        .unwrap()
        .drop_column("label")
        .unwrap()
        .commit("no labels")
        .unwrap();
    let Committed::Conflict(conflict) = sets.commit_to_latest("set").unwrap() else {
        panic!()
    };
    assert!(matches!(
        sets.rebase(conflict.latest()),
        Err(Error::NoSuchColumn { .. })
    ));
}

#[test]
fn threads_with_one_name_make_one_revision_of_it() {
    let base = table(&Url::parse("memory://races-name").unwrap(), 8);
    let made = std::thread::scope(|scope| {
        let commit = |row: usize| {
            let mut editor = base.edit().unwrap();
            editor
                .set("label", row, (labels(&base)[row] + 1) % 3)
                .unwrap();
            editor.commit(RevisionOptions::new("").name("fixed"))
        };
        let threads: Vec<_> = (0..8).map(|row| scope.spawn(move || commit(row))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    let won: Vec<&Table> = made.iter().filter_map(|made| made.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    let lost = made
        .iter()
        .filter(|made| matches!(made, Err(Error::AlreadyExists { .. })));
    assert_eq!(lost.count(), 7);
    assert_eq!(base.children().unwrap().len(), 1);
    assert_eq!(base.latest().unwrap().id(), won[0].id());
}

#[test]
fn a_rebase_goes_by_the_names_of_classes_whoever_has_numbered_them_anew() {
    let base = table(&Url::parse("memory://races-classes").unwrap(), 6);
    let names = |table: &Table| {
        let column = table.schema().column("label").unwrap();
        let classes = column.value.classes().unwrap();
        let name = |label: &i32| classes.name(*label).unwrap().to_owned();
        labels(table).iter().map(name).collect::<Vec<_>>()
    };
    let rebased = |editor: &tlc_core::Editor, onto: &Table| {
        editor
            .rebase(onto)
            .and_then(|mut editor| editor.commit("rebased"))
    };
    let mut numbers = base.edit().unwrap();
    let more = tlc_core::Columns::new()
        .column("number", vec![60_i64])
        .column("text", vec!["new"])
        .column("label", vec!["cow"]);
    numbers.set("label", 0, 1).unwrap().append(more).unwrap();
    let mut others = base.edit().unwrap();
    others.set("label", 1, "cow").unwrap();
    let reversed = others.set_classes("label", ["cow", "dog", "cat"]).unwrap();
    let reversed = reversed.commit("reversed").unwrap();
    // They renumber, these set a number and append a row.
    let found = names(&rebased(&numbers, &reversed).unwrap());
    assert_eq!(found, ["dog", "cow", "cow", "cat", "dog", "cow", "cow"]);
    // These renumber, they set a number: what they have set is renumbered, too.
    let theirs = base
        .edit()
        .unwrap()
        .set("label", 3, 2)
        .unwrap()
        .commit("theirs")
        .unwrap();
    let found = rebased(&others, &theirs).unwrap();
    assert_eq!(names(&found), ["cat", "cow", "cow", "cow", "dog", "cow"]);
    assert_eq!(
        found
            .schema()
            .column("label")
            .unwrap()
            .value
            .classes()
            .unwrap()
            .name(0),
        Some("cow")
    );
    // Both say what the classes are: nobody's are lost without a word.
    let mut adds = base.edit().unwrap();
    adds.add_class("label", "pig")
        .unwrap()
        .set("label", 4, "pig")
        .unwrap();
    assert!(matches!(
        rebased(&adds, &reversed),
        Err(Error::Column { .. })
    ));
    // A class that is gone cannot be set.
    let mut gone = base.edit().unwrap();
    gone.set_rows("label", 0..6, "cat")
        .unwrap()
        .set_classes("label", ["cat"])
        .unwrap();
    let gone = gone.commit("cats").unwrap();
    assert!(matches!(rebased(&numbers, &gone), Err(Error::Batch { .. })));
}

#[test]
fn what_both_touched_is_told_of_columns_that_were_renamed_or_dropped() {
    let base = table(&Url::parse("memory://races-columns").unwrap(), 4);
    let (mut renames, mut drops) = (base.edit().unwrap(), base.edit().unwrap());
    renames
        .rename_column("label", "species")
        .unwrap()
        .set("species", 1, 0)
        .unwrap();
    drops.drop_column("label").unwrap();
    let mut sets = base.edit().unwrap();
    sets.set("label", 1, 2).unwrap().set("label", 2, 1).unwrap();
    let Committed::Done(latest) = sets.commit_to_latest("set").unwrap() else {
        panic!()
    };
    let both = |editor: &mut tlc_core::Editor| match editor.commit_to_latest("mine").unwrap() {
        Committed::Conflict(conflict) => {
            assert_eq!(conflict.latest().id(), latest.id());
            conflict
                .both()
                .iter()
                .map(|cell| cell.row)
                .collect::<Vec<_>>()
        }
        Committed::Done(_) => panic!(),
    };
    assert_eq!(both(&mut renames), [1]);
    assert_eq!(both(&mut drops), [1, 2]);
    let rebased = renames.rebase(&latest).unwrap().commit("renamed").unwrap();
    assert!(rebased.schema().column("label").is_none());
    assert_eq!(rebased.column("species").unwrap().len(), 4);
}

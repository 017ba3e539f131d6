//! What selections promise: rows of a base under a name, found by all that have its rows.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod upkeep;

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, mount};
use tlc_core::{Columns, Error, IfExists, Result, Selection, Table, TableOptions, Url};

fn fresh() -> Url {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://selections-{number}/p")).unwrap()
}

fn options(root: &Url) -> TableOptions {
    TableOptions::new("demo", "pets", "train").root(root)
}

fn table(root: &Url, rows: i64) -> Table {
    let numbers = Columns::new().column("number", (0..rows).collect::<Vec<_>>());
    Table::create(options(root), |writer| writer.add_batch(numbers)).unwrap()
}

fn rows(selection: &Selection) -> Vec<usize> {
    selection.rows().collect()
}

fn names(table: &Table) -> Vec<String> {
    let found = table.selections().unwrap().into_iter();
    found.map(|info| info.name).collect()
}

/// Rows 5, 1 and 0 dropped, two appended, and the rest in the order of a seed.
fn shuffled(table: &Table) -> Table {
    let mut editor = table.edit().unwrap();
    editor.drop_rows([5, 1, 0]).unwrap();
    editor
        .append(Columns::new().column("number", vec![100_i64, 101]))
        .unwrap();
    let edited = editor.commit("fewer and more").unwrap();
    edited
        .derive()
        .unwrap()
        .shuffle(3)
        .unwrap()
        .commit("shuffled")
        .unwrap()
}

fn numbers(table: &Table, rows: &[usize]) -> BTreeSet<i64> {
    let number = |row: &usize| table.row::<(i64,)>(*row).unwrap().0;
    rows.iter().map(number).collect()
}

#[test]
fn each_table_with_rows_of_the_base_finds_them_as_its_own() {
    let base = table(&fresh(), 10);
    let saved = base
        .save_selection("hard", [7, 5, 2, 7], "loss above 1")
        .unwrap();
    assert_eq!(rows(&saved), [2, 5, 7]);
    assert_eq!(
        (saved.version(), saved.missing(), saved.len()),
        (Some(0), 0, 3)
    );
    assert_eq!(
        (saved.name(), saved.description()),
        ("hard", "loss above 1")
    );
    let other = shuffled(&base);
    let there = other.selection("hard").unwrap();
    assert_eq!(there.missing(), 1);
    assert_eq!(numbers(&other, &rows(&there)), [2, 7].into());
    assert!(rows(&there).is_sorted());

    // Saved from there, with rows that came since: the base knows what it has of them.
    let new = (0..other.len()).filter(|row| {
        let number = other.row::<(i64,)>(*row).unwrap().0;
        [3, 9, 101].contains(&number)
    });
    let new = other.save_selection("new", new, "").unwrap();
    assert_eq!(numbers(&other, &rows(&new)), [3, 9, 101].into());
    let here = base.selection("new").unwrap();
    assert_eq!((rows(&here), here.missing()), (vec![3, 9], 1));
    // Another branch has other rows at the same place.
    let row = Columns::new().column("number", vec![200_i64]);
    let branch = base
        .edit()
        .unwrap()
        .append(row)
        .unwrap()
        .commit("branch")
        .unwrap();
    assert_eq!(rows(&branch.selection("new").unwrap()), [3, 9]);
    assert_eq!(names(&branch), ["hard", "new"]);
    assert_eq!(
        base.select(&["number".to_owned()])
            .unwrap()
            .selection("hard")
            .unwrap()
            .len(),
        3
    );
    let copy = base.squash("copy").unwrap();
    assert!(copy.selections().unwrap().is_empty());
    copy.save_selection("hard", [1], "").unwrap();
    assert_eq!(rows(&base.selection("hard").unwrap()), [2, 5, 7]);
}

#[test]
fn a_name_has_versions_the_last_of_which_counts_until_it_is_deleted() {
    let base = table(&fresh(), 10);
    base.save_selection("hard", [1], "first").unwrap();
    base.save_selection("hard", [1], "first").unwrap(); // nothing new
    let second = base.save_selection("hard", [2, 3], "second").unwrap();
    assert_eq!(second.version(), Some(1));
    base.delete_selection("hard").unwrap();
    let error = base.selection("hard").unwrap_err();
    assert!(matches!(error, Error::NoSuchSelection { .. }), "{error}");
    assert!(names(&base).is_empty());
    assert!(base.delete_selection("hard").is_err());
    let again = base.save_selection("hard", [2, 3], "second").unwrap();
    assert_eq!(again.version(), Some(3));
    let versions = base.selection_versions("hard").unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|info| (info.version, info.rows, info.is_deleted))
        .collect();
    assert_eq!(
        told,
        [(0, 1, false), (1, 2, false), (2, 0, true), (3, 2, false)]
    );
    assert_eq!(rows(&base.selection_version("hard", 0).unwrap()), [1]);
    for gone in [2, 4] {
        assert!(base.selection_version("hard", gone).is_err());
    }
}

#[test]
fn selections_are_combined_and_become_columns_filters_and_splits() {
    let base = table(&fresh(), 8);
    let hard = base.save_selection("hard", [1, 2, 3], "").unwrap();
    let dark = base.save_selection("dark", [3, 4], "").unwrap();
    assert_eq!(rows(&hard.or(&dark).unwrap()), [1, 2, 3, 4]);
    assert_eq!(rows(&hard.and(&dark).unwrap()), [3]);
    let left = hard.without(&dark).unwrap();
    assert_eq!(
        (rows(&left), left.name()),
        (vec![1, 2], "hard without dark")
    );
    assert!(left.contains(2) && !left.contains(3));
    base.save_selection("left", left.rows(), "hard ones that are not dark")
        .unwrap();
    assert_eq!(names(&base), ["dark", "hard", "left"]);
    let column = tlc_core::Column::new("hard", tlc_core::ValueType::Bool);
    let made = base
        .edit()
        .unwrap()
        .add_column(column, hard.mask())
        .unwrap()
        .commit("hard")
        .unwrap();
    assert_eq!(made.selection("hard").unwrap().mask(), hard.mask());
    let mut split = base.derive().unwrap();
    let split = split
        .rows(hard.rows())
        .unwrap()
        .commit("the hard ones")
        .unwrap();
    assert_eq!(rows(&split.selection("dark").unwrap()), [2]);
    let elsewhere = split.selection("dark").unwrap();
    assert!(matches!(hard.and(&elsewhere), Err(Error::Rows { .. })));
    let none = base.save_selection("none", [], "").unwrap();
    assert!(none.is_empty() && none.and(&hard).unwrap().is_empty());
}

#[test]
fn what_cannot_be_is_refused() {
    let root = fresh();
    let base = table(&root, 4);
    let error = base.save_selection("x", [1, 4], "").unwrap_err();
    assert!(
        matches!(error, Error::RowOutOfRange { row: 4, len: 4, .. }),
        "{error}"
    );
    for name in ["", ".", "..", "a/b", "a\nb", "CON"] {
        assert!(base.save_selection(name, [1], "").is_err(), "{name:?}");
    }
    base.save_selection("hard shirts", [1], "").unwrap();
    let error = base.selection("hard-shirts").unwrap_err().to_string();
    assert!(
        error.contains("hard-shirts") && error.contains("hard shirts"),
        "{error}"
    );
    // Another content of the table has other rows.
    let numbers = Columns::new().column("number", vec![7_i64; 4]);
    let over = options(&root).if_exists(IfExists::Overwrite);
    let over = Table::create(over, |writer| writer.add_batch(numbers)).unwrap();
    assert!(over.selection("hard shirts").is_err());
    over.save_selection("hard shirts", [0, 3], "").unwrap();
    assert_eq!(rows(&over.selection("hard shirts").unwrap()), [0, 3]);
    assert_eq!(rows(&base.selection("hard shirts").unwrap()), [1]);
    assert_eq!(base.selection_versions("hard shirts").unwrap().len(), 1);
}

#[test]
fn a_save_that_fails_at_any_write_is_repeated_and_saved_once() {
    for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
        for number in 1..=3 {
            let root = fresh();
            let memory = Arc::new(MemoryStore::default());
            let _memory = mount(&root, memory.clone());
            let base = table(&root, 6);
            let store = Arc::new(FaultStore::new(memory, fault, &When::Once(number)));
            let _mounted = mount(&root, store.clone());
            let save = |rows: &[usize]| -> Result<Selection> {
                let saved = base.save_selection("hard", rows.iter().copied(), "");
                if saved.is_ok() {
                    return saved;
                }
                store.heal();
                base.save_selection("hard", rows.iter().copied(), "")
            };
            save(&[1, 2]).unwrap();
            save(&[3]).unwrap();
            assert_eq!(
                rows(&base.selection("hard").unwrap()),
                [3],
                "{fault:?} {number}"
            );
            assert_eq!(base.selection_versions("hard").unwrap().len(), 2);
            assert_eq!(store.fired(), u64::from(number < 3));
        }
    }
}

#[test]
fn several_who_save_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let base = table(&Url::from_path(folder.path()).unwrap(), 100);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let base = &base;
            scope.spawn(move || {
                for step in 0..12 {
                    let row = writer * 12 + step;
                    base.save_selection("all", [row], format!("{row}")).unwrap();
                    base.save_selection(&format!("own {writer}"), 0..=step, "")
                        .unwrap();
                }
            });
        }
    });
    let versions = base.selection_versions("all").unwrap();
    let told: BTreeSet<_> = versions
        .iter()
        .map(|info| info.description.clone())
        .collect();
    assert_eq!((versions.len(), told.len()), (48, 48));
    assert_eq!(names(&base).len(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn rows_are_the_same_samples_in_every_table_of_the_base(
        chosen in prop::collection::btree_set(0_usize..12, 0..12),
        dropped in prop::collection::btree_set(0_usize..12, 0..9),
        seed in any::<u64>(),
    ) {
        let base = table(&fresh(), 12);
        base.save_selection("some", chosen.iter().copied(), "").unwrap();
        let mut derived = base.derive().unwrap();
        let kept = (0..12).filter(|row| !dropped.contains(row));
        derived.rows(kept).unwrap().shuffle(seed).unwrap();
        let derived = match derived.commit("derived") {
            Err(Error::NothingChanged { .. }) => base.clone(),
            other => other.unwrap(),
        };
        let there = derived.selection("some").unwrap();
        let expected: BTreeSet<i64> = chosen.difference(&dropped).map(|row| *row as i64).collect();
        prop_assert_eq!(there.missing(), chosen.len() - expected.len());
        prop_assert_eq!(numbers(&derived, &rows(&there)), expected);
        let back = derived.save_selection("back", there.rows(), "").unwrap();
        prop_assert_eq!(rows(&back), rows(&there));
    }
}

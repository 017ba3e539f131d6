//! Writes that fail, are killed, or come from two at once.

use crate::{CLASSES, labels, pending_labels, table};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{LocalStore, MemoryStore, mount};
use tlc_core::{Table, Url};
use tlc_view::{Change, Error, Outcome, PendingEdits, Result};

const ROLE: &str = "TLC_TEST_EDITS_ABORT";

fn fresh() -> Url {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://edits-faults-{number}/p")).unwrap()
}

/// Repeats a call until it succeeds, as a person may.
fn insist<T>(store: &FaultStore, mut call: impl FnMut() -> Result<T>) -> T {
    for failures in 1.. {
        match call() {
            Ok(value) => return value,
            Err(Error::Core(
                tlc_core::Error::StorageFull { .. }
                | tlc_core::Error::Unavailable { .. }
                | tlc_core::Error::Io { .. },
            )) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert!(failures < 6, "it fails for ever");
        if failures >= 2 {
            store.heal();
        }
    }
    unreachable!()
}

/// Large enough for a file of its own.
const MANY: usize = 20_000;

/// A review with everything in it; gives the labels after each step.
fn review(edits: &mut PendingEdits, mut did: impl FnMut(&mut PendingEdits)) {
    for step in 0..8_usize {
        did(edits);
        let _ = match step {
            0 => edits.act(Change::set("label", [0], "cow").reviewed()),
            1 => edits.act(Change::set("label", [1], "cow")),
            2 => edits.undo().map(Option::unwrap),
            3 => edits.redo().map(Option::unwrap),
            4 => edits.act(Change::accept("label", 0..MANY, vec![2; MANY])),
            5 => edits.undo().map(Option::unwrap),
            6 => edits.act(Change::review([5])),
            _ => edits.act(Change::set("weight", 0..MANY, 0.5_f32)),
        }
        .unwrap();
    }
}

#[test]
fn a_write_that_fails_at_any_step_is_repeated_and_nothing_is_lost_or_done_twice() {
    for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
        for number in 1.. {
            let root = fresh();
            let store = Arc::new(FaultStore::new(
                Arc::new(MemoryStore::default()),
                fault,
                &When::Once(u64::MAX),
            ));
            let _mounted = mount(&root, store.clone());
            let table = table(&root, MANY as i32);
            let store = Arc::new(FaultStore::new(store, fault, &When::Once(number)));
            let _mounted = mount(&root, store.clone());
            let mut edits = PendingEdits::open(&table).unwrap();
            insist(&store, || {
                edits.act(Change::set("label", [0], "cow").reviewed())
            });
            insist(&store, || edits.act(Change::set("label", [1], "cow")));
            assert!(insist(&store, || edits.undo()).is_some());
            assert_eq!(edits.actions().len(), 1);
            assert!(insist(&store, || edits.redo()).is_some());
            insist(&store, || {
                edits.act(Change::accept("label", 0..MANY, vec![2; MANY]))
            });
            insist(&store, || edits.undo());
            insist(&store, || edits.act(Change::review([5])));
            assert_eq!(edits.actions().len(), 3);
            let again = PendingEdits::open(&table).unwrap();
            assert_eq!(pending_labels(&again)[..3], [3, 3, 2]);
            let Outcome::Committed(made) = insist(&store, || edits.commit("reviewed")) else {
                panic!()
            };
            store.heal();
            assert_eq!(labels(&made)[..3], [3, 3, 2]);
            assert_eq!(table.children().unwrap().len(), 1, "made once");
            assert_eq!(table.latest().unwrap().id(), made.id());
            for of in [&table, &made] {
                let edits = PendingEdits::open(of).unwrap();
                assert!(edits.actions().is_empty());
                assert_eq!(edits.reviewed().iter().collect::<Vec<_>>(), [0, 5]);
            }
            if store.fired() == 0 {
                assert!(number > 10, "only {number} writes");
                break;
            }
        }
    }
}

#[test]
fn a_process_that_is_killed_at_any_write_leaves_a_prefix_of_what_it_did() {
    if let Ok(role) = std::env::var(ROLE) {
        return killed(&role);
    }
    let expected = expected();
    for fault in ["before", "after"] {
        for number in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let table = table(&Url::from_path(folder.path()).unwrap(), MANY as i32);
            let role = format!("{fault} {number} {}", table.url());
            let test =
                "faults::a_process_that_is_killed_at_any_write_leaves_a_prefix_of_what_it_did";
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", test, "--test-threads=1"])
                .env(ROLE, role)
                .output()
                .unwrap()
                .status;
            let edits = PendingEdits::open(&table).unwrap();
            let latest = table.latest().unwrap();
            if latest.id() == table.id() {
                let state = (edits.actions().len(), edits.undone().len());
                assert!(expected.contains(&state), "{fault} {number}: {state:?}");
            } else {
                // The revision is there: what is in it is pending no more.
                assert!(edits.actions().is_empty(), "{fault} {number}");
                assert_eq!(labels(&latest)[..2], [3, 3]);
                let marks = PendingEdits::open(&latest).unwrap().reviewed();
                assert_eq!(marks.iter().collect::<Vec<_>>(), [0, 5], "{fault} {number}");
                assert_eq!(table.children().unwrap().len(), 1);
            }
            if status.success() {
                assert!(number > 10, "only {number} writes");
                break;
            }
        }
    }
}

/// How much is done and undone after each step.
fn expected() -> Vec<(usize, usize)> {
    let table = table(&fresh(), MANY as i32);
    let mut edits = PendingEdits::open(&table).unwrap();
    let mut states = Vec::new();
    let mut state = |edits: &mut PendingEdits| {
        states.push((edits.actions().len(), edits.undone().len()));
    };
    review(&mut edits, &mut state);
    state(&mut edits);
    states
}

/// The process that is to be killed.
fn killed(role: &str) {
    let mut words = role.splitn(3, ' ');
    let fault = match words.next().unwrap() {
        "before" => Fault::AbortBefore,
        _ => Fault::AbortAfter,
    };
    let number = words.next().unwrap().parse().unwrap();
    let url = Url::parse(words.next().unwrap()).unwrap();
    let store = FaultStore::new(Arc::new(LocalStore), fault, &When::Once(number));
    let root = std::iter::successors(Some(url.clone()), Url::parent).nth(5);
    let _mounted = mount(&root.unwrap(), Arc::new(store));
    let table = Table::from_url(url).unwrap();
    let mut edits = PendingEdits::open(&table).unwrap();
    review(&mut edits, |_| {});
    let Outcome::Committed(_) = edits.commit("reviewed").unwrap() else {
        panic!()
    };
}

#[test]
fn two_handles_lose_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), 400);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let table = &table;
            scope.spawn(move || {
                let mut edits = PendingEdits::open(table).unwrap();
                for step in 0..80 {
                    let row = writer * 100 + step;
                    let class = CLASSES[(row + 1) % 4];
                    edits
                        .act(Change::set("label", [row], class).reviewed())
                        .unwrap();
                }
            });
        }
    });
    let edits = PendingEdits::open(&table).unwrap();
    assert_eq!(edits.actions().len(), 320);
    assert_eq!(edits.reviewed().count(), 320);
    assert_eq!(edits.counts().unwrap()[0].cells, 320);
}

#[test]
fn an_undo_of_what_somebody_else_did_meanwhile_is_told_first() {
    let table = table(&fresh(), 4);
    let mut one = PendingEdits::open(&table).unwrap();
    let mut other = PendingEdits::open(&table).unwrap();
    one.act(Change::set("label", [0], "cow")).unwrap();
    other.act(Change::set("label", [1], "cow")).unwrap();
    assert_eq!(other.actions().len(), 2);
    let error = one.undo().unwrap_err();
    assert!(matches!(error, Error::Overtaken { .. }), "{error}");
    assert_eq!(one.actions().len(), 2);
    one.undo().unwrap();
    assert_eq!(pending_labels(&one), [3, 1, 2, 3]);
    let error = other.undo().unwrap_err().to_string();
    assert!(error.contains("somebody else"), "{error}");
    other.refresh().unwrap();
    assert_eq!(pending_labels(&other), [3, 1, 2, 3]);
}

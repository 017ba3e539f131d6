//! A commit that fails or is killed, at every write.

use super::{child, labels, numbers, table};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{Entry, Stat};
use tlc_core::storage::{LocalStore, MemoryStore, Store, mount};
use tlc_core::{
    Column, Columns, Committed, Error, Result, RevisionOptions, Table, Url, VacuumOptions,
    ValueType, vacuum, verify,
};

const ROLE: &str = "TLC_TEST_REVISION_ABORT";

/// Makes something of a table through a store that fails, and checks it.
type Make = fn(&FaultStore, &Table);

const MAKERS: [(&str, Make); 6] = [
    ("edit", edit),
    ("edit of a name", named_edit),
    ("edit of the latest", edit_of_latest),
    ("choice", choice),
    ("copy", copy),
    ("revert", revert),
];

/// Repeats a call until it succeeds, as a caller may.
fn insist<T>(store: &FaultStore, mut call: impl FnMut() -> Result<T>) -> T {
    for failures in 1.. {
        match call() {
            Ok(value) => return value,
            Err(Error::StorageFull { .. } | Error::Unavailable { .. } | Error::Io { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert!(failures < 6, "it fails for ever");
        if failures >= 3 {
            store.heal();
        }
    }
    unreachable!()
}

/// Changes of every kind.
fn changed(table: &Table) -> tlc_core::Editor {
    let mut editor = table.edit().unwrap();
    editor
        .add_constant(Column::new("fold", ValueType::Int64), 3_i64)
        .unwrap();
    editor.set("label", 0, 2).unwrap().drop_rows([1]).unwrap();
    let row = Columns::new()
        .column("number", vec![60_i64])
        .column("text", vec!["row 60"])
        .column("label", vec![1])
        .column("fold", vec![4_i64]);
    editor.append(row).unwrap();
    editor
}

fn assert_changed(table: &Table) {
    let table = Table::from_url(table.url()).unwrap();
    assert_eq!(labels(&table), [2, 2, 0, 1, 2, 1]);
    assert_eq!(numbers(&table), [0, 2, 3, 4, 5, 60]);
    assert_eq!(table.column("fold").unwrap().len(), 6);
}

fn edit(store: &FaultStore, table: &Table) {
    let mut editor = changed(table);
    let made = insist(store, || editor.commit("changed"));
    drop(editor);
    store.heal();
    assert_changed(&made);
    assert_eq!(table.latest().unwrap().id(), made.id());
    assert_eq!(table.children().unwrap().len(), 1, "made once");
}

fn named_edit(store: &FaultStore, table: &Table) {
    let mut editor = changed(table);
    let made = insist(store, || {
        editor.commit(RevisionOptions::new("changed").name("fixed"))
    });
    store.heal();
    assert_changed(&made);
    assert_eq!(made.name(), "fixed");
    assert_eq!(table.children().unwrap().len(), 1, "made once");
}

fn edit_of_latest(store: &FaultStore, table: &Table) {
    let mut editor = changed(table);
    let made = insist(store, || editor.commit_to_latest("changed"));
    store.heal();
    let Committed::Done(made) = made else {
        panic!()
    };
    assert_changed(&made);
    assert_eq!(table.latest().unwrap().id(), made.id());
    assert_eq!(table.lineage().unwrap().revisions().len(), 2);
}

fn choice(store: &FaultStore, table: &Table) {
    let mut derivation = table.derive().unwrap();
    derivation.rows([5, 0, 3]).unwrap();
    let made = insist(store, || derivation.commit("chosen"));
    store.heal();
    assert_eq!(numbers(&Table::from_url(made.url()).unwrap()), [5, 0, 3]);
    assert_eq!(table.children().unwrap().len(), 1, "made once");
}

fn copy(store: &FaultStore, table: &Table) {
    let made = insist(store, || table.squash("copied"));
    store.heal();
    assert_eq!(
        numbers(&Table::from_url(made.url()).unwrap()),
        (0..6).collect::<Vec<_>>()
    );
    assert_eq!(
        numbers(&table.latest().unwrap()),
        (0..6).collect::<Vec<_>>()
    );
}

fn revert(store: &FaultStore, table: &Table) {
    let wrong = insist(store, || changed(table).commit("wrong"));
    let wrong = wrong.latest().unwrap();
    insist(store, || match wrong.latest()?.revert(table, "back") {
        // The call before had its effect.
        Err(Error::NothingChanged { .. }) => Ok(()),
        other => other.map(drop),
    });
    store.heal();
    assert_eq!(
        numbers(&wrong.latest().unwrap()),
        (0..6).collect::<Vec<_>>()
    );
}

/// Makes through a store that fails; says how often it did.
fn make_through(make: Make, fault: Fault, when: &When) -> u64 {
    let root = Url::parse("memory://revision-faults/").unwrap();
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let base = {
        let _mount = mount(&root, Arc::clone(&memory));
        table(&root, 6).url().clone()
    };
    let store = Arc::new(FaultStore::new(memory, fault, when));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    make(&store, &Table::from_url(&base).unwrap());
    let verified = verify(&root).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    // What failed calls left is found, and nothing else is.
    let at_once = VacuumOptions::new().untouched_for(Duration::ZERO);
    vacuum(&root, at_once).unwrap().delete().unwrap();
    assert!(verify(&root).unwrap().problems.is_empty());
    store.fired()
}

#[test]
fn whichever_write_fails_before_or_after_its_effect_a_revision_is_made_once_and_whole() {
    for (name, make) in MAKERS {
        for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
            let (mut number, mut sticky) = (1, 0);
            while make_through(make, fault, &When::Once(number)) > 0 {
                sticky += make_through(make, fault, &When::From(number));
                number += 1;
            }
            println!(
                "{name}: {fault:?} at each of {} writes, {sticky} in a row",
                number - 1
            );
            assert!(number > 3, "{name}: only {number} writes were reached");
        }
    }
}

/// The child's side: commits, and aborts at a write.
fn commit_or_abort(plan: &str) {
    let mut plan = plan.split_whitespace();
    let mut next = || plan.next().unwrap();
    let (fault, number, url) = (next(), next().parse().unwrap(), next());
    let fault = match fault {
        "before" => Fault::AbortBefore,
        _ => Fault::AbortAfter,
    };
    let url = Url::parse(url).unwrap();
    let root = url.parent().unwrap().parent().unwrap();
    let store = Arc::new(FaultStore::new(
        Arc::new(LocalStore),
        fault,
        &When::Once(number),
    ));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    changed(&Table::from_url(&url).unwrap())
        .commit("changed")
        .unwrap();
    println!("durable");
}

#[test]
fn a_process_that_dies_at_any_write_of_a_commit_leaves_the_table_whole_and_editable() {
    if let Ok(plan) = std::env::var(ROLE) {
        return commit_or_abort(&plan);
    }
    let name =
        "faults::a_process_that_dies_at_any_write_of_a_commit_leaves_the_table_whole_and_editable";
    for fault in ["before", "after"] {
        let mut aborts = 0;
        for number in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let root = Url::from_path(folder.path()).unwrap();
            let base = table(&root, 6);
            let plan = format!("{fault} {number} {}", base.url());
            let output = child(name, ROLE, &plan).output().unwrap();
            let is_durable = String::from_utf8_lossy(&output.stdout).contains("durable");
            let latest = base.latest().unwrap();
            match latest.id() == base.id() {
                true => assert!(!is_durable, "{plan}: lost"),
                false => assert_changed(&latest),
            }
            assert_eq!(numbers(&base), (0..6).collect::<Vec<_>>());
            // Nobody waits for the dead.
            let started = Instant::now();
            let mut editor = latest.edit().unwrap();
            editor.set("label", 0, 1).unwrap();
            let Committed::Done(next) = editor.commit_to_latest("next").unwrap() else {
                panic!()
            };
            assert!(started.elapsed() < Duration::from_secs(10), "{plan}");
            assert_eq!(base.latest().unwrap().id(), next.id());
            let verified = verify(&root).unwrap();
            assert!(
                verified.problems.is_empty(),
                "{plan}: {:?}",
                verified.problems
            );
            let at_once = VacuumOptions::new().untouched_for(Duration::ZERO);
            let found = vacuum(&root, at_once).unwrap();
            assert!(found.problems().is_empty() && found.in_use().is_empty());
            found.delete().unwrap();
            assert!(verify(&root).unwrap().problems.is_empty());
            assert_eq!(labels(&base.latest().unwrap())[0], 1);
            if output.status.success() {
                break;
            }
            aborts += 1;
        }
        println!("aborted {fault} each of {aborts} writes");
        assert!(aborts >= 5, "only {aborts} writes were reached");
    }
}

/// A store that cannot tell the living from the dead.
#[derive(Debug)]
struct WithoutLiveness(Arc<dyn Store>);

impl Store for WithoutLiveness {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        self.0.get(url, limit_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        self.0.get_range(url, range, len_bytes)
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        self.0.stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        self.0.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.0.put_if_absent(url, bytes)
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.0.delete(url)
    }
}

#[test]
fn a_writer_that_was_given_up_does_not_come_after_the_one_that_went_on() {
    // Nobody knows whether it is dead: it was only slow.
    let root = Url::parse("memory://revision-slow/").unwrap();
    let memory: Arc<dyn Store> = Arc::new(WithoutLiveness(Arc::new(MemoryStore::default())));
    let base = {
        let _mount = mount(&root, Arc::clone(&memory));
        table(&root, 6).url().clone()
    };
    let (mut slow, slow_store) = {
        // It announces itself, and its commit fails.
        let mut number = 1;
        loop {
            let store = Arc::new(FaultStore::new(
                Arc::clone(&memory),
                Fault::Full,
                &When::From(number),
            ));
            let mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
            let mut editor = Table::from_url(&base).unwrap().edit().unwrap();
            editor.set("label", 0, 2).unwrap();
            editor.commit_to_latest("slow").unwrap_err();
            let announced = memory.list(&base.join("revisions").unwrap()).unwrap().len();
            if announced > 0 {
                break (editor, (store, mount));
            }
            number += 1;
        }
    };
    let quick = {
        let _mount = mount(&root, Arc::clone(&memory));
        let mut editor = Table::from_url(&base).unwrap().edit().unwrap();
        editor.set("label", 0, 1).unwrap();
        match editor.commit_to_latest("quick").unwrap() {
            Committed::Done(quick) => quick,
            Committed::Conflict(conflict) => panic!("{conflict:?}"),
        }
    };
    slow_store.0.heal();
    let Committed::Conflict(conflict) = slow.commit_to_latest("slow").unwrap() else {
        panic!()
    };
    assert_eq!(conflict.latest().id(), quick.id());
    assert_eq!(conflict.both().len(), 1);
}

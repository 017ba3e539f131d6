//! Many actions, and actions on many rows.

use crate::{counted, table};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlc_core::storage::testing::CountingStore;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_view::{Change, Outcome, PendingEdits};

/// How long each of some reviews takes, shortest first.
fn reviewed(edits: &mut PendingEdits, rows: usize) -> Vec<Duration> {
    let steps = (0..rows).map(|row| {
        let started = Instant::now();
        let change = Change::set("label", [row], "cow").reviewed();
        edits.act(change).unwrap();
        assert!(edits.value(row, "label").unwrap().is_some());
        started.elapsed()
    });
    let mut steps: Vec<Duration> = steps.collect();
    steps.sort_unstable();
    steps
}

#[test]
fn ten_thousand_reviews_are_opened_and_undone() {
    let table = table(&Url::parse("memory://edits-many/").unwrap(), 60_000);
    let mut edits = PendingEdits::open(&table).unwrap();
    let steps = reviewed(&mut edits, 10_000);
    let started = Instant::now();
    edits.undo().unwrap();
    assert!(edits.value(9_999, "label").unwrap().is_none());
    let undo = started.elapsed();
    let started = Instant::now();
    let edits = PendingEdits::open(&table).unwrap();
    let opened = started.elapsed();
    assert_eq!(
        (edits.actions().len(), edits.reviewed().count()),
        (9_999, 9_999)
    );
    let (median, most) = (steps[5_000], steps[9_999]);
    println!("a step in memory {median:?}, at most {most:?}; undo {undo:?}; open {opened:?}");
}

#[test]
fn a_step_is_one_small_file_and_reads_nothing() {
    const STEPS: usize = 200;
    let root = Url::parse("memory://edits-step/").unwrap();
    let table = table(&root, 60_000);
    let counting = Arc::new(CountingStore::new(tlc_core::storage::open(&root).unwrap()));
    let _mounted = tlc_core::storage::mount(&root, counting.clone());
    let mut edits = PendingEdits::open(&table).unwrap();
    counting.take_reads();
    counting.take_writes();
    reviewed(&mut edits, STEPS);
    let (reads, writes) = (counting.take_reads(), counting.take_writes());
    println!("{STEPS} steps: {reads} reads, {writes} writes");
    assert_eq!((reads, writes), (0, STEPS as u64));
}

#[test]
fn opening_reads_no_more_documents_however_many_there_are() {
    let root = Url::parse("memory://edits-reads/").unwrap();
    let table = table(&root, 20);
    let mut edits = PendingEdits::open(&table).unwrap();
    let mut reads = |steps: usize| {
        for step in 0..steps {
            edits.act(Change::review([step % 20])).unwrap();
        }
        let store = tlc_core::storage::open(&root).unwrap();
        let counting = Arc::new(CountingStore::new(store));
        let _mounted = tlc_core::storage::mount(&root, counting.clone());
        PendingEdits::open(&table).unwrap();
        counting.take_reads()
    };
    let (few, many) = (reads(300), reads(2_560));
    assert!(many <= few + 4, "{few} reads, then {many}");
}

#[test]
fn all_that_match_of_many_rows_are_set_by_a_small_document() {
    let rows = 2_000_000_usize;
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    let options = TableOptions::new("demo", "many", "train")
        .column(label)
        .root(&root);
    let table = Table::create(options, |writer| {
        writer.add_batch(Columns::new().column("label", vec![0_i32; rows]))
    })
    .unwrap();
    let mut edits = PendingEdits::open(&table).unwrap();
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        println!("{what}: {:?}", started.elapsed());
    };
    timed("all rows", &mut || {
        edits.act(Change::set("label", 0..rows, "dog")).unwrap();
    });
    timed("a third of them", &mut || {
        let matching = (0..rows).filter(|row| row * 7919 % 3 == 1);
        edits.act(Change::set("label", matching, "cat")).unwrap();
    });
    timed("each its own", &mut || {
        let values: Vec<i32> = (0..rows).map(|row| (row % 2) as i32).collect();
        edits.act(Change::accept("label", 0..rows, values)).unwrap();
    });
    timed("undo", &mut || drop(edits.undo().unwrap()));
    let expected = rows - (0..rows).filter(|row| row * 7919 % 3 == 1).count();
    timed("counts", &mut || {
        assert_eq!(counted(&edits), [("label".to_owned(), expected)])
    });
    let path = folder.path().join("demo/edits").join(table.id());
    for entry in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
        let (name, len) = (
            entry.file_name().into_string().unwrap(),
            entry.metadata().unwrap().len(),
        );
        println!("{name}: {len} bytes");
        assert!(len < 9_000_000 && (name.ends_with(".arrow") || len < 600_000));
    }
    timed("open", &mut || {
        edits = PendingEdits::open(&table).unwrap();
    });
    timed("commit", &mut || {
        let Outcome::Committed(made) = edits.commit("many").unwrap() else {
            panic!()
        };
        assert_eq!(made.len(), rows);
    });
}

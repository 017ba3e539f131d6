//! A write that fails, whichever it is.

use crate::{into_run, predictor};
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, mount};
use tlc_core::{Run, RunOptions, Status, Url};
use tlc_tests::{CLASSES, decode, ints, root, rows, table_of};

const ROWS: usize = 19;
const TABLE: &str = "tests/datasets/images/tables/train";

/// What a collection on a faulty store comes to, with the writes before and after it.
struct Tried {
    store: Arc<FaultStore>,
    root: Url,
    run: Run,
    result: tlc_burn::Result<()>,
    writes: std::ops::Range<u64>,
    _mount: tlc_core::storage::Mount,
}

fn collect(root: &Url, run: &Run) -> tlc_burn::Result<()> {
    let table = tlc_core::Table::from_url(root.join(TABLE).unwrap());
    let samples = table.unwrap().samples().try_map(decode);
    let options = into_run(run).constant("epoch", 1);
    collect_metrics(
        &samples,
        Classification::new(CLASSES),
        &predictor(),
        options,
    )
    .map(drop)
}

fn tried(fault: Fault, when: &When) -> Tried {
    let root = root();
    let store = FaultStore::new(Arc::new(MemoryStore::default()), fault, when);
    let store = Arc::new(store);
    let _mount = mount(&root, store.clone());
    table_of(&rows(ROWS), &root);
    let run = Run::create(RunOptions::new("tests").root(&root)).unwrap();
    let before = store.writes();
    let result = collect(&root, &run);
    Tried {
        writes: before..store.writes(),
        store,
        root,
        run,
        result,
        _mount,
    }
}

/// No write fails.
fn untroubled() -> Tried {
    tried(Fault::Full, &When::From(u64::MAX))
}

/// What is there once the store works again is all of the collection or nothing; if it is
/// nothing, the collection is made again. Whether that had to be.
fn assert_all_or_nothing(fault: Fault, when: &When) -> bool {
    let tried = tried(fault, when);
    let what = format!("{fault:?} {when:?}: {:?}", tried.result);
    assert!(tried.store.fired() > 0, "{what}");
    tried.store.heal();
    let run = Run::from_url(tried.run.url()).unwrap();
    let done = run.metrics().unwrap().len();
    let kept = run.unfinished_metrics().unwrap();
    let kept: Vec<_> = kept.iter().map(|kept| ints(kept, "example_id")).collect();
    assert_eq!(losses(&run), done, "{what}");
    assert!(done + kept.len() <= 1, "{what}: {kept:?}");
    assert!(kept.iter().all(|ids| ids.len() == ROWS), "{what}: {kept:?}");
    match fault {
        // Done, but neither the call nor anything after it could see that.
        Fault::Lost => assert!(done == 1 || tried.result.is_err(), "{what}"),
        _ => assert_eq!(done, usize::from(tried.result.is_ok()), "{what}"),
    }
    if done == 0 {
        collect(&tried.root, &tried.run).unwrap();
    }
    tried.run.close().unwrap();
    assert_complete(&Run::from_url(run.url()).unwrap(), &what);
    done == 0
}

/// How often a loss was logged.
fn losses(run: &Run) -> usize {
    let series = run.aggregates().unwrap();
    let losses = series.iter().filter(|series| series.key == "loss");
    losses.map(|series| series.points.len()).sum()
}

fn assert_complete(run: &Run, what: &str) {
    let tables = run.metrics().unwrap();
    assert_eq!(tables.len(), 1, "{what}");
    let ids: Vec<i64> = (0..ROWS as i64).collect();
    assert_eq!(ints(&tables[0], "example_id"), ids, "{what}");
    assert_eq!(losses(run), 1, "{what}");
    assert_eq!(run.status().unwrap(), Status::Completed, "{what}");
}

#[test]
fn a_collection_is_done_or_undone_whichever_write_fails_and_can_be_repeated_if_undone() {
    let writes = untroubled().writes;
    for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
        let (mut once, mut for_good) = (0, 0);
        for number in writes.start + 1..=writes.end {
            once += u32::from(assert_all_or_nothing(fault, &When::Once(number)));
            for_good += u32::from(assert_all_or_nothing(fault, &When::From(number)));
        }
        println!("{fault:?}: undone {once} times, {for_good} in a row");
        // What fails once at the end is tried again there.
        assert!(once <= 1 || fault == Fault::Lost, "{fault:?}: {once}");
        assert!(
            for_good > 1 || fault != Fault::Full,
            "{fault:?}: {for_good}"
        );
    }
}

/// Each file costs a disk two waits or three: what a collection makes is a commit at its
/// start, a part of rows, the aggregates, and a commit that makes both visible.
#[test]
fn a_collection_after_the_first_makes_four_files() {
    let tried = untroubled();
    collect(&tried.root, &tried.run).unwrap();
    assert_eq!(tried.store.writes() - tried.writes.end, 4);
}

#[test]
fn a_collection_with_summaries_is_one_commit_at_its_end() {
    let tried = untroubled();
    let table = tlc_core::Table::from_url(tried.root.join(TABLE).unwrap()).unwrap();
    let samples = table.samples().try_map(decode);
    let collector = Classification::new(CLASSES).per_class(true);
    collect_metrics(&samples, collector, &predictor(), into_run(&tried.run)).unwrap();
    // The first collection left one table; this one three, each with a part of its own.
    assert_eq!(tried.run.metrics().unwrap().len(), 4);
    assert_eq!(tried.store.writes() - tried.writes.end, 3 + 3);
}

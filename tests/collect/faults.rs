//! A write that fails, whichever it is.

use crate::{into_run, predictor};
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, mount};
use tlc_core::{Run, RunOptions, Status, Url};
use tlc_tests::{CLASSES, decode, ints, root, rows, series, table_of};

const ROWS: usize = 19;

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
    let table = tlc_core::Table::from_url(root.join("tests/datasets/images/tables/train").unwrap());
    let samples = table.unwrap().samples().map(decode);
    let options = into_run(run).constant("epoch", 1);
    collect_metrics(
        &samples,
        Classification::new(CLASSES),
        &predictor(),
        options,
    )
    .map(drop)
}

fn tried(when: &When) -> Tried {
    let root = root();
    let store = FaultStore::new(Arc::new(MemoryStore::default()), Fault::Full, when);
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

#[test]
fn a_collection_is_done_or_undone_whichever_write_fails_and_can_be_repeated_if_undone() {
    let writes = tried(&When::From(u64::MAX)).writes;
    assert!(writes.end > writes.start + 3);
    let mut undone = 0;
    for number in writes.start + 1..=writes.end {
        let tried = tried(&When::Once(number));
        assert_eq!(tried.store.fired(), 1, "write {number}");
        let registered = tried.run.metrics().unwrap().len();
        let expected = usize::from(tried.result.is_ok());
        assert_eq!(registered, expected, "write {number}: {:?}", tried.result);
        if tried.result.is_err() {
            undone += 1;
            collect(&tried.root, &tried.run).unwrap();
        }
        tried.run.close().unwrap();
        let run = Run::from_url(tried.run.url()).unwrap();
        let tables = run.metrics().unwrap();
        assert_eq!(tables.len(), 1, "write {number}");
        assert_eq!(ints(&tables[0], "example_id").len(), ROWS);
        assert_eq!(series(&run, "loss").len(), 1, "write {number}");
        assert_eq!(run.status().unwrap(), Status::Completed);
    }
    let all = writes.end - writes.start;
    assert!((1..all).contains(&undone), "{undone} of {all}");
}

/// Each file costs a disk two waits or three: what a collection makes is a status, a part
/// of rows, what makes them visible, the aggregates, and the status again.
#[test]
fn a_collection_after_the_first_makes_no_more_than_seven_files() {
    let tried = tried(&When::From(u64::MAX));
    collect(&tried.root, &tried.run).unwrap();
    let files = tried.store.writes() - tried.writes.end;
    assert!((4..=7).contains(&files), "{files} files");
}

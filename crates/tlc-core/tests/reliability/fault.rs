//! A write fails, at every place where one can.

use super::{child, numbers, sealed_numbers, wide_rows, writer};
use std::sync::Arc;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{LocalStore, MemoryStore, Store, commit, mount};
use tlc_core::{Error, IfExists, Result, Run, RunOptions, Table, TableOptions, Url};

const ROLE: &str = "TLC_TEST_ABORT";

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p")
        .name("r")
        .root(root)
        .if_exists(IfExists::Reuse)
}

/// Repeats a call until it succeeds, as a caller may; counts the failures.
fn insist(failures: &mut u64, store: &FaultStore, mut call: impl FnMut() -> Result<()>) {
    while let Err(error) = call() {
        assert!(matches!(error, Error::StorageFull { .. }), "{error}");
        *failures += 1;
        if *failures >= 3 {
            store.heal();
        }
    }
}

/// Writes and registers four segments through a store that fails; says how often it did.
fn write_through(name: &str, when: &When) -> u64 {
    let root = Url::parse(&format!("memory://{name}")).unwrap();
    let run = Run::create(options(&root)).unwrap().url().clone();
    let store = Arc::new(FaultStore::new(
        Arc::clone(Run::from_url(&run).unwrap().store()),
        Fault::Full,
        when,
    ));
    let _mount = mount(&run, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(&run).unwrap();
    let mut writer = writer(&run);
    let mut failures = 0;
    for first in 0..4 {
        insist(&mut failures, &store, || {
            writer.add_batch(numbers(first, 1))
        });
        insist(&mut failures, &store, || writer.flush());
    }
    insist(&mut failures, &store, || writer.finalize().map(drop));
    insist(&mut failures, &store, || {
        run.update_metrics(&writer.get_written_metrics_infos())
    });
    assert_eq!(sealed_numbers(run.url()), [0, 1, 2, 3], "{when:?}");
    assert_eq!(run.metrics().unwrap().len(), 1);
    // A failed repeat of a write that was already done is no failure to report.
    assert!(
        failures <= store.fired() && (failures > 0) == (store.fired() > 0),
        "{when:?}"
    );
    store.fired()
}

#[test]
fn a_full_disk_at_any_write_is_reported_and_loses_or_doubles_nothing() {
    let mut sticky_faults = 0;
    let mut number = 1;
    while write_through(&format!("full-once-{number}"), &When::Once(number)) > 0 {
        sticky_faults += write_through(&format!("full-from-{number}"), &When::From(number));
        number += 1;
    }
    println!(
        "{} writes failed once, {sticky_faults} in a row",
        number - 1
    );
    assert!(number > 9, "only {number} writes were reached");
}

/// Writes three full segments without a flush between, through a store that fails;
/// says how often it did, and how often a call reported it.
fn fill_through(when: &When) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap().url().clone();
    let store = Arc::new(FaultStore::new(Arc::new(LocalStore), Fault::Full, when));
    let _mount = mount(&run, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(&run).unwrap();
    let mut writer = writer(&run);
    let mut failures = 0;
    for batch in 0..6 {
        insist(&mut failures, &store, || {
            writer.add_batch(wide_rows(batch * 1024))
        });
    }
    insist(&mut failures, &store, || writer.finalize().map(drop));
    let expected: Vec<i64> = (0..6 * 1024).collect();
    assert_eq!(sealed_numbers(run.url()), expected, "{when:?}");
    (store.fired(), failures)
}

#[test]
fn segments_that_are_sealed_side_by_side_keep_their_order_whichever_write_fails() {
    let mut number = 1;
    while fill_through(&When::Once(number)).0 > 0 {
        // How many segments there are depends on how quickly those before are written.
        let (fired, reported) = fill_through(&When::From(number));
        assert!(
            fired == 0 || reported > 0,
            "{fired} failures, none reported"
        );
        number += 1;
    }
    assert!(number > 6, "only {number} writes were reached");
}

#[test]
fn a_write_that_succeeds_and_reports_a_failure_is_no_conflict() {
    let store = FaultStore::new(
        Arc::new(MemoryStore::default()),
        Fault::Ambiguous,
        &When::From(1),
    );
    let folder = Url::parse("memory://ambiguous/commits").unwrap();
    for number in 0..1000 {
        let bytes = bytes::Bytes::from(format!("commit {number}"));
        commit::publish(&store, &commit::numbered(&folder, number).unwrap(), &bytes).unwrap();
        let foreign = bytes::Bytes::from(format!("foreign {number}"));
        let lost = commit::publish(
            &store,
            &commit::numbered(&folder, number).unwrap(),
            &foreign,
        );
        assert!(matches!(lost, Err(Error::AlreadyExists { .. })), "{lost:?}");
    }
    assert_eq!(store.fired(), 3000); // its own is asked for once more, to know it is durable
    assert_eq!(commit::latest_number(&store, &folder).unwrap(), Some(999));
}

#[test]
fn rows_are_not_doubled_when_every_write_reports_a_failure_after_success() {
    let root = Url::parse("memory://ambiguous-run").unwrap();
    let run = Run::create(options(&root)).unwrap().url().clone();
    let inner = Arc::clone(Run::from_url(&run).unwrap().store());
    let store = Arc::new(FaultStore::new(inner, Fault::Ambiguous, &When::From(1)));
    let _mount = mount(&run, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(&run).unwrap();
    let mut writer = writer(&run);
    for first in 0..100 {
        writer.add_batch(numbers(first, 1)).unwrap();
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
    assert!(store.fired() >= 400, "{}", store.fired());
    assert_eq!(sealed_numbers(run.url()), (0..100).collect::<Vec<_>>());
}

/// Writes a table, one segment and a value through a store that aborts the process at a
/// planned write.
fn abort_as_told(plan: &str) {
    let [fault, number, root] = plan.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{plan}")
    };
    let fault = if fault == "before" {
        Fault::AbortBefore
    } else {
        Fault::AbortAfter
    };
    let root = Url::parse(root).unwrap();
    let when = When::Once(number.parse().unwrap());
    let _mount = mount(
        &root,
        Arc::new(FaultStore::new(Arc::new(LocalStore), fault, &when)),
    );
    // The second content of the table, after one that is there.
    table(&root, 3);
    println!("durable table");
    let run = Run::create(options(&root)).unwrap();
    let mut writer = writer(&run);
    writer.add_batch(numbers(0, 2)).unwrap();
    writer.flush().unwrap();
    println!("durable rows");
    run.log([("epoch", 0.0), ("loss", 0.5)]).unwrap();
    run.flush().unwrap();
    println!("durable value");
    writer.add_batch(numbers(2, 2)).unwrap();
    let mut change = run.change();
    change
        .metrics(&mut writer)
        .log([("epoch", 1.0), ("loss", 0.25)]);
    change.commit().unwrap();
    println!("durable change");
    run.compact().unwrap();
    run.close().unwrap();
}

/// A table of so many rows, in the place of the one that has the name.
fn table(root: &Url, rows: i64) -> Table {
    #[derive(serde::Serialize)]
    struct Row {
        number: i64,
    }
    let options = TableOptions::new("p", "d", "t").root(root);
    Table::create(options.if_exists(IfExists::Overwrite), |writer| {
        writer.add_rows(&(0..rows).map(|number| Row { number }).collect::<Vec<_>>())
    })
    .unwrap()
}

#[test]
fn an_abort_before_or_after_any_write_leaves_all_or_nothing() {
    if let Ok(plan) = std::env::var(ROLE) {
        return abort_as_told(&plan);
    }
    let name = "fault::an_abort_before_or_after_any_write_leaves_all_or_nothing";
    for fault in ["before", "after"] {
        let mut aborts = 0;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let root = Url::from_path(folder.path()).unwrap();
            let plan = format!("{fault} {} {root}", aborts + 1);
            let first = table(&root, 5);
            let output = child(name, ROLE, &plan).output().unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            let found = Table::from_url(first.url()).unwrap();
            let len = found.column("number").unwrap().len();
            assert!(len == 3 || len == 5, "{plan}: {len}");
            let run = Run::create(options(&root)).unwrap();
            let rows = sealed_numbers(run.url());
            let is_whole = rows.is_empty() || rows == [0, 1] || rows == [0, 1, 2, 3];
            assert!(is_whole, "{plan}: {rows:?}");
            let series = run.aggregates().unwrap();
            let values: usize = series.iter().map(|one| one.points.len()).sum();
            assert_eq!(values == 2, rows.len() == 4, "{plan}: half a change");
            for (what, is_there) in [
                ("durable table", len == 3),
                ("durable rows", rows.starts_with(&[0, 1])),
                ("durable value", values >= 1),
                ("durable change", rows == [0, 1, 2, 3]),
            ] {
                assert!(is_there || !told.contains(what), "{plan}: {what}");
            }
            writer(&run).finalize().unwrap();
            if output.status.success() {
                break;
            }
            aborts += 1;
        }
        println!("aborted {fault} each of {aborts} writes");
        assert!(aborts >= 12, "only {aborts} writes were reached");
    }
}

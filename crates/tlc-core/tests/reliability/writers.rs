//! Each writer there is, through a store whose writes fail, each in its turn: before their
//! effect, after it, and after it with nothing to be read back.

use super::{numbers, sealed_numbers, writer};
use std::sync::Arc;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{LocalStore, MemoryStore, Store, mount};
use tlc_core::{
    Columns, Error, IfExists, Result, Run, RunOptions, Status, Table, TableOptions, TableWriter,
    Url, VacuumOptions, vacuum, verify,
};

/// Writes something below a root through a store that fails, and checks what is there when
/// it does not any more.
type Write = fn(&FaultStore, &Url);

const WRITERS: [(&str, Write); 9] = [
    ("table", table),
    ("overwritten table", overwritten_table),
    ("run", run),
    ("metrics", metrics),
    ("finished metrics", finished_metrics),
    ("log", log),
    ("compaction", compaction),
    ("change", change),
    ("renamed table", renamed_table),
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

fn options(root: &Url, if_exists: IfExists) -> TableOptions {
    TableOptions::new("p", "d", "t")
        .root(root)
        .if_exists(if_exists)
}

fn write_table(store: &FaultStore, root: &Url, if_exists: IfExists) -> Table {
    let mut writer = insist(store, || TableWriter::new(options(root, if_exists)));
    for first in [0, 500] {
        let rows: Vec<Row> = (first..first + 500).map(|number| Row { number }).collect();
        insist(store, || writer.add_rows(&rows));
    }
    let table = insist(store, || writer.finalize());
    // Nothing that a visible commit names goes with its writer.
    drop(writer);
    store.heal();
    table
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Row {
    number: i64,
}

fn assert_rows(table: &Url) {
    let table = Table::from_url(table).unwrap();
    let rows = table.rows::<Row>().unwrap().map(|row| row.unwrap().number);
    assert_eq!(rows.collect::<Vec<_>>(), (0..1000).collect::<Vec<_>>());
}

fn table(store: &FaultStore, root: &Url) {
    let table = write_table(store, root, IfExists::Raise);
    assert_rows(table.url());
    assert_eq!(tlc_core::tables(root, "p").unwrap(), [table.url().clone()]);
}

fn overwritten_table(store: &FaultStore, root: &Url) {
    let first = insist(store, || {
        Table::create(options(root, IfExists::Reuse), |writer| {
            writer.add_rows(&[Row { number: -1 }])
        })
    });
    let second = write_table(store, root, IfExists::Overwrite);
    assert_ne!(first.id(), second.id());
    assert_rows(first.url());
}

/// Another takes the name before the table is finalized.
fn renamed_table(store: &FaultStore, root: &Url) {
    let mut writer = insist(store, || TableWriter::new(options(root, IfExists::Rename)));
    let rows: Vec<Row> = (0..1000).map(|number| Row { number }).collect();
    insist(store, || writer.add_rows(&rows));
    insist(store, || {
        Table::create(options(root, IfExists::Reuse), |writer| {
            writer.add_rows(&[Row { number: -1 }])
        })
    });
    let table = insist(store, || writer.finalize());
    drop(writer);
    store.heal();
    assert_eq!(table.name(), "t_0000");
    assert_rows(table.url());
    let first = Table::from_url(root.join("p/datasets/d/tables/t").unwrap()).unwrap();
    assert_eq!(first.len(), 1);
}

fn change(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    let (mut rows, mut others) = (writer(&run), writer(&run));
    insist(store, || rows.add_batch(numbers(0, 3)));
    insist(store, || rows.flush());
    insist(store, || rows.add_batch(numbers(3, 2)));
    insist(store, || {
        others.add_batch(Columns::new().column("number", vec![5_i64]))
    });
    let mut change = run.change();
    change.metrics(&mut rows).metrics(&mut others);
    change
        .log([("epoch", 1.0), ("loss", 0.5)])
        .status(Status::Failed);
    insist(store, || {
        let committed = change.commit();
        // Another process goes on, whatever became of it.
        if let Err(Error::StorageFull { .. }) = committed {
            let _ = Run::from_url(run.url()).and_then(|other| other.set_description("other"));
        }
        committed
    });
    store.heal();
    let read = Run::from_url(run.url()).unwrap();
    let tables = read.metrics().unwrap();
    assert_eq!(
        tables
            .iter()
            .map(tlc_core::MetricsTable::len)
            .collect::<Vec<_>>(),
        [5, 1]
    );
    assert!(read.unfinished_metrics().unwrap().is_empty());
    assert_eq!(sealed_numbers(run.url()), (0..6).collect::<Vec<_>>());
    assert_eq!(read.aggregates().unwrap()[0].points, [(1.0, 0.5)]);
    assert_eq!(read.status().unwrap(), Status::Failed);
}

fn open_run(store: &FaultStore, root: &Url) -> Run {
    insist(store, || {
        let options = RunOptions::new("p").name("r").root(root);
        Run::create(options.if_exists(IfExists::Reuse))
    })
}

fn run(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    for epoch in 0..10 {
        insist(store, || run.set_parameters([("epoch", epoch)]));
    }
    insist(store, || run.set_description("what it is for"));
    insist(store, || run.set_status(Status::Running));
    insist(store, || run.close());
    store.heal();
    let read = Run::from_url(run.url()).unwrap();
    assert_eq!(read.parameters()["epoch"], 9);
    assert_eq!(read.description(), "what it is for");
    assert_eq!(read.status().unwrap(), Status::Completed);
}

fn metrics(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    let mut writer = writer(&run);
    for first in 0..8 {
        insist(store, || writer.add_batch(numbers(first, 1)));
        insist(store, || writer.flush());
    }
    insist(store, || writer.finalize());
    insist(store, || {
        run.update_metrics(&writer.get_written_metrics_infos())
    });
    store.heal();
    assert_eq!(sealed_numbers(run.url()), (0..8).collect::<Vec<_>>());
    assert_eq!(
        Run::from_url(run.url()).unwrap().metrics().unwrap().len(),
        1
    );
}

fn finished_metrics(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    let mut writer = writer(&run);
    insist(store, || writer.add_batch(numbers(0, 3)));
    insist(store, || writer.flush());
    insist(store, || writer.add_batch(numbers(3, 2)));
    let table = insist(store, || writer.finish());
    drop(writer);
    store.heal();
    assert_eq!(table.len(), 5);
    assert_eq!(sealed_numbers(run.url()), [0, 1, 2, 3, 4]);
    assert_eq!(
        Run::from_url(run.url()).unwrap().metrics().unwrap().len(),
        1
    );
}

fn log(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    for epoch in 0..8 {
        // Its values are taken, whatever it reports.
        let _ = run.log([("epoch", f64::from(epoch)), ("loss", 0.5)]);
        insist(store, || run.flush());
    }
    insist(store, || run.close());
    store.heal();
    let series = Run::from_url(run.url()).unwrap().aggregates().unwrap();
    let expected: Vec<_> = (0..8).map(|epoch| (f64::from(epoch), 0.5)).collect();
    assert_eq!(series[0].points, expected);
}

fn compaction(store: &FaultStore, root: &Url) {
    let run = open_run(store, root);
    let mut writer = writer(&run);
    for first in 0..3 {
        insist(store, || writer.add_batch(numbers(first, 1)));
        insist(store, || writer.flush());
        run.log([("loss", 0.5)]).unwrap_or(());
        insist(store, || run.flush());
    }
    insist(store, || run.compact());
    // Behind what was compacted.
    insist(store, || writer.add_batch(numbers(3, 1)));
    insist(store, || writer.finalize());
    store.heal();
    assert_eq!(sealed_numbers(run.url()), [0, 1, 2, 3]);
    let read = Run::from_url(run.url()).unwrap();
    assert_eq!(read.aggregates().unwrap()[0].points.len(), 3);
}

/// Writes through a store that fails; says how often it did.
fn write_through(write: Write, fault: Fault, when: &When) -> u64 {
    let root = Url::parse("memory://writers/").unwrap();
    let memory = Arc::new(MemoryStore::default());
    let store = Arc::new(FaultStore::new(memory, fault, when));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    write(&store, &root);
    let verified = verify(&root).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    // What failed calls left is found, and nothing else is.
    let at_once = VacuumOptions::new().untouched_for(std::time::Duration::ZERO);
    vacuum(&root, at_once).unwrap().delete().unwrap();
    assert!(verify(&root).unwrap().problems.is_empty());
    store.fired()
}

#[test]
fn whichever_write_of_any_writer_fails_before_or_after_its_effect_nothing_is_lost_or_doubled() {
    for (name, write) in WRITERS {
        for fault in [Fault::Full, Fault::Ambiguous, Fault::Lost] {
            let (mut number, mut sticky) = (1, 0);
            while write_through(write, fault, &When::Once(number)) > 0 {
                sticky += write_through(write, fault, &When::From(number));
                number += 1;
            }
            println!(
                "{name}: {fault:?} at each of {} writes, {sticky} in a row",
                number - 1
            );
            assert!(number > 2, "{name}: only {number} writes were reached");
        }
    }
}

#[test]
fn a_part_that_a_commit_names_is_not_named_again_by_the_call_that_repeats_it() {
    // The commit lands, its answer is lost, and the process cannot look.
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let options = RunOptions::new("p").name("r").root(&root);
    Run::create(options.clone()).unwrap();
    let store = Arc::new(FaultStore::new(
        Arc::new(LocalStore),
        Fault::Lost,
        &When::Once(2),
    ));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::create(options.if_exists(IfExists::Reuse)).unwrap();
    let mut writer = writer(&run);
    writer.add_batch(numbers(0, 40)).unwrap();
    writer.flush().unwrap_err();
    assert_eq!(store.fired(), 1);
    store.heal();
    // Another process goes on in between.
    let other = Run::from_url(run.url()).unwrap();
    other.set_description("in between").unwrap();
    writer.flush().unwrap();
    writer.add_batch(numbers(40, 2)).unwrap();
    writer.finalize().unwrap();
    assert_eq!(sealed_numbers(run.url()), (0..42).collect::<Vec<_>>());
}

#[test]
fn rows_of_a_table_that_were_taken_before_a_failed_publish_are_in_it_after_the_repeated_call() {
    // Rows that do not compress, so that parts are full before the end.
    let row = |number: usize| {
        let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7) as u8;
        let bytes = (0..2_200_000).map(|at| noise(number * 7919 + at));
        Columns::new()
            .column("number", vec![number as i64])
            .column("bytes", vec![bytes.collect::<Vec<u8>>()])
    };
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let store = Arc::new(FaultStore::new(
        Arc::new(LocalStore),
        Fault::Full,
        &When::From(1),
    ));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let mut writer = TableWriter::new(options(&root, IfExists::Raise)).unwrap();
    let mut refused = 0;
    for number in 0..70 {
        let batch = tlc_core::arrow::array::RecordBatch::from(arrow_of(row(number)));
        while let Err(error) = writer.add_batch(&batch) {
            assert!(matches!(error, Error::StorageFull { .. }), "{error}");
            refused += 1;
            store.heal();
        }
    }
    assert!(refused > 0 && store.fired() > 0);
    let table = writer.finalize().unwrap();
    let found = table.column("number").unwrap();
    use tlc_core::arrow::array::AsArray;
    let found = found
        .as_primitive::<tlc_core::arrow::datatypes::Int64Type>()
        .values()
        .to_vec();
    assert_eq!(found, (0..70).collect::<Vec<i64>>());
}

fn arrow_of(columns: Columns) -> tlc_core::arrow::array::StructArray {
    let names: Vec<String> = columns.names().map(str::to_owned).collect();
    let arrays = names.iter().map(|name| {
        let array = Arc::clone(columns.get(name).unwrap());
        let field = tlc_core::arrow::datatypes::Field::new(name, array.data_type().clone(), false);
        (Arc::new(field), array)
    });
    arrays.collect::<Vec<_>>().into()
}

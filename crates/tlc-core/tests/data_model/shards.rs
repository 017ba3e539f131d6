//! Metrics tables that many processes write together.

use super::{roots, table};
use std::ops::Range;
use std::sync::{Arc, Barrier};
use tlc_core::arrow::array::Float32Array;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{Store, mount};
use tlc_core::{
    Columns, Error, IfExists, MetricsOptions, MetricsShard, MetricsTableWriter, Result, Run,
    RunOptions, ShardedMetrics, Status, Table, Url, VacuumOptions, vacuum,
};

fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("project").name("run").root(root)).unwrap()
}

fn begin(run: &Run, table: &Table, about: &str) -> ShardedMetrics {
    let options = MetricsOptions::new()
        .constant("epoch", 3)
        .constant("lr", 0.1_f32);
    ShardedMetrics::begin(run, table, options.stream("losses"), &about).unwrap()
}

fn loss(rows: Range<usize>) -> Columns {
    let losses: Vec<f32> = rows.clone().map(|row| row as f32 / 7.0).collect();
    Columns::new()
        .column("example_id", rows.map(|row| row as i64).collect::<Vec<_>>())
        .column("loss", losses)
}

fn write(metrics: &ShardedMetrics, rows: Range<usize>) -> Result<MetricsShard> {
    let mut writer = metrics.writer(rows.clone(), [])?;
    let middle = rows.start + rows.len() / 2;
    writer.add_batch(loss(rows.start..middle))?;
    writer.add_batch(loss(middle..rows.end))?;
    writer.finish(&rows.len())
}

/// Commits what there is, and says what is wrong with it.
fn refused(metrics: &ShardedMetrics) -> String {
    let committed = metrics.run().change().shards(metrics).commit();
    assert!(metrics.run().metrics().unwrap().is_empty());
    match committed {
        Err(Error::Shards { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

/// Files of the metrics table, by the end of their names.
fn files(metrics: &ShardedMetrics, suffix: &str) -> Vec<Url> {
    let run = metrics.run();
    let folder = run
        .url()
        .join("metrics")
        .unwrap()
        .join(metrics.name())
        .unwrap();
    let entries = run.store().list(&folder).unwrap().into_iter();
    let named = entries.filter(|entry| entry.name.ends_with(suffix));
    named
        .map(|entry| folder.join(&entry.name).unwrap())
        .collect()
}

fn damage(metrics: &ShardedMetrics, url: &Url) {
    let store = metrics.run().store();
    let mut bytes = store.get(url, 1 << 20).unwrap().to_vec();
    bytes[20] ^= 1;
    store.delete(url).unwrap();
    store.put_if_absent(url, bytes.into()).unwrap();
}

#[test]
fn shards_in_any_order_are_the_table_that_one_writer_makes() {
    let (_folder, roots) = roots("shards");
    for root in &roots {
        let (run, table) = (run(root), table(root, 10));
        let metrics = begin(&run, &table, "weights");
        for rows in [7..10, 0..3, 3..7] {
            let elsewhere = Run::from_url(run.url()).unwrap();
            let opened = ShardedMetrics::open(&elsewhere, metrics.name()).unwrap();
            assert_eq!(opened.about::<String>().unwrap(), "weights");
            assert_eq!(opened.table().id(), table.id());
            write(&opened, rows).unwrap();
            assert!(run.metrics().unwrap().is_empty());
        }
        assert!(metrics.committed().unwrap().is_none());
        let mut change = run.change();
        change
            .shards(&metrics)
            .log([("epoch", 3.0)])
            .status(Status::Completed);
        let sharded = change.commit().unwrap().remove(0);

        let options = MetricsOptions::new().run(&run).foreign_table(&table);
        let options = options.constant("epoch", 3).constant("lr", 0.1_f32);
        let mut writer = MetricsTableWriter::new(options.stream("losses")).unwrap();
        writer.add_batch(loss(0..10)).unwrap();
        let written = writer.finish().unwrap();
        assert_eq!(sharded.read().unwrap(), written.read().unwrap());
        assert_eq!(sharded.schema(), written.schema());
        assert_eq!(sharded.info().stream_name, written.info().stream_name);
        assert_eq!(
            sharded.constant("epoch").unwrap(),
            written.constant("epoch").unwrap()
        );
        assert!(sharded.is_about(&table));
        assert_eq!(run.status().unwrap(), Status::Completed);
        let committed = metrics.committed().unwrap();
        assert_eq!(committed.map(|table| table.len()), Some(10));
    }
}

#[test]
fn who_comes_again_with_the_same_plan_finds_what_is_there() {
    let (_folder, roots) = roots("shards-again");
    for root in &roots {
        let (run, table) = (run(root), table(root, 6));
        let first = begin(&run, &table, "weights");
        let shard = write(&first, 0..4).unwrap();
        let again = begin(&Run::from_url(run.url()).unwrap(), &table, "weights");
        assert_eq!(again.name(), first.name());
        assert_eq!([first.was_begun(), again.was_begun()], [false, true]);
        assert_eq!(again.find(&(0..4)).unwrap(), Some(shard));
        assert_eq!(
            again
                .find(&(0..4))
                .unwrap()
                .unwrap()
                .note::<usize>()
                .unwrap(),
            4
        );
        assert_eq!(again.find(&(4..6)).unwrap(), None);
        assert_ne!(begin(&run, &table, "other weights").name(), first.name());
        write(&again, 4..6).unwrap();
        for _ in 0..2 {
            // As after an answer that was lost.
            let tables = run.change().shards(&again).commit().unwrap();
            assert_eq!((tables[0].len(), run.metrics().unwrap().len()), (6, 1));
        }
    }
}

#[test]
fn a_row_in_no_shard_or_in_two_is_no_table() {
    let (_folder, roots) = roots("shards-missing");
    for root in &roots {
        let (run, table) = (run(root), table(root, 6));
        let metrics = begin(&run, &table, "weights");
        assert_eq!(refused(&metrics), "rows 0..6 are in no shard");
        write(&metrics, 2..4).unwrap();
        assert_eq!(refused(&metrics), "rows 0..2 are in no shard");
        write(&metrics, 0..2).unwrap();
        assert_eq!(refused(&metrics), "rows 4..6 are in no shard");
        write(&metrics, 3..6).unwrap();
        assert_eq!(refused(&metrics), "rows 3..4 are in two shards");
    }
}

#[test]
fn a_shard_has_its_rows_all_of_them_and_in_order() {
    let (_folder, roots) = roots("shards-rows");
    for root in &roots {
        let (run, table) = (run(root), table(root, 6));
        let metrics = begin(&run, &table, "weights");
        let past = metrics.writer(4..7, []).map(drop);
        assert!(matches!(past, Err(Error::RowOutOfRange { row: 6, .. })));
        let mut writer = metrics.writer(1..5, []).unwrap();
        for (rows, found) in [(0..2, "0"), (2..3, "2"), (1..6, "5")] {
            match writer.add_batch(loss(rows)) {
                Err(Error::Batch { column, value, .. }) => {
                    assert_eq!(
                        (column.as_str(), value.as_deref()),
                        ("example_id", Some(found))
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        writer.add_batch(loss(1..4)).unwrap();
        let short = writer.finish(&()).map(drop);
        assert!(matches!(short, Err(Error::Shards { .. })), "{short:?}");
        writer.add_batch(loss(4..5)).unwrap();
        assert_eq!(writer.finish(&()).unwrap().rows(), 1..5);
    }
}

#[test]
fn a_damaged_shard_is_none_and_is_written_again() {
    let (_folder, roots) = roots("shards-damage");
    for root in &roots {
        let (run, table) = (run(root), table(root, 4));
        let metrics = begin(&run, &table, "weights");
        write(&metrics, 0..2).unwrap();
        write(&metrics, 2..4).unwrap();
        let damaged = |suffix: &str, place: usize, rows: Range<usize>| {
            damage(&metrics, &files(&metrics, suffix)[place]);
            assert_eq!(metrics.find(&rows).unwrap(), None, "{suffix}");
            write(&metrics, rows.clone()).unwrap();
            assert!(metrics.find(&rows).unwrap().is_some(), "{suffix}");
        };
        damaged("-0.json", 0, 0..2);
        damaged("-1.json", 0, 0..2);
        damaged(".parquet", 1, 2..4);
        let table = run.change().shards(&metrics).commit().unwrap().remove(0);
        assert_eq!(table.len(), 4);
        table.read().unwrap();
    }
}

#[test]
fn of_two_who_write_a_shard_one_does() {
    let (_folder, roots) = roots("shards-race");
    for root in &roots {
        let (run, table) = (run(root), table(root, 4));
        let metrics = begin(&run, &table, "weights");
        let (begun, ready) = (Barrier::new(8), Barrier::new(8));
        let shards: Vec<MetricsShard> = std::thread::scope(|threads| {
            let write = |_| {
                threads.spawn(|| {
                    let run = Run::from_url(run.url()).unwrap();
                    let metrics = ShardedMetrics::open(&run, metrics.name()).unwrap();
                    begun.wait();
                    let mut writer = metrics.writer(0..4, []).unwrap();
                    writer.add_batch(loss(0..4)).unwrap();
                    ready.wait();
                    writer.finish(&()).unwrap()
                })
            };
            let writers: Vec<_> = (0..8).map(write).collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .collect()
        });
        assert!(shards.iter().all(|shard| *shard == shards[0]));
        assert_eq!(
            (
                files(&metrics, ".parquet").len(),
                files(&metrics, "-0.json").len()
            ),
            (1, 1)
        );
        assert_eq!(files(&metrics, ".json").len(), 2);
        assert_eq!(run.change().shards(&metrics).commit().unwrap()[0].len(), 4);
    }
}

#[test]
fn more_parts_than_a_commit_names_become_visible_at_once() {
    let root = Url::parse("memory://shards-many").unwrap();
    let rows = 4_500;
    let (run, table) = (run(&root), table(&root, rows));
    let metrics = begin(&run, &table, "weights");
    for row in 0..rows {
        let mut writer = metrics.writer(row..row + 1, []).unwrap();
        writer.add_batch(loss(row..row + 1)).unwrap();
        writer.finish(&()).unwrap();
    }
    let written = run.change().shards(&metrics).commit().unwrap().remove(0);
    assert!(run.commits() <= 5, "{}", run.commits());
    let expected: Vec<f32> = (0..rows).map(|row| row as f32 / 7.0).collect();
    let found = written.column("loss").unwrap();
    assert_eq!(*found, Float32Array::from(expected));
}

#[test]
fn a_run_that_was_overwritten_takes_no_shards() {
    let (_folder, roots) = roots("shards-overwritten");
    for root in &roots {
        let (old, table) = (run(root), table(root, 2));
        let metrics = begin(&old, &table, "weights");
        let options = RunOptions::new("project").name("run").root(root);
        let new = Run::create(options.if_exists(IfExists::Overwrite)).unwrap();
        assert!(matches!(write(&metrics, 0..2), Err(Error::Conflict { .. })));
        let opened = ShardedMetrics::open(&new, metrics.name());
        assert!(matches!(opened, Err(Error::Conflict { .. })), "{opened:?}");
        let changed = new.change().shards(&metrics).commit();
        assert!(
            matches!(changed, Err(Error::NoSuchMetrics { .. })),
            "{changed:?}"
        );
    }
}

#[test]
fn a_constant_that_no_plan_can_say_is_refused() {
    let (_folder, roots) = roots("shards-constants");
    for root in &roots {
        let (run, table) = (run(root), table(root, 2));
        let options = MetricsOptions::new().constant("threshold", f32::NAN);
        let begun = ShardedMetrics::begin(&run, &table, options, &());
        assert!(matches!(&begun, Err(Error::Column { column, .. }) if column == "threshold"));
    }
}

#[test]
fn vacuum_takes_what_shards_leave_behind() {
    let (_folder, roots) = roots("shards-vacuum");
    for root in &roots {
        let (run, table) = (run(root), table(root, 4));
        let metrics = begin(&run, &table, "weights");
        write(&metrics, 0..4).unwrap();
        damage(&metrics, &files(&metrics, ".parquet")[0]);
        write(&metrics, 0..4).unwrap();
        run.change().shards(&metrics).commit().unwrap();
        let url = run.url().clone();
        drop((metrics, run));
        let options = VacuumOptions::new().untouched_for(std::time::Duration::ZERO);
        let found = vacuum(root, options).unwrap();
        let mut names: Vec<_> = found.files().iter().map(|file| file.url.name()).collect();
        names.sort_unstable_by_key(|name| name.len());
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(names[0], "plan.json");
        found.delete().unwrap();
        let run = Run::from_url(url).unwrap();
        assert_eq!(run.metrics().unwrap()[0].read().unwrap().num_rows(), 4);
    }
}

/// Repeats a call until it succeeds, as a caller may; the store heals after the third failure.
fn insist<T>(store: &FaultStore, mut call: impl FnMut() -> Result<T>) -> T {
    for _ in 0..4 {
        match call() {
            Ok(done) => return done,
            Err(Error::StorageFull { .. } | Error::Io { .. }) if store.fired() >= 3 => store.heal(),
            Err(Error::StorageFull { .. } | Error::Io { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    call().unwrap()
}

/// Writes two shards and commits them through a store that fails; says how often it did.
fn write_through(fault: Fault, when: &When) -> u64 {
    let name = format!("memory://shards-{fault:?}-{when:?}").replace(['(', ')'], "-");
    let root = Url::parse(&name.to_lowercase()).unwrap();
    let (run, table) = (run(&root), table(&root, 4));
    let store = Arc::new(FaultStore::new(Arc::clone(run.store()), fault, when));
    let _mount = mount(run.url(), Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(run.url()).unwrap();
    let about = "weights";
    let metrics = insist(&store, || {
        ShardedMetrics::begin(&run, &table, MetricsOptions::new(), &about)
    });
    for rows in [0..2, 2..4] {
        let mut writer = insist(&store, || metrics.writer(rows.clone(), []));
        insist(&store, || writer.add_batch(loss(rows.clone())));
        insist(&store, || writer.finish(&()));
    }
    let mut change = run.change();
    change.shards(&metrics);
    let tables = insist(&store, || change.commit());
    assert_eq!((tables[0].len(), run.metrics().unwrap().len()), (4, 1));
    let losses = tables[0].column("loss").unwrap();
    assert_eq!(Some(&losses), loss(0..4).get("loss"), "{fault:?} {when:?}");
    assert_eq!(files(&metrics, ".parquet").len(), 2, "{fault:?} {when:?}");
    store.fired()
}

#[test]
fn a_write_that_fails_anywhere_can_be_repeated_and_loses_or_doubles_nothing() {
    for fault in [Fault::Full, Fault::Ambiguous] {
        let mut number = 1;
        while write_through(fault, &When::Once(number)) > 0 {
            write_through(fault, &When::From(number));
            number += 1;
        }
        // A plan, two parts, two receipts, a commit.
        assert!(number > 6, "only {number} writes were reached");
    }
}

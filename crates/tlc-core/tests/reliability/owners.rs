//! A name has another owner than a handle thinks.

use super::{numbers, sealed_numbers, writer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tlc_core::{
    AddMetrics, Columns, Error, IfExists, MetricsTableWriter, Result, Run, RunOptions, Status, Url,
};

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p").name("r").root(root)
}

/// Every file below a folder with its content.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files.extend(tree(&path)),
            path => drop(files.insert(path.clone(), std::fs::read(path).unwrap())),
        }
    }
    files
}

type Call = fn(&Run, &mut MetricsTableWriter) -> Result<()>;

const CALLS: [(&str, Call); 11] = [
    ("refresh", |run, _| run.refresh()),
    ("flush rows", |_, writer| writer.flush()),
    ("finalize", |_, writer| writer.finalize().map(drop)),
    ("update_metrics", |run, writer| {
        run.update_metrics(&writer.get_written_metrics_infos())
    }),
    ("add_metrics", |run, _| {
        let values = Columns::new().column("x", vec![1.0_f32]);
        run.add_metrics(values, AddMetrics::new()).map(drop)
    }),
    ("flush values", |run, _| run.flush()),
    ("set_status", |run, _| run.set_status(Status::Completed)),
    ("set_parameters", |run, _| run.set_parameters([("x", 1)])),
    ("set_description", |run, _| run.set_description("mine")),
    ("compact", |run, _| run.compact().map(drop)),
    ("close", |run, _| run.close()),
];

#[test]
fn a_handle_to_a_run_that_another_has_overwritten_gets_a_conflict_and_writes_nothing() {
    for (name, call) in CALLS {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        let stale = Run::create(options(&root)).unwrap();
        let mut stale_writer = writer(&stale);
        stale_writer.add_batch(numbers(0, 2)).unwrap();
        stale_writer.flush().unwrap();
        stale_writer.add_batch(numbers(2, 2)).unwrap();
        stale.log([("loss", 0.5)]).unwrap();

        let new = Run::create(options(&root).if_exists(IfExists::Overwrite)).unwrap();
        let mut new_writer = writer(&new);
        new_writer.add_batch(numbers(100, 1)).unwrap();
        new_writer.finalize().unwrap();
        new.set_status(Status::Failed).unwrap();

        let before = tree(folder.path());
        for _ in 0..2 {
            match call(&stale, &mut stale_writer) {
                Err(Error::Conflict { latest, .. }) => assert_eq!(latest, new.id(), "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        assert!(before == tree(folder.path()), "{name} wrote something");
        assert_eq!(sealed_numbers(new.url()), [100], "{name}");
        let read = Run::from_url(new.url()).unwrap();
        assert_eq!(read.status().unwrap(), Status::Failed, "{name}");
        assert!(read.aggregates().unwrap().is_empty(), "{name}");
        // What the stale handle has read stays what it was.
        assert_eq!(stale.unfinished_metrics().unwrap()[0].len(), 2, "{name}");
    }
}

#[test]
fn a_writer_with_nothing_left_to_seal_hears_of_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let stale = Run::create(options(&root)).unwrap();
    let mut sealed = writer(&stale);
    sealed.add_batch(numbers(0, 2)).unwrap();
    sealed.flush().unwrap();
    Run::create(options(&root).if_exists(IfExists::Overwrite)).unwrap();
    let finalized = sealed.finalize();
    assert!(
        matches!(finalized, Err(Error::Conflict { .. })),
        "{finalized:?}"
    );
    let changed = stale.change().metrics(&mut sealed).commit();
    assert!(
        matches!(changed, Err(Error::Conflict { .. })),
        "{changed:?}"
    );
}

#[test]
fn a_handle_does_not_change_a_status_that_another_has_set_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    let other = Run::from_url(run.url()).unwrap();
    run.set_status(Status::Running).unwrap();
    other.set_status(Status::Failed).unwrap();
    run.close().unwrap();
    assert_eq!(
        Run::from_url(run.url()).unwrap().status().unwrap(),
        Status::Failed
    );
    // The same status again is compared with what it is, not with what it was.
    run.set_status(Status::Running).unwrap();
    other.set_status(Status::Failed).unwrap();
    run.set_status(Status::Running).unwrap();
    assert_eq!(
        Run::from_url(run.url()).unwrap().status().unwrap(),
        Status::Running
    );
}

#[test]
fn metrics_that_another_handle_wrote_are_registered() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    let mut writer = writer(&Run::from_url(run.url()).unwrap());
    writer.add_batch(numbers(0, 2)).unwrap();
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    assert_eq!(run.metrics().unwrap().len(), 1);
}

#[test]
fn a_run_that_is_reused_takes_the_parameters_and_the_description_that_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    Run::create(options(&root).parameter("a", 1).parameter("b", 1)).unwrap();
    let again = options(&root).parameter("b", 2).description("second");
    Run::create(again.if_exists(IfExists::Reuse)).unwrap();
    Run::create(options(&root).if_exists(IfExists::Reuse)).unwrap();
    let read = Run::from_url(root.join("p/runs/r").unwrap()).unwrap();
    assert_eq!(read.parameters()["a"], 1);
    assert_eq!(read.parameters()["b"], 2);
    assert_eq!(read.description(), "second");
}

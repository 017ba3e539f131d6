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

#[test]
fn a_handle_to_a_run_that_was_deleted_does_not_write_into_the_next_of_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    for commits in [0, 6, 7, 8, 100] {
        let first = Run::create(options(&root).if_exists(IfExists::Raise)).unwrap();
        for number in 0..commits {
            first.set_parameters([("n", number)]).unwrap();
        }
        let old = Run::from_url(first.url()).unwrap();
        drop(first);
        tlc_core::delete(old.url()).unwrap();
        let new = Run::create(options(&root).if_exists(IfExists::Raise)).unwrap();
        for number in 0..=commits {
            new.set_parameters([("new", number)]).unwrap();
        }
        let before = tree(folder.path());
        for (name, call) in CALLS.iter().filter(|(name, _)| name.starts_with("set_")) {
            let written = call(&old, &mut writer(&old));
            assert!(written.is_err(), "{commits}: {name}");
        }
        assert!(before == tree(folder.path()), "{commits}");
        new.set_parameters([("last", 1)]).unwrap();
        let read = Run::from_url(new.url()).unwrap();
        assert_eq!(
            (read.id(), &read.parameters()["last"]),
            (new.id(), &1.into())
        );
        drop((new, read));
        tlc_core::delete(old.url()).unwrap();
        assert!(!folder.path().join("p/runs/r").exists(), "{commits}");
    }
}

#[test]
fn a_handle_to_a_deleted_run_gets_a_conflict_however_many_commits_the_next_of_that_name_has() {
    for commits in [0, 1, 5, 100] {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        let first = Run::create(options(&root).if_exists(IfExists::Raise)).unwrap();
        first.set_parameters([("first", 1)]).unwrap();
        let old = Run::from_url(first.url()).unwrap();
        drop(first);
        tlc_core::delete(old.url()).unwrap();
        let new = Run::create(options(&root).if_exists(IfExists::Raise)).unwrap();
        for number in 0..2 + commits {
            new.set_parameters([("new", number)]).unwrap();
        }
        let refused = [old.refresh(), old.set_description("old"), old.close()];
        for refused in refused {
            match refused {
                Err(Error::Conflict { latest, .. }) => assert_eq!(latest, new.id()),
                other => panic!("{commits}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_writer_does_not_overwrite_the_table_that_took_the_name_of_a_deleted_one() {
    #[derive(serde::Serialize)]
    struct Row {
        number: i64,
    }
    use tlc_core::{Table, TableOptions, TableWriter, delete};
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let options = |if_exists| {
        TableOptions::new("p", "d", "t")
            .root(&root)
            .if_exists(if_exists)
    };
    let create = |rows: &[Row]| {
        Table::create(options(IfExists::Raise), |writer| writer.add_rows(rows)).unwrap()
    };
    let first = create(&[Row { number: 1 }]);
    let mut late = TableWriter::new(options(IfExists::Overwrite)).unwrap();
    late.add_rows(&[Row { number: 2 }]).unwrap();
    delete(first.url()).unwrap();
    let second = create(&[Row { number: 3 }, Row { number: 4 }]);
    match late.finalize() {
        Err(Error::Conflict { latest, .. }) => assert_eq!(latest, second.id()),
        other => panic!("{other:?}"),
    }
    drop(late);
    assert_eq!(
        Table::from_url(second.url())
            .unwrap()
            .column("number")
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn without_liveness_a_handle_to_a_deleted_run_writes_nothing_either() {
    let root = Url::parse("memory://owners-mute/").unwrap();
    let _mount = tlc_core::storage::mount(&root, std::sync::Arc::new(Mute::default()));
    let old = Run::create(options(&root)).unwrap();
    tlc_core::delete(old.url()).unwrap();
    assert!(old.set_description("gone").is_err());
    let new = Run::create(options(&root).if_exists(IfExists::Raise)).unwrap();
    for _ in 0..3 {
        assert!(old.set_description("into the next").is_err());
        new.set_parameters([("n", 1)]).unwrap();
    }
    assert_eq!(Run::from_url(new.url()).unwrap().id(), new.id());
}

#[test]
fn a_commit_does_not_outlast_the_one_of_another_that_it_follows() {
    let root = Url::parse("memory://owners-settled/").unwrap();
    let store = std::sync::Arc::new(Mute::default());
    let _mount = tlc_core::storage::mount(&root, store.clone());
    let one = Run::create(options(&root)).unwrap();
    let two = Run::from_url(one.url()).unwrap();
    let told = |write: &dyn Fn()| {
        store.1.lock().unwrap().clear();
        write();
        store.1.lock().unwrap().clone()
    };
    // What another has written may still be on its way to the disk.
    assert_eq!(told(&|| one.set_description("a").unwrap()), ["put 1"]);
    assert_eq!(
        told(&|| two.set_description("b").unwrap()),
        ["settle", "put 2"]
    );
    assert_eq!(told(&|| two.set_description("c").unwrap()), ["put 3"]);
    assert_eq!(
        told(&|| one.set_description("d").unwrap()),
        ["settle", "put 4"]
    );
    let table = |text: &str| {
        let options = tlc_core::TableOptions::new("p", "d", "t").root(&root);
        let options = options.description(text).if_exists(IfExists::Overwrite);
        let row = BTreeMap::from([("number", 1)]);
        tlc_core::Table::create(options, |writer| writer.add_row(&row)).unwrap();
    };
    assert_eq!(told(&|| table("a")), ["put 0"]);
    assert_eq!(told(&|| table("b")), ["settle", "put 1"]);
}

/// A store that cannot tell who is at work; it notes what becomes of commits.
#[derive(Debug, Default)]
struct Mute(
    tlc_core::storage::MemoryStore,
    std::sync::Mutex<Vec<String>>,
);

impl tlc_core::storage::Store for Mute {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<bytes::Bytes> {
        self.0.get(url, limit_bytes)
    }

    fn get_range(&self, url: &Url, range: std::ops::Range<u64>, len: u64) -> Result<bytes::Bytes> {
        self.0.get_range(url, range, len)
    }

    fn stat(&self, url: &Url) -> Result<tlc_core::storage::Stat> {
        self.0.stat(url)
    }

    fn list(&self, folder: &Url) -> Result<Vec<tlc_core::storage::Entry>> {
        self.0.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: bytes::Bytes) -> Result<()> {
        if let Ok(number) = url.name().replace(".json", "").parse::<u64>() {
            self.1.lock().unwrap().push(format!("put {number}"));
        }
        self.0.put_if_absent(url, bytes)
    }

    fn settle(&self, folder: &Url) -> Result<()> {
        assert_eq!(folder.name(), "commits");
        self.1.lock().unwrap().push("settle".to_owned());
        Ok(())
    }

    fn delete(&self, url: &Url) -> Result<()> {
        self.0.delete(url)
    }
}

#[test]
fn a_handle_far_behind_hears_that_its_run_is_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let behind = Run::create(options(&root)).unwrap();
    let url = behind.url().clone();
    let other = Run::from_url(&url).unwrap();
    for number in 0..100 {
        other.set_parameters([("n", number)]).unwrap();
    }
    // The last commit of a deletion, and nothing of it yet.
    let commits = folder.path().join("p/runs/r/commits");
    let last = std::fs::read_to_string(commits.join(format!("{:020}.json", 100))).unwrap();
    let (line, seal) = last.trim_end().split_once('\n').unwrap();
    let mut commit: serde_json::Value = serde_json::from_str(line).unwrap();
    let seal: serde_json::Value = serde_json::from_str(seal).unwrap();
    commit["number"] = 101.into();
    commit["previous"] = seal["crc32c"].clone();
    commit["actions"] = serde_json::json!([{"action": "delete"}]);
    let line = format!("{commit}\n");
    let sealed = format!(
        "{line}{{\"crc32c\":\"{:08x}\"}}\n",
        crc32c::crc32c(line.as_bytes())
    );
    std::fs::write(commits.join(format!("{:020}.json", 101)), sealed).unwrap();
    let refused = behind.set_description("gone");
    assert!(
        matches!(refused, Err(Error::Conflict { .. })),
        "{refused:?}"
    );
    let near = other.set_description("gone");
    assert!(matches!(near, Err(Error::Conflict { .. })), "{near:?}");
}

#[test]
fn who_waits_for_a_lock_that_is_deleted_meanwhile_is_seen_to_hold_it_all_the_same() {
    use tlc_core::storage::{Liveness, LocalStore};
    let folder = tempfile::tempdir().unwrap();
    let lock = Url::from_path(&folder.path().join("r/lock")).unwrap();
    let alone = LocalStore.hold_alone(&lock).unwrap().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| LocalStore.hold(&lock).unwrap());
        // By then it has the file open and waits for the lock.
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::fs::remove_file(lock.to_path().unwrap()).unwrap();
        drop(alone);
        let held = waiting.join().unwrap();
        assert!(LocalStore.is_held(&lock).unwrap());
        assert!(LocalStore.hold_alone(&lock).unwrap().is_none());
        drop(held);
        assert!(!LocalStore.is_held(&lock).unwrap());
    });
}

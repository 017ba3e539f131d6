//! A deletion that was cut off, or that others come across.

use super::upkeep::{files, project, root};
use super::{numbers, writer};
use std::path::{Path, PathBuf};
use tlc_core::{
    Column, Error, IfExists, Run, RunOptions, Table, TableOptions, TableWriter, Url, ValueType,
    delete, verify,
};

const ALL: [IfExists; 4] = [
    IfExists::Raise,
    IfExists::Reuse,
    IfExists::Overwrite,
    IfExists::Rename,
];

#[derive(serde::Serialize)]
struct Row {
    number: i64,
}

fn run_options(root: &Url) -> RunOptions {
    RunOptions::new("p").name("r").root(root)
}

fn table_options(root: &Url) -> TableOptions {
    TableOptions::new("p", "d", "t").root(root)
}

fn commit(place: &Url, number: u64) -> PathBuf {
    let file = format!("commits/{number:020}.json");
    place.to_path().unwrap().join(file)
}

/// Deletes by a process that dies when so many commits are gone; gives the number of those
/// that there were, but for the last, which says that it is no more.
fn die_deleting(root: &Url, place: &Url, gone: u64) -> u64 {
    let before = files(&place.to_path().unwrap().join("commits")).len() as u64;
    let store = std::sync::Arc::new(FailingDelete::default());
    let mount = tlc_core::storage::mount(root, store);
    let failed = delete(place).unwrap_err();
    assert!(matches!(failed, Error::Io { .. }), "{failed}");
    drop(mount);
    let _ = std::fs::remove_dir_all(place.to_path().unwrap().join("checkpoints"));
    for number in 0..gone {
        std::fs::remove_file(commit(place, number)).unwrap();
    }
    before
}

#[test]
fn what_is_left_of_a_deleted_run_has_its_name_until_delete_is_repeated() {
    for (commits, gone) in [(1, 0), (1, 1), (2, 1), (2, 2), (12, 1), (12, 12)] {
        let folder = tempfile::tempdir().unwrap();
        let root = root(&folder);
        let run = Run::create(run_options(&root)).unwrap();
        for number in 1..commits {
            run.set_parameters([("n", number)]).unwrap();
        }
        let url = run.url().clone();
        drop(run);
        assert_eq!(die_deleting(&root, &url, gone), commits);
        let before = files(&url.to_path().unwrap());
        for how in ALL {
            let created = Run::create(run_options(&root).if_exists(how));
            match how {
                IfExists::Rename => assert_ne!(created.unwrap().url(), &url),
                _ => assert!(
                    matches!(created, Err(Error::AlreadyExists { .. })),
                    "{gone} of {commits}, {how:?}: {created:?}"
                ),
            }
        }
        assert_eq!(files(&url.to_path().unwrap()), before);
        delete(&url).unwrap();
        assert!(!url.to_path().unwrap().exists());
        let run = Run::create(run_options(&root).if_exists(IfExists::Raise)).unwrap();
        run.set_parameters([("n", 7)]).unwrap();
        assert_eq!(Run::from_url(&url).unwrap().parameters()["n"], 7);
        assert!(verify(&root).unwrap().problems.is_empty());
    }
}

#[test]
fn a_run_that_has_lost_its_first_commit_is_not_begun_again() {
    for commits in [2, 12] {
        let folder = tempfile::tempdir().unwrap();
        let root = root(&folder);
        let run = Run::create(run_options(&root)).unwrap();
        for number in 1..commits {
            run.set_parameters([("n", number)]).unwrap();
        }
        std::fs::remove_file(commit(run.url(), 0)).unwrap();
        let created = Run::create(run_options(&root).if_exists(IfExists::Raise));
        assert!(
            matches!(created, Err(Error::AlreadyExists { .. })),
            "{created:?}"
        );
        assert!(!commit(run.url(), 0).exists());
        // Of a longer one a checkpoint stays, should all commits be gone.
        if commits > 8 {
            std::fs::remove_dir_all(run.url().to_path().unwrap().join("commits")).unwrap();
            let created = Run::create(run_options(&root).if_exists(IfExists::Raise));
            assert!(
                matches!(created, Err(Error::AlreadyExists { .. })),
                "{created:?}"
            );
        }
    }
}

#[test]
fn a_table_that_is_accepted_is_there_whatever_was_left_of_another_of_its_name() {
    for (rows, gone) in [(0, 0), (0, 1), (3, 0), (3, 1)] {
        for how in ALL {
            let folder = tempfile::tempdir().unwrap();
            let root = root(&folder);
            let column = Column::new("number", ValueType::Int64);
            let options = table_options(&root).column(column).if_exists(how);
            let mut late = TableWriter::new(options).unwrap();
            let other = Table::create(table_options(&root), |writer| {
                writer.add_rows(&[Row { number: 9 }])
            });
            let url = other.unwrap().url().clone();
            die_deleting(&root, &url, gone);
            let numbers: Vec<_> = (0..rows).map(|number| Row { number }).collect();
            late.add_rows(&numbers).unwrap();
            match (how, late.finalize()) {
                (IfExists::Rename, Ok(table)) => {
                    assert_ne!(table.url(), &url);
                    let read = Table::from_url(table.url()).unwrap();
                    assert_eq!(read.column("number").unwrap().len() as i64, rows);
                }
                (IfExists::Overwrite, Err(Error::Conflict { latest, .. })) => {
                    assert_eq!(latest, "deleted");
                }
                (IfExists::Raise | IfExists::Reuse, Err(Error::AlreadyExists { .. })) => {}
                (_, other) => panic!("{rows} rows, {gone} gone, {how:?}: {other:?}"),
            }
            drop(late);
            delete(&url).unwrap();
            assert!(!url.to_path().unwrap().exists());
            let table = Table::create(table_options(&root).if_exists(how), |writer| {
                writer.add_rows(&[Row { number: 1 }])
            });
            assert_eq!(table.unwrap().url(), &url);
            assert!(verify(&root).unwrap().problems.is_empty());
        }
    }
}

#[test]
fn what_is_left_of_a_deleted_table_has_its_name_until_delete_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let create = |how| {
        Table::create(table_options(&root).if_exists(how), |writer| {
            writer.add_rows(&[Row { number: 1 }])
        })
    };
    let url = create(IfExists::Raise).unwrap().url().clone();
    die_deleting(&root, &url, 1);
    for how in [IfExists::Raise, IfExists::Reuse, IfExists::Overwrite] {
        let created = create(how);
        assert!(
            matches!(created, Err(Error::AlreadyExists { .. })),
            "{how:?}: {created:?}"
        );
    }
    delete(&url).unwrap();
    assert_eq!(create(IfExists::Reuse).unwrap().url(), &url);
}

#[test]
fn whoever_comes_while_something_is_deleted_finds_it_whole_or_not_at_all() {
    for round in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let root = root(&folder);
        let run = Run::create(run_options(&root)).unwrap();
        let commits = [1, 3, 12][round % 3];
        for number in 1..commits {
            run.set_parameters([("n", number)]).unwrap();
        }
        for number in 0..10 {
            let mut metrics = writer(&run);
            metrics.add_batch(numbers(number, 1)).unwrap();
            metrics.finalize().unwrap();
        }
        let run_url = run.url().clone();
        drop(run);
        for _ in 0..commits {
            let options = table_options(&root).if_exists(IfExists::Overwrite);
            Table::create(options, |writer| writer.add_rows(&[Row { number: 1 }])).unwrap();
        }
        let table = root.join("p/datasets/d/tables/t").unwrap();
        std::thread::scope(|scope| {
            let deleting = scope.spawn(|| {
                for place in [&run_url, &table] {
                    // Who looks whether anybody is at work has the lock for a moment.
                    for attempt in 0.. {
                        match delete(place) {
                            Ok(()) => break,
                            Err(Error::InUse { .. }) if attempt < 1000 => {}
                            other => panic!("{other:?}"),
                        }
                        std::thread::sleep(std::time::Duration::from_millis(1));
                    }
                }
            });
            while !deleting.is_finished() {
                let read = [
                    Run::from_url(&run_url).map(drop),
                    Table::from_url(&table).map(drop),
                ];
                for read in read {
                    let is_known = matches!(read, Ok(()) | Err(Error::NotFound { .. }));
                    assert!(is_known, "{read:?}");
                }
                let problems = verify(&root).map_or_else(|_| Vec::new(), |found| found.problems);
                assert!(problems.is_empty(), "{problems:?}");
                let options = tlc_core::VacuumOptions::new().old_contents(true);
                if let Ok(found) = tlc_core::vacuum(&root, options) {
                    assert!(found.problems().is_empty(), "{:?}", found.problems());
                }
            }
        });
        assert!(files(folder.path()).is_empty());
    }
}

#[test]
fn whoever_creates_what_others_delete_gets_it_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _deleting = scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                for place in ["p/runs/r", "p/datasets/d/tables/t"] {
                    let _ = delete(&root.join(place).unwrap());
                }
            }
        });
        for round in 0..150 {
            let how = [IfExists::Reuse, IfExists::Overwrite][round % 2];
            let run = Run::create(run_options(&root).if_exists(how));
            let table = Table::create(table_options(&root).if_exists(how), |writer| {
                writer.add_rows(&[Row { number: 1 }])
            });
            let is_expected = table.is_ok() || matches!(table, Err(Error::Conflict { .. }));
            done.store(
                run.is_err() || !is_expected || round == 149,
                std::sync::atomic::Ordering::Relaxed,
            );
            run.unwrap();
            assert!(is_expected, "{table:?}");
        }
    });
}

#[test]
fn a_deletion_that_was_cut_short_shows_nothing_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(&folder);
    let url = project(&root);
    let run = url.to_path().unwrap();
    let whole: Vec<_> = files(&run)
        .into_iter()
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect();
    // The last commit says that the run is no more; a crash leaves it and some others.
    let numbers = files(&run.join("commits")).len();
    delete(&url).unwrap();
    let tomb = format!("commits/{numbers:020}.json");
    for (file, bytes) in &whole {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let again = Run::from_url(&url).unwrap();
    assert_eq!(again.metrics().unwrap().len(), 1);
    drop(again);
    // Delete by a process that cannot delete files: only the last commit is written.
    let commits = run.join("commits");
    let store = FailingDelete::default();
    let _mount = tlc_core::storage::mount(&root, std::sync::Arc::new(store));
    let failed = delete(&url).unwrap_err();
    assert!(matches!(failed, Error::Io { .. }), "{failed}");
    drop(_mount);
    assert!(run.join(&tomb).exists());
    assert!(matches!(Run::from_url(&url), Err(Error::NotFound { .. })));
    for file in files(&commits) {
        if !file.ends_with(Path::new(&tomb).file_name().unwrap()) {
            std::fs::remove_file(file).unwrap();
            assert!(matches!(Run::from_url(&url), Err(Error::NotFound { .. })));
        }
    }
    delete(&url).unwrap();
    assert!(!run.exists());
}

/// A local disk on which nothing can be deleted.
#[derive(Debug, Default)]
struct FailingDelete {
    local: tlc_core::storage::LocalStore,
}

impl tlc_core::storage::Store for FailingDelete {
    fn get(&self, url: &Url, limit_bytes: u64) -> tlc_core::Result<bytes::Bytes> {
        self.local.get(url, limit_bytes)
    }

    fn get_range(
        &self,
        url: &Url,
        range: std::ops::Range<u64>,
        len_bytes: u64,
    ) -> tlc_core::Result<bytes::Bytes> {
        self.local.get_range(url, range, len_bytes)
    }

    fn stat(&self, url: &Url) -> tlc_core::Result<tlc_core::storage::Stat> {
        self.local.stat(url)
    }

    fn list(&self, folder: &Url) -> tlc_core::Result<Vec<tlc_core::storage::Entry>> {
        self.local.list(folder)
    }

    fn put_if_absent(&self, url: &Url, bytes: bytes::Bytes) -> tlc_core::Result<()> {
        self.local.put_if_absent(url, bytes)
    }

    fn delete(&self, url: &Url) -> tlc_core::Result<()> {
        Err(Error::Io {
            url: url.clone(),
            source: std::io::ErrorKind::ReadOnlyFilesystem.into(),
        })
    }

    fn liveness(&self) -> Option<&dyn tlc_core::storage::Liveness> {
        self.local.liveness()
    }
}

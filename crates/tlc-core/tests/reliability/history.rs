//! A run with a long history.

use super::{numbers, sealed_numbers, writer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlc_core::storage::testing::CountingStore;
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{Error, Run, RunOptions, Status, Url};

fn options(root: &Url) -> RunOptions {
    RunOptions::new("p").name("r").root(root)
}

/// A run with so many commits, on disk.
fn on_disk(folder: &Path, commits: i64) -> Url {
    let run = Run::create(options(&Url::from_path(folder).unwrap())).unwrap();
    for commit in 1..commits {
        run.set_parameters([("commit", commit)]).unwrap();
    }
    run.url().clone()
}

fn commit(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("p/runs/r/commits/{number:020}.json"))
}

fn checkpoints(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("p/runs/r/checkpoints")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn opening_and_refreshing_ask_for_few_files_however_many_commits_there_are() {
    let root = Url::parse("memory://history-requests/").unwrap();
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::create(options(&root)).unwrap();
    let (mut most_to_open, mut most_waits, mut most_to_refresh, mut writes) = (0, 0, 0, 0);
    for number in 1..=5000_u64 {
        run.set_parameters([("commit", number)]).unwrap();
        writes += store.take_writes();
        if number % 37 == 0 || number % 128 <= 1 {
            store.take_reads();
            store.take_waits();
            let opened = Run::from_url(run.url()).unwrap();
            most_waits = most_waits.max(store.take_waits());
            most_to_open = most_to_open.max(store.take_reads());
            opened.refresh().unwrap();
            most_to_refresh = most_to_refresh.max(store.take_reads());
            assert_eq!(opened.parameters()["commit"], number);
        }
    }
    println!(
        "at most {most_to_open} requests to open, for which it waits {most_waits} times, \
         {most_to_refresh} to refresh, {writes} writes"
    );
    assert!(most_to_open <= 20, "{most_to_open}");
    assert!(most_waits <= 3, "{most_waits}");
    assert!(most_to_refresh <= 2, "{most_to_refresh}");
    assert!(writes <= 5000 * 3 / 2, "{writes}");
}

#[test]
fn a_reader_that_is_far_behind_catches_up_by_few_requests() {
    let root = Url::parse("memory://history-behind/").unwrap();
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::default())));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::create(options(&root)).unwrap();
    let behind = Run::from_url(run.url()).unwrap();
    for number in 1..=1000 {
        run.set_parameters([("commit", number)]).unwrap();
    }
    store.take_reads();
    behind.refresh().unwrap();
    assert!(store.take_reads() <= 100);
    assert_eq!(behind.parameters()["commit"], 1000);
    behind.set_status(Status::Running).unwrap();
    run.refresh().unwrap();
    assert_eq!(run.status().unwrap(), Status::Running);
}

#[test]
fn checkpoints_are_never_needed_whatever_becomes_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let url = on_disk(folder.path(), 300);
    let number = |url: &Url| Run::from_url(url).unwrap().parameters()["commit"].clone();
    assert_eq!(number(&url), 299);
    let files = checkpoints(folder.path());
    assert!((2..=4).contains(&files.len()), "{files:?}");
    for file in &files {
        let good = std::fs::read(file).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        let other = std::fs::read(&files[0]).unwrap();
        for bad in [Vec::new(), good[..good.len() / 2].to_vec(), flipped, other] {
            std::fs::write(file, bad).unwrap();
            assert_eq!(number(&url), 299);
        }
        std::fs::remove_file(file).unwrap();
        assert_eq!(number(&url), 299);
        std::fs::create_dir(file).unwrap();
        assert_eq!(number(&url), 299);
        std::fs::remove_dir(file).unwrap();
        std::fs::write(file, good).unwrap();
    }
    // All gone: they are written again as the run goes on.
    std::fs::remove_dir_all(folder.path().join("p/runs/r/checkpoints")).unwrap();
    let run = Run::from_url(&url).unwrap();
    for commit in 300..400 {
        run.set_parameters([("commit", commit)]).unwrap();
    }
    assert_eq!(number(&url), 399);
    assert!(checkpoints(folder.path()).len() >= 2);
}

#[test]
fn a_commit_that_is_missing_is_an_error_that_names_it_wherever_it_was() {
    for commits in [5, 12, 40, 200] {
        let folder = tempfile::tempdir().unwrap();
        let url = on_disk(folder.path(), commits);
        let last = u64::try_from(commits).unwrap() - 1;
        // Those before a checkpoint are not read again; what it says of them stays right.
        let checked = last + 1 - (last + 1) % 8;
        for missing in 0..=last {
            let file = commit(folder.path(), missing);
            let good = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            match Run::from_url(&url) {
                Err(Error::Corrupt { url: named, .. }) => {
                    assert_eq!(named.to_path().unwrap(), file);
                }
                Ok(run) if missing < checked && last >= checked || missing + 1 < checked => {
                    assert_eq!(run.parameters()["commit"], commits - 1);
                }
                // Nothing tells that it was there.
                Ok(run) if missing == last && missing >= checked => {
                    assert_eq!(run.parameters()["commit"], commits - 2);
                }
                other => panic!("{missing} of {commits}: {other:?}"),
            }
            let verified = tlc_core::verify(&url).unwrap();
            let is_told = !verified.problems.is_empty();
            assert_eq!(
                is_told,
                missing < last || missing + 1 == checked,
                "{missing} of {commits}"
            );
            std::fs::write(&file, good).unwrap();
        }
    }
}

#[test]
fn compaction_leaves_large_segments_alone() {
    let root = Url::parse("memory://history-large/").unwrap();
    let run = Run::create(options(&root)).unwrap();
    let mut writer = writer(&run);
    let small = |first: i64| {
        let large = super::wide_rows(first);
        let names: Vec<String> = large.names().map(str::to_owned).collect();
        let columns = names.into_iter();
        columns.fold(tlc_core::Columns::new(), |small, name| {
            let values = large.get(&name).unwrap().slice(0, 100);
            small.column(name, values)
        })
    };
    for rows in [small(0), super::wide_rows(100), small(2000), small(3000)] {
        writer.add_batch(rows).unwrap();
        writer.flush().unwrap();
    }
    let table = || {
        Run::from_url(run.url())
            .unwrap()
            .unfinished_metrics()
            .unwrap()
            .remove(0)
    };
    let (size, rows) = (table().info().file_size, table().read().unwrap());
    let parts = |run: &Run| {
        let metrics = run.url().join("metrics").unwrap();
        let folder = metrics.join(table().name()).unwrap();
        run.store().list(&folder).unwrap().len()
    };
    assert_eq!(parts(&run), 4);
    run.compact().unwrap();
    let written = parts(&run) - 4;
    assert!(written <= 1, "{written} parts were written anew");
    run.compact().unwrap();
    assert_eq!(parts(&run), 4 + written);
    assert_eq!(table().read().unwrap(), rows);
    assert!(table().info().file_size.abs_diff(size) < size / 10);
}

#[test]
fn rows_that_were_compacted_are_not_named_again_by_a_writer_far_behind() {
    use tlc_core::storage::LocalStore;
    use tlc_core::storage::testing::{Fault, FaultStore, When};
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    Run::create(options(&root)).unwrap();
    let url = root.join("p/runs/r").unwrap();
    let store = Arc::new(FaultStore::new(
        Arc::new(LocalStore),
        Fault::Lost,
        &When::Once(4),
    ));
    let mounted = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let mut behind = writer(&Run::from_url(&url).unwrap());
    behind.add_batch(numbers(0, 2)).unwrap();
    behind.flush().unwrap();
    behind.add_batch(numbers(2, 2)).unwrap();
    behind.flush().unwrap_err();
    assert_eq!(store.fired(), 1);
    store.heal();
    let other = Run::from_url(&url).unwrap();
    assert_eq!(other.compact().unwrap(), 1);
    for number in 0..200 {
        other.set_parameters([("n", number)]).unwrap();
    }
    behind.flush().unwrap();
    behind.finalize().unwrap();
    drop(mounted);
    assert_eq!(sealed_numbers(&url), [0, 1, 2, 3]);
}

#[test]
fn compaction_leaves_few_segments_with_the_same_rows_and_readers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    let mut open = writer(&run);
    for first in 0..50 {
        open.add_batch(numbers(first * 2, 2)).unwrap();
        open.flush().unwrap();
        run.log([("epoch", first as f64), ("loss", 0.5)]).unwrap();
        run.flush().unwrap();
    }
    let reader = Run::from_url(run.url())
        .unwrap()
        .unfinished_metrics()
        .unwrap();
    let other = Run::from_url(run.url()).unwrap();
    assert_eq!(other.compact().unwrap(), 98);
    assert_eq!(other.compact().unwrap(), 0);
    // Of another process that has not heard of it, and of a writer that goes on.
    assert_eq!(run.compact().unwrap(), 0);
    open.add_batch(numbers(100, 2)).unwrap();
    open.finalize().unwrap();
    let expected: Vec<i64> = (0..102).collect();
    assert_eq!(sealed_numbers(run.url()), expected);
    assert_eq!(reader[0].read().unwrap().num_rows(), 100);
    let points = Run::from_url(run.url()).unwrap().aggregates().unwrap()[0]
        .points
        .clone();
    assert_eq!(points.len(), 50);
    let files = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files(&folder.path().join("p/runs/r/aggregates")), 51);
    drop((run, open, other, reader));
    let at_once = || tlc_core::VacuumOptions::new().untouched_for(std::time::Duration::ZERO);
    let url = root.join("p/runs/r").unwrap();
    assert!(
        tlc_core::vacuum(&url, at_once())
            .unwrap()
            .files()
            .is_empty()
    );
    let found = tlc_core::vacuum(&url, at_once().old_contents(true)).unwrap();
    assert_eq!(found.files().len(), 100);
    assert!(found.files().iter().all(|file| file.is_old_content));
    found.delete().unwrap();
    assert_eq!(files(&folder.path().join("p/runs/r/aggregates")), 1);
    assert_eq!(sealed_numbers(&url), expected);
    assert!(tlc_core::verify(&url).unwrap().problems.is_empty());
}

#[test]
fn a_checkpoint_that_does_not_say_what_the_commits_say_is_told_by_verify() {
    type Lie = fn(&mut serde_json::Value);
    let lies: [Lie; 4] = [
        |document| drop(document["actions"].as_array_mut().unwrap().pop()),
        |document| {
            let parts = document.pointer_mut("/parts/0/parts");
            drop(parts.and_then(|parts| parts.as_array_mut()?.pop()));
        },
        |document| {
            let actions = document["actions"].as_array_mut().unwrap();
            actions.push(serde_json::json!({"action": "describe", "description": "a lie"}));
        },
        |document| {
            let replaced = serde_json::json!(["aggregates/never.parquet"]);
            document["replaced"] = replaced;
        },
    ];
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(folder.path()).unwrap();
    let run = Run::create(options(&root)).unwrap();
    for number in 0..70 {
        run.log([("loss", 0.5)]).unwrap();
        run.flush().unwrap();
        run.set_parameters([("n", number)]).unwrap();
    }
    run.compact().unwrap();
    let files = checkpoints(folder.path());
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        let good = std::fs::read(file).unwrap();
        let line = good.split(|byte| *byte == b'\n').next().unwrap();
        let mut told = 0;
        for lie in lies {
            let mut document: serde_json::Value = serde_json::from_slice(line).unwrap();
            let before = document.clone();
            lie(&mut document);
            if document == before {
                continue;
            }
            let line = format!("{document}\n");
            let seal = crc32c::crc32c(line.as_bytes());
            let sealed = format!("{line}{{\"crc32c\":\"{seal:08x}\"}}\n");
            std::fs::write(file, sealed).unwrap();
            let problems = tlc_core::verify(&root).unwrap().problems;
            let problem = problems.first().map(|problem| problem.error.to_string());
            // What a later checkpoint would add is not looked at.
            let name = file.file_name().unwrap().to_str().unwrap();
            // An action that nothing follows may amount to the same.
            if problem.is_some_and(|problem| problem.contains(name)) {
                told += 1;
            }
        }
        std::fs::write(file, good).unwrap();
        assert!(told >= 2, "{file:?}: {told}");
        assert!(tlc_core::verify(&root).unwrap().problems.is_empty());
    }
}

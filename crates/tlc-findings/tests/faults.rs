//! Saving a reducer through a store whose writes fail, each in its turn: before their effect,
//! after it, and after it with nothing to be read back.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use std::sync::Arc;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{Error as Core, Run, RunOptions, Url};
use tlc_findings::reduce::{Pca, Reducer, Umap, UmapOptions, load, save};
use tlc_findings::{Embeddings, Error, Result};

const FAULTS: [Fault; 3] = [Fault::Full, Fault::Ambiguous, Fault::Lost];

fn embeddings(shift: usize) -> Embeddings {
    let value = |at: usize| ((at * at + shift) as f32).sin();
    Embeddings::new((0..120).map(value).collect(), 3).unwrap()
}

fn pca(shift: usize) -> Reducer {
    Pca::fit(&embeddings(shift), 2).unwrap().into()
}

fn umap(shift: usize) -> Reducer {
    let options = UmapOptions::new().neighbors(5).epochs(5);
    Umap::fit(&embeddings(shift), &options).unwrap().into()
}

/// A run that is there, and the store of its root.
fn run_in_memory(root: &Url) -> (Arc<MemoryStore>, Url) {
    let memory = Arc::new(MemoryStore::default());
    let _mount = mount(root, memory.clone());
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    (memory, run.url().clone())
}

/// Repeats a call until it succeeds, as a caller may.
fn insist<T>(store: &FaultStore, mut call: impl FnMut() -> Result<T>) -> T {
    for failures in 1..6 {
        match call() {
            Ok(value) => return value,
            Err(Error::Core(
                Core::StorageFull { .. } | Core::Unavailable { .. } | Core::Io { .. },
            )) => {}
            Err(error) => panic!("{error:?}"),
        }
        if failures >= 3 {
            store.heal();
        }
    }
    panic!("it fails for ever")
}

/// Names and bytes of the files of reducers.
fn files(run: &Run) -> Vec<(String, Vec<u8>)> {
    let models = run.url().join("models").unwrap();
    let entries = run.store().list(&models).unwrap().into_iter();
    let files = entries.map(|entry| {
        let url = models.join(&entry.name).unwrap();
        let bytes = run.store().get(&url, u64::MAX).unwrap();
        (entry.name, bytes.to_vec())
    });
    files.collect()
}

/// Saves a reducer through a store that fails; says how often it did.
fn save_through(reducer: &Reducer, fault: Fault, when: &When, expected: usize) -> u64 {
    let root = Url::parse("memory://faults-of-reducers/").unwrap();
    let (memory, url) = run_in_memory(&root);
    let store = Arc::new(FaultStore::new(memory, fault, when));
    let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
    let run = Run::from_url(&url).unwrap();
    insist(&store, || save(reducer, &run, "kept"));
    store.heal();
    let read = Run::from_url(&url).unwrap();
    let what = format!("{fault:?} {when:?}");
    assert_eq!(load(&read, "kept").unwrap(), *reducer, "{what}");
    let before = files(&read);
    assert_eq!(before.len(), expected, "{what}");
    // Once more changes nothing.
    save(reducer, &read, "kept").unwrap();
    assert_eq!(files(&read), before, "{what}");
    store.fired()
}

#[test]
fn whichever_write_fails_the_repeated_call_keeps_the_reducer_once() {
    for (name, reducer, expected) in [("pca", pca(0), 1), ("umap", umap(0), 2)] {
        for fault in FAULTS {
            let mut number = 1;
            while save_through(&reducer, fault, &When::Once(number), expected) > 0 {
                let fired = save_through(&reducer, fault, &When::From(number), expected);
                assert!(fired > 0);
                number += 1;
            }
            println!("{name}: {fault:?} at each of {} writes", number - 1);
            assert_eq!(number - 1, expected as u64, "{name}: one write a file");
        }
    }
}

#[test]
fn rows_of_a_writer_that_died_are_in_nobodys_way() {
    let root = Url::parse("memory://faults-of-a-dead-writer/").unwrap();
    let (memory, url) = run_in_memory(&root);
    let store = FaultStore::new(memory.clone(), Fault::Full, &When::From(2));
    {
        let _mount = mount(&root, Arc::new(store));
        save(umap(0), &Run::from_url(&url).unwrap(), "kept").unwrap_err();
    }
    let _mount = mount(&root, memory);
    let run = Run::from_url(&url).unwrap();
    let missing = load(&run, "kept").unwrap_err();
    assert!(matches!(missing, Error::Core(Core::NotFound { .. })));
    assert_eq!(files(&run).len(), 1);
    let other = umap(7);
    save(&other, &run, "kept").unwrap();
    assert_eq!(load(&run, "kept").unwrap(), other);
    let first = save(umap(0), &run, "kept").unwrap_err();
    assert!(matches!(first, Error::Core(Core::AlreadyExists { .. })));
    assert_eq!(load(&run, "kept").unwrap(), other);
}

#[test]
fn vacuum_finds_the_rows_that_no_reducer_names_and_no_others() {
    let root = Url::parse("memory://reducers-vacuum/").unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(&root)).unwrap();
    let saved = umap(1);
    save(&saved, &run, "größe 2").unwrap();
    let orphan = run
        .url()
        .join("models/größe 2.0123456789abcdef.arrow")
        .unwrap();
    let store = Arc::clone(run.store());
    store.put_if_absent(&orphan, "left behind".into()).unwrap();
    let url = run.url().clone();
    drop(run);
    let options = tlc_core::VacuumOptions::new().untouched_for(std::time::Duration::ZERO);
    let found = tlc_core::vacuum(&root, options).unwrap();
    let urls: Vec<_> = found.files().iter().map(|file| &file.url).collect();
    assert_eq!(urls, [&orphan]);
    found.delete().unwrap();
    assert_eq!(
        load(&Run::from_url(&url).unwrap(), "größe 2").unwrap(),
        saved
    );
}

const ROLE: &str = "TLC_TEST_REDUCER_FOLDER";

/// This test alone as another process, run by `sh` with a line before it. Says aloud where
/// that is not possible.
#[cfg(unix)]
fn in_a_shell(name: &str, setup: &str, folder: &std::path::Path) {
    use std::io::Write;
    use std::process::Command;
    let shell = |program: &std::ffi::OsStr| {
        let mut shell = Command::new("unshare");
        shell.args(["-rm", "sh", "-c", &format!("{setup} && exec \"$@\""), "sh"]);
        shell.arg(program).env(ROLE, folder);
        shell
    };
    let possible = shell("true".as_ref()).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        let required = std::env::var_os("TLC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "unshare cannot be run");
        let _ = writeln!(std::io::stderr(), "SKIPPED: unshare cannot be run");
        return;
    }
    let mut child = shell(std::env::current_exe().unwrap().as_os_str());
    let output = child
        .args(["--exact", name, "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_done = output.status.success() && text.contains("refused");
    assert!(is_done, "{text}{errors}");
}

#[cfg(unix)]
#[test]
fn a_reducer_is_saved_whole_when_file_handles_are_there_again() {
    let Some(folder) = std::env::var_os(ROLE) else {
        let folder = tempfile::tempdir().unwrap();
        let name = "a_reducer_is_saved_whole_when_file_handles_are_there_again";
        return in_a_shell(name, "ulimit -n 60", folder.path());
    };
    let root = Url::from_path(std::path::Path::new(&folder)).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let mut refused = 0;
    for left in 0..8 {
        for (kind, reducer) in [("pca", pca(left)), ("umap", umap(left))] {
            let name = format!("{kind} {left}");
            let mut taken = Vec::new();
            while let Ok(file) = std::fs::File::open("/dev/null") {
                taken.push(file);
            }
            taken.truncate(taken.len() - left);
            let first = save(&reducer, &run, &name);
            drop(taken);
            if first.is_err() {
                refused += 1;
                save(&reducer, &run, &name).unwrap();
            }
            assert_eq!(load(&run, &name).unwrap(), reducer, "{name}");
        }
    }
    assert!(refused > 2, "{refused}");
    println!("\n{refused} refused");
}

#[cfg(unix)]
#[test]
fn a_reducer_is_saved_whole_when_a_full_disk_has_space_again() {
    let Some(folder) = std::env::var_os(ROLE) else {
        let folder = tempfile::tempdir().unwrap();
        let name = "a_reducer_is_saved_whole_when_a_full_disk_has_space_again";
        let mount = format!(
            "mount -t tmpfs -o size=1m tlc '{}'",
            folder.path().display()
        );
        return in_a_shell(name, &mount, folder.path());
    };
    let folder = std::path::Path::new(&folder);
    let root = Url::from_path(&folder.join("root")).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let mut refused = 0;
    for pages in 0..4 {
        let ballast = folder.join("ballast");
        let mut file = std::fs::File::create(&ballast).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
        let len = file.metadata().unwrap().len();
        file.set_len(len.saturating_sub(pages * 4096)).unwrap();
        drop(file);
        let (name, reducer) = (format!("umap {pages}"), umap(pages as usize));
        let first = save(&reducer, &run, &name);
        std::fs::remove_file(&ballast).unwrap();
        if let Err(error) = first {
            assert!(
                matches!(error, Error::Core(Core::StorageFull { .. })),
                "{error}"
            );
            refused += 1;
            save(&reducer, &run, &name).unwrap();
        }
        assert_eq!(load(&run, &name).unwrap(), reducer, "{name}");
    }
    assert!(refused > 1, "{refused}");
    println!("\n{refused} refused");
}

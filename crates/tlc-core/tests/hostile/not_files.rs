//! What is no regular file, or an absurdly large one, where a file should be: an error that
//! names it, at once and without reading it whole.
//!
//! Each is tried in a child process, since what goes wrong is to wait for ever or to take all
//! memory.
#![cfg(unix)]

use super::alloc::{LIMIT_BYTES, measured};
use super::{child, files};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tlc_core::{Error, Run, Status, Table, TableOptions, Url};

const ROLE: &str = "TLC_HOSTILE_NOT_A_FILE";
/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Fifo,
    Folder,
    /// A link to a device without end.
    Endless,
    /// 8 GiB, all holes.
    Sparse,
}

const KINDS: [Kind; 4] = [Kind::Fifo, Kind::Folder, Kind::Endless, Kind::Sparse];

fn put(kind: Kind, path: &Path) {
    let _ = std::fs::remove_file(path);
    match kind {
        Kind::Fifo => {
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        Kind::Folder => std::fs::create_dir(path).unwrap(),
        Kind::Endless => std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
        Kind::Sparse => std::fs::File::create(path)
            .unwrap()
            .set_len(8 << 30)
            .unwrap(),
    }
}

/// A project on disk, and the files in it to put others in the place of.
fn project(folder: &Path) -> [(&'static str, PathBuf); PLACES] {
    files::write(&Url::from_path(folder).unwrap());
    let (table, run) = (
        folder.join("p/datasets/d/tables/t"),
        folder.join("p/runs/r"),
    );
    [
        ("table", table.join("commits/00000000000000000001.json")),
        ("table", last_file(&table.join("parts"))),
        ("run", last_file(&run.join("commits"))),
        ("run", last_file(&run.join("metrics"))),
        ("run", last_file(&run.join("aggregates"))),
        ("run", last_file(&run.join("checkpoints"))),
    ]
}

const PLACES: usize = 6;
/// The one that reading can do without.
const CHECKPOINT: usize = 5;

fn last_file(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap();
    let last = entries.map(|entry| entry.unwrap().path()).max().unwrap();
    match last.is_dir() {
        true => last_file(&last),
        false => last,
    }
}

/// The child's side: does what it is asked for, and prints what came of it.
#[test]
fn a_child_that_opens_it() {
    let Ok(asked) = std::env::var(ROLE) else {
        return;
    };
    let (what, folder) = asked.split_once(' ').unwrap();
    let root = Url::from_path(Path::new(folder)).unwrap();
    let run = || Run::from_url(root.join("p/runs/r").unwrap());
    let work = || -> Result<(), Error> {
        match what {
            "table" => files::read_table(&Table::from_url(root.join("p/datasets/d/tables/t")?)?),
            "run" => files::read_run(&run()?),
            "status" => run()?.status().map(drop),
            "write" => run()?.set_description("changed"),
            _ => {
                let options = TableOptions::new("p", "d", "imported").root(&root);
                Table::from_parquet(Path::new(folder).join("import"), options).map(drop)
            }
        }
    };
    let (done, taken) = measured(work);
    let said = done.map_or_else(
        |error| error.to_string(),
        |()| "nothing is wrong".to_owned(),
    );
    println!("\n@{} {}", taken.peak, said.replace('\n', " "));
}

/// What a child says when it does `what`; what is wrong with that, if anything.
fn complaint(what: &str, folder: &Path, file: &Path, may_be_fine: bool) -> Option<String> {
    let asked = format!("{what} {}", folder.display());
    let asked_for = child("not_files::a_child_that_opens_it", ROLE, &asked);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 8388608; exec \"$@\"", "sh"]);
    limited
        .arg(asked_for.get_program())
        .args(asked_for.get_args());
    limited.env(ROLE, asked).env("RUST_BACKTRACE", "0");
    let mut child = limited
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return Some("no answer".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let Some(said) = output.lines().find_map(|line| line.strip_prefix('@')) else {
        return Some("the process died".to_owned());
    };
    let (peak, said) = said.split_once(' ').unwrap();
    let fine = said == "nothing is wrong";
    let named = said.contains(file.file_name().unwrap().to_str().unwrap());
    match peak.parse::<usize>().unwrap() {
        peak if peak > LIMIT_BYTES => Some(format!("{} MiB of memory", peak >> 20)),
        _ if fine && may_be_fine || !fine && named => None,
        _ => Some(said.to_owned()),
    }
}

fn assert_none(complaints: Vec<String>) {
    assert!(
        complaints.is_empty(),
        "{}:\n  {}",
        complaints.len(),
        complaints.join("\n  ")
    );
}

#[test]
fn a_commit_or_part_that_is_no_file_is_an_error_at_once() {
    let mut complaints = Vec::new();
    for kind in KINDS {
        for place in 0..PLACES {
            let folder = tempfile::tempdir().unwrap();
            let (what, file) = project(folder.path())[place].clone();
            put(kind, &file);
            if let Some(complaint) = complaint(what, folder.path(), &file, place == CHECKPOINT) {
                let file = file.strip_prefix(folder.path()).unwrap().display();
                complaints.push(format!("{kind:?} in place of {file}: {complaint}"));
            }
        }
    }
    assert_none(complaints);
}

/// Whose length is no harm: nobody reads it.
#[test]
fn a_lock_that_is_no_file_keeps_nobody_waiting() {
    let mut complaints = Vec::new();
    for kind in KINDS {
        for what in ["status", "write"] {
            let folder = tempfile::tempdir().unwrap();
            let root = Url::from_path(folder.path()).unwrap();
            files::write(&root);
            let run = Run::from_url(root.join("p/runs/r").unwrap()).unwrap();
            run.set_status(Status::Running).unwrap();
            drop(run);
            let lock = folder.path().join("p/runs/r/lock");
            put(kind, &lock);
            let may_be_fine = kind == Kind::Sparse;
            if let Some(complaint) = complaint(what, folder.path(), &lock, may_be_fine) {
                complaints.push(format!("{kind:?} as lock, {what}: {complaint}"));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn an_import_of_what_is_no_file_is_an_error_at_once() {
    let mut complaints = Vec::new();
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let import = folder.path().join("import");
        put(kind, &import);
        if let Some(complaint) = complaint("import", folder.path(), &import, false) {
            complaints.push(format!("{kind:?}: {complaint}"));
        }
    }
    assert_none(complaints);
}

//! The process has no file handle left.

use super::{child_under, numbers, ran, sealed_numbers, writer};
use std::fs::File;
use std::path::Path;
use std::process::Command;
use tlc_core::{Error, IfExists, Result, Run, RunOptions, Table, TableOptions, TableWriter, Url};

const ROLE: &str = "TLC_TEST_HANDLES";
/// Handles that are left when a write begins: from none to more than any write takes.
const LEFT: std::ops::Range<usize> = 0..8;

/// Takes all handles but a few, as another thread of the process may.
fn take_handles(but: usize) -> Vec<File> {
    let mut taken = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    taken.truncate(taken.len() - but);
    taken
}

/// Repeats a call that runs out of handles, the third time with all of them.
fn insist<T>(left: usize, failures: &mut usize, mut call: impl FnMut() -> Result<T>) -> T {
    let taken = take_handles(left);
    for _ in 0..2 {
        match call() {
            Ok(value) => return value,
            Err(Error::Io { source, .. }) if source.raw_os_error() == Some(24) => *failures += 1,
            Err(error) => panic!("{left} left: {error:?}"),
        }
    }
    drop(taken);
    call().unwrap()
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Row {
    number: i64,
}

/// Writes everything there is with so many handles left at each call.
fn write_all(root: &Url, left: usize, failures: &mut usize) {
    let options = TableOptions::new("p", "d", format!("t{left}")).root(root);
    let options = options.if_exists(IfExists::Raise);
    let mut table = insist(left, failures, || TableWriter::new(options.clone()));
    let rows: Vec<Row> = (0..100).map(|number| Row { number }).collect();
    insist(left, failures, || table.add_rows(&rows));
    let table = insist(left, failures, || table.finalize());

    let run = RunOptions::new("p").name(format!("r{left}")).root(root);
    let run = run.if_exists(IfExists::Reuse);
    let run = insist(left, failures, || Run::create(run.clone()));
    let mut rows = writer(&run);
    for first in 0..10 {
        insist(left, failures, || rows.add_batch(numbers(first, 1)));
        insist(left, failures, || rows.flush());
        run.log([("epoch", first as f64), ("loss", 0.5)])
            .unwrap_or(());
        insist(left, failures, || run.flush());
    }
    insist(left, failures, || run.compact());
    insist(left, failures, || rows.finalize());
    insist(left, failures, || {
        run.update_metrics(&rows.get_written_metrics_infos())
    });
    insist(left, failures, || run.add_input_table(&table));
    insist(left, failures, || run.close());

    let table = Table::from_url(table.url()).unwrap();
    let found = table.rows::<Row>().unwrap().map(|row| row.unwrap().number);
    assert_eq!(found.collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
    assert_eq!(
        sealed_numbers(run.url()),
        (0..10).collect::<Vec<_>>(),
        "{left} left"
    );
    let read = Run::from_url(run.url()).unwrap();
    assert_eq!(
        read.aggregates().unwrap()[0].points.len(),
        10,
        "{left} left"
    );
    assert_eq!(read.input_tables().unwrap().len(), 1);
}

#[test]
fn a_process_without_a_file_handle_reports_it_and_loses_or_doubles_nothing() {
    if let Ok(folder) = std::env::var(ROLE) {
        let root = Url::from_path(Path::new(&folder)).unwrap();
        let mut failures = 0;
        for left in LEFT {
            write_all(&root, left, &mut failures);
        }
        assert!(failures > 50, "only {failures} calls failed");
        return println!("\n{failures} calls ran out of handles");
    }
    let limited = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n 60 && exec \"$0\" \"$@\""]);
        shell
    };
    if !ran(
        limited().arg("true"),
        "the number of file handles cannot be limited by sh",
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let name = "handles::a_process_without_a_file_handle_reports_it_and_loses_or_doubles_nothing";
    let output = child_under(limited(), name, ROLE, folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!(
        "{}",
        text.lines()
            .find(|line| line.contains("ran out of"))
            .unwrap()
    );
}

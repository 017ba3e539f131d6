//! Splits of many rows take little memory. Measured in a process of its own, where the system
//! tells the peak.

use std::process::Command;
use std::time::Instant;
use tlc_core::{Balance, Columns, Parts, Table, TableOptions, Url};

const CHILD: &str = "TLC_TEST_SPLITS_CHILD";
/// For a measurement with more of them.
const ROWS: &str = "TLC_TEST_SPLITS_ROWS";
const BATCH: usize = 100_000;
/// What reading a column takes, whatever the rows.
const READING_BYTES: usize = 10 << 20;

#[test]
fn a_split_takes_a_byte_for_each_row() {
    if let Ok(url) = std::env::var(CHILD) {
        return child(&url);
    }
    let rows = std::env::var(ROWS).map_or(2_000_000, |rows| rows.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), rows);
    let name = "scale::a_split_takes_a_byte_for_each_row";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", name, "--nocapture"]);
    let child = child.env(CHILD, table.url().to_string());
    assert!(child.status().unwrap().success());
}

/// Ten classes, and groups of a hundred rows.
fn table(root: &Url, rows: usize) -> Table {
    let options = TableOptions::new("demo", "many", "initial").root(root);
    let batch = |start: usize| {
        let rows = || (start..start + BATCH).map(|row| row as i32);
        Columns::new()
            .column("label", rows().map(|row| row % 10).collect::<Vec<_>>())
            .column("owner", rows().map(|row| row / 100).collect::<Vec<_>>())
    };
    Table::create(options, |writer| {
        let starts = (0..rows).step_by(BATCH);
        starts
            .into_iter()
            .try_for_each(|start| writer.add_batch(batch(start)))
    })
    .unwrap()
}

fn child(url: &str) {
    let table = Table::from_url(url).unwrap();
    let rows = table.len();
    let Some(mut before) = peak_memory_bytes() else {
        return;
    };
    let asked = || Parts::new([("train", 0.8), ("valid", 0.1), ("test", 0.1)]);
    let check = |what: &str, bytes: usize, work: &dyn Fn()| {
        let start = Instant::now();
        work();
        let after = peak_memory_bytes().unwrap();
        let grown = after - before.min(after);
        println!("{what}: {:.2?}, {} MiB more", start.elapsed(), grown >> 20);
        assert!(grown < bytes + READING_BYTES, "{what}: {grown} bytes");
        before = before.max(after);
    };
    let mut check = check;
    let split = |parts: Parts| drop(table.split(parts).unwrap());
    check("by chance", rows, &|| split(asked()));
    check("stratified", rows, &|| {
        split(asked().stratified_by("label"))
    });
    check("by hash", rows, &|| split(asked().hashed_by("owner")));
    check("of a column", rows, &|| split(Parts::of_column("label")));
    check("grouped", 3 * rows, &|| split(asked().grouped_by("owner")));
    let few = Balance::by("label").rows_per_class(10_000);
    check("balanced", 100_000 * 32, &|| {
        drop(table.balanced(few.clone()).unwrap())
    });
}

/// The most memory that the process has had; `None` where the system does not say.
fn peak_memory_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

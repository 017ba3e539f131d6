//! Published files are cut short or changed.

use super::{numbers, sealed_numbers, writer};
use std::path::{Path, PathBuf};
use tlc_core::{Error, Result, Run, RunOptions, Table, TableOptions, Url};

/// A run with one small segment: its URL, the segment's file and a commit's.
fn small_run(folder: &Path) -> (Url, PathBuf, PathBuf) {
    let root = Url::from_path(folder).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
    let mut writer = writer(&run);
    writer.add_batch(numbers(0, 16)).unwrap();
    writer.finalize().unwrap();
    let metrics = folder.join("p/runs/r/metrics");
    let table = std::fs::read_dir(metrics)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let segment = std::fs::read_dir(table)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    (
        run.url().clone(),
        segment,
        folder.join("p/runs/r/commits/00000000000000000001.json"),
    )
}

fn read(run: &Url) -> Result<usize> {
    let run = Run::from_url(run)?;
    let tables = run.unfinished_metrics()?;
    tables
        .iter()
        .map(|table| table.read().map(|rows| rows.num_rows()))
        .sum()
}

fn assert_detected(result: Result<usize>, what: &str) {
    match result {
        Err(Error::Corrupt { .. }) => {}
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn every_flipped_bit_of_a_segment_or_commit_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let (run, segment, commit) = small_run(folder.path());
    assert_eq!(read(&run).unwrap(), 16);
    let mut flips = 0;
    for file in [segment, commit] {
        let good = std::fs::read(&file).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&file, &bad).unwrap();
            assert_detected(read(&run), &format!("bit {bit} of {}", file.display()));
            flips += 1;
        }
        std::fs::write(&file, &good).unwrap();
    }
    println!("{flips} flips, all detected");
    assert_eq!(sealed_numbers(&run), (0..16).collect::<Vec<_>>());
}

#[test]
fn every_shortened_segment_commit_and_manifest_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let (run, segment, commit) = small_run(folder.path());
    for file in [segment, commit] {
        let good = std::fs::read(&file).unwrap();
        for len in 0..good.len() {
            std::fs::write(&file, &good[..len]).unwrap();
            assert_detected(read(&run), &format!("{len} bytes of {}", file.display()));
        }
        std::fs::write(&file, &good).unwrap();
    }
    let options = TableOptions::new("p", "d", "t").root(Url::from_path(folder.path()).unwrap());
    let table = Table::create(options, |_| Ok(())).unwrap();
    let manifest = folder
        .path()
        .join("p/datasets/d/tables/t/commits/00000000000000000000.json");
    let good = std::fs::read(&manifest).unwrap();
    for len in 0..good.len() {
        std::fs::write(&manifest, &good[..len]).unwrap();
        assert_detected(
            Table::from_url(table.url()).map(|table| table.len()),
            "manifest",
        );
    }
}

#[test]
fn a_file_of_a_newer_version_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (run, _, commit) = small_run(folder.path());
    let text = std::fs::read_to_string(&commit)
        .unwrap()
        .replace("\"version\":2", "\"version\":6");
    let line = format!("{}\n", text.lines().next().unwrap());
    let sealed = format!(
        "{line}{{\"crc32c\":\"{:08x}\"}}\n",
        crc32c::crc32c(line.as_bytes())
    );
    std::fs::write(&commit, &sealed).unwrap();
    let opened = Run::from_url(&run);
    assert!(matches!(
        opened,
        Err(Error::UnsupportedVersion {
            found: 6,
            supported: 5,
            ..
        })
    ));
    assert_eq!(std::fs::read_to_string(&commit).unwrap(), sealed);
}

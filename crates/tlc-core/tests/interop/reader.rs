//! FORMAT.md is enough to write a reader: `reader.py` was written from it, and finds what the
//! API finds.
#![allow(clippy::panic)] // a test stops at the first surprise

#[path = "../formats/every_type.rs"]
mod every_type;
#[path = "../formats/make.rs"]
mod make;
#[path = "../formats/plain.rs"]
mod plain;
#[path = "../formats/tell.rs"]
mod tell;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tlc_core::{IfExists, Run, Table, TableOptions, Url};

/// Where the tables are that fixtures and new projects refer to by an absolute URL.
const ELSEWHERE: &str = "memory://tlc-fixtures-elsewhere/";
const NEW_ELSEWHERE: &str = "memory://tlc-new-elsewhere/";

/// The reader, ended before pyarrow's threads are: one that starts late ends the process otherwise.
const READER: &str = concat!(
    include_str!("reader.py"),
    "\nimport os\nsys.stdout.flush()\nos._exit(0)\n"
);

/// The reader's output for a root with tables elsewhere; `None`, said aloud, without pyarrow.
fn read(folder: &Path) -> Option<Output> {
    let python = std::env::var("TLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_packages = Command::new(&python)
        .args(["-c", "import pyarrow"])
        .output();
    if !has_packages.is_ok_and(|output| output.status.success()) {
        let required = std::env::var("TLC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "TLC_REQUIRE_TOOLS=1, but {python} lacks pyarrow");
        eprintln!("SKIPPED: {python} lacks pyarrow");
        return None;
    }
    let elsewhere = folder.join("elsewhere");
    let mut reader = Command::new(python);
    reader.args(["-c", READER]);
    reader.arg(folder.join("root"));
    for url in [ELSEWHERE, NEW_ELSEWHERE] {
        reader.arg(format!("{url}={}", elsewhere.display()));
    }
    Some(reader.output().unwrap())
}

fn read_well(folder: &Path) -> Option<Value> {
    let output = read(folder)?;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn fixtures(of_crate: &str) -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    crates.join(of_crate).join("tests/fixtures/v1")
}

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap()
}

/// Of two large values, the first place that differs.
#[track_caller]
fn assert_same(found: &Value, expected: &Value) {
    for kind in ["tables", "runs"] {
        let (found, expected) = (&found[kind], &expected[kind]);
        assert_eq!(
            found.as_object().unwrap().len(),
            expected.as_object().unwrap().len()
        );
        for (place, expected) in expected.as_object().unwrap() {
            for (name, expected) in expected.as_object().unwrap() {
                assert_eq!(&found[place][name], expected, "{name} of {place}");
            }
        }
    }
}

#[test]
fn the_reader_finds_in_version_1_what_was_written() {
    let folder = fixtures("tlc-core");
    if let Some(found) = read_well(&folder) {
        assert_same(&found, &expected(&folder));
    }
}

#[test]
fn the_reader_finds_in_a_new_project_what_the_api_finds() {
    let folder = tempfile::tempdir().unwrap();
    let told = make::project(folder.path(), NEW_ELSEWHERE);
    if let Some(found) = read_well(folder.path()) {
        assert_same(&found, &told);
    }
}

/// Version 1 went on by today's writers, which overwrite, compact and delete.
#[test]
fn the_reader_finds_in_an_old_project_that_went_on_what_the_api_finds() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixtures("tlc-core"), folder.path());
    make::put_elsewhere(&folder.path().join("elsewhere"));
    let root = Url::from_path(&folder.path().join("root")).unwrap();
    let url = |place: &str| root.join(place).unwrap();
    let run = Run::from_url(url("demo/runs/complete")).unwrap();
    for number in 0..10 {
        run.log([("step", f64::from(number)), ("later", 0.5)])
            .unwrap();
        run.flush().unwrap();
    }
    run.compact().unwrap();
    let overwritten = Run::from_url(url("demo/runs/overwritten")).unwrap();
    overwritten.set_description("third life").unwrap();
    let options = TableOptions::new("demo", "samples", "overwritten").root(&root);
    let options = options.if_exists(IfExists::Overwrite);
    Table::create(options, |writer| writer.add_batch(every_type::batch())).unwrap();
    drop((run, overwritten));
    tlc_core::delete(&url("demo/runs/failed")).unwrap();
    tlc_core::delete(&url("demo/datasets/samples/tables/two parts")).unwrap();
    let told = tell::root(&root);
    if let Some(found) = read_well(folder.path()) {
        assert_same(&found, &told);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn the_reader_finds_reducers() {
    let folder = fixtures("tlc-findings");
    let Some(found) = read_well(&folder) else {
        return;
    };
    let (found, expected) = (&found["reducers"]["demo/runs/reduced"], expected(&folder));
    assert_eq!(found.as_object().unwrap().len(), 3);
    for name in ["umap", "umap in 3-D"] {
        assert_eq!(found[name]["point"], expected[name]["points"]);
    }
    let variance = found["pca"]["explained_variance"].as_array().unwrap();
    let bits = variance
        .iter()
        .map(|value| plain::bits64(value.as_f64().unwrap()));
    let bits: Value = bits.collect::<Vec<_>>().into();
    assert_eq!(bits, expected["pca"]["explained_variance"]);
}

#[test]
fn the_reader_names_any_file_that_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    make::project(folder.path(), NEW_ELSEWHERE);
    let run = folder.path().join("root/demo/runs/complete");
    for place in ["commits", "aggregates", "metrics"] {
        let file = first_file(&run.join(place));
        let good = std::fs::read(&file).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        std::fs::write(&file, bad).unwrap();
        let Some(output) = read(folder.path()) else {
            return;
        };
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{}", file.display());
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        std::fs::write(&file, good).unwrap();
    }
}

fn first_file(folder: &Path) -> PathBuf {
    let first = std::fs::read_dir(folder).unwrap().next().unwrap();
    let path = first.unwrap().path();
    match path.is_dir() {
        true => first_file(&path),
        false => path,
    }
}

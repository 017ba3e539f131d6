//! Files of every version that was ever released open for ever: each has its fixtures in
//! `tests/fixtures/<version>`, a project root and, as JSON, what was written into it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod every_type;
mod make;
mod plain;
mod tell;

use make::{files, put_elsewhere, relative};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{AddMetrics, Columns, Error, IfExists, Run, Table, TableOptions, Url};

/// Where the tables outside the project were when the fixtures were made, whose absolute URL
/// runs hold. It is in memory, so each process has to put them there.
const ELSEWHERE: &str = "memory://tlc-fixtures-elsewhere/";
/// The table there.
const OUTSIDE: &str = "demo/datasets/samples/tables/draußen 1";
const VERSIONS: [&str; 1] = ["v1"];

fn fixtures(version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    folder.join(version)
}

fn expected(version: &str) -> Value {
    let text = std::fs::read_to_string(fixtures(version).join("expected.json"));
    serde_json::from_str(&text.unwrap()).unwrap()
}

/// A copy of a version's project root.
fn copy(version: &str) -> (tempfile::TempDir, Url) {
    let folder = tempfile::tempdir().unwrap();
    let from = fixtures(version);
    for file in files(&from.join("root")) {
        let to = folder
            .path()
            .join(file.strip_prefix(from.join("root")).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(file, to).unwrap();
    }
    put_elsewhere(&from.join("elsewhere"));
    let root = Url::from_path(folder.path()).unwrap();
    (folder, root)
}

/// Like [`assert_eq`] for large values: says where they differ.
#[track_caller]
fn assert_same(found: &Value, expected: &Value, place: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let names = |value: &serde_json::Map<String, Value>| {
                value.keys().cloned().collect::<BTreeSet<_>>()
            };
            assert_eq!(names(found), names(expected), "at {place}");
            for (name, value) in expected {
                assert_same(&found[name], value, &format!("{place}/{name}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert_same(found, expected, &format!("{place}/{at}"));
            }
        }
        _ => assert_eq!(found, expected, "at {place}"),
    }
}

/// Writes the fixtures of the version that this code writes: `TLC_MAKE_FIXTURES=<folder>
/// cargo test -p tlc-core --test formats make`. A version's fixtures are made once, by the
/// last program that wrote it, and never again.
#[test]
fn make() {
    if let Ok(folder) = std::env::var("TLC_MAKE_FIXTURES") {
        let told = make::project(Path::new(&folder), ELSEWHERE);
        let text = laid_out(&told, 0) + "\n";
        std::fs::write(Path::new(&folder).join("expected.json"), text).unwrap();
    }
}

/// JSON with what is shallow on lines of its own, so that changes can be seen.
fn laid_out(value: &Value, depth: usize) -> String {
    let indent = " ".repeat(depth + 1);
    let (items, open, close): (Vec<String>, _, _) = match value {
        Value::Object(fields) if depth < 6 => {
            let field = |(name, value): (&String, &Value)| {
                let name = Value::from(name.as_str());
                format!("{indent}{name}: {}", laid_out(value, depth + 1))
            };
            (fields.iter().map(field).collect(), "{", "}")
        }
        Value::Array(items) if depth < 4 && items.iter().any(Value::is_object) => {
            let item = |value| format!("{indent}{}", laid_out(value, depth + 1));
            (items.iter().map(item).collect(), "[", "]")
        }
        other => return other.to_string(),
    };
    format!(
        "{open}\n{}\n{}{close}",
        items.join(",\n"),
        " ".repeat(depth)
    )
}

#[test]
fn every_file_of_version_1_opens_and_reads_as_it_was_written() {
    let (_folder, root) = copy("v1");
    assert_same(&tell::root(&root), &expected("v1"), "");
}

#[test]
fn opening_and_reading_version_1_changes_no_file() {
    let (folder, root) = copy("v1");
    tell::root(&root);
    let original = fixtures("v1").join("root");
    for file in files(&original) {
        let copied = std::fs::read(folder.path().join(relative(&original, &file))).unwrap();
        assert_eq!(copied, std::fs::read(&file).unwrap(), "{}", file.display());
    }
    assert_eq!(files(folder.path()).len(), files(&original).len());
}

#[test]
fn a_run_of_version_1_takes_more_metrics_and_keeps_what_it_has() {
    let (_folder, root) = copy("v1");
    let before = expected("v1");
    let url = |place: &str| root.join(place).unwrap();
    let table = Table::from_url(url("demo/datasets/samples/tables/every type")).unwrap();
    for place in before["runs"].as_object().unwrap().keys() {
        let run = Run::from_url(url(place)).unwrap();
        let columns = Columns::new()
            .column("example_id", vec![5_i64, 2])
            .column("added", vec![0.5_f32, -0.0]);
        let about = AddMetrics::new().foreign_table(&table).stream("later");
        run.add_metrics(columns, about).unwrap();
        run.log([("epoch", 77.0), ("added", 1.0)]).unwrap();
        run.set_parameters([("added", true)]).unwrap();
        run.close().unwrap();
        drop(run);
        let after = tell::run(&root, &Run::from_url(url(place)).unwrap());
        assert_has_all(&before["runs"][place], &after, place);
    }
}

/// What the run was before, and after it what was added.
fn assert_has_all(before: &Value, after: &Value, place: &str) {
    for list in ["metrics", "series"] {
        let (old, new) = (
            before[list].as_array().unwrap(),
            after[list].as_array().unwrap(),
        );
        assert_eq!(new.len(), old.len() + 1, "{list} of {place}");
        assert_same(
            &new[..old.len()].into(),
            &before[list],
            &format!("{place}/{list}"),
        );
    }
    for same in ["id", "description", "input_tables", "unfinished_metrics"] {
        assert_same(&after[same], &before[same], &format!("{place}/{same}"));
    }
    let added = &after["metrics"].as_array().unwrap().last().unwrap();
    assert_eq!(
        added["columns"]["added"],
        serde_json::json!(["3f000000", "80000000"])
    );
    let mut parameters = after["parameters"].clone();
    assert_eq!(
        parameters.as_object_mut().unwrap().remove("added"),
        Some(true.into())
    );
    assert_same(&parameters, &before["parameters"], place);
}

#[test]
fn a_table_of_version_1_is_overwritten_and_its_old_contents_stay_readable() {
    let (_folder, root) = copy("v1");
    let before = expected("v1");
    for place in before["tables"].as_object().unwrap().keys() {
        let name = place.rsplit('/').next().unwrap();
        let options = TableOptions::new("demo", "samples", name)
            .root(&root)
            .if_exists(IfExists::Overwrite);
        let new = Table::create(options, |writer| writer.add_batch(every_type::batch()));
        let new = new.unwrap();
        let reopened = Table::from_url(root.join(place).unwrap()).unwrap();
        assert_eq!(reopened.id(), new.id());
        assert_same(&tell::table(&reopened), &tell::table(&new), place);
    }
    // Runs hold on to the contents that their metrics are about.
    assert_same(&tell::root(&root)["runs"], &before["runs"], "");
}

#[test]
fn a_table_of_version_1_is_reused_if_it_is_made_again_of_the_same_rows() {
    let (_folder, root) = copy("v1");
    let old = Table::from_url(
        root.join("demo/datasets/samples/tables/every type")
            .unwrap(),
    );
    let old = old.unwrap();
    let options = TableOptions::new("demo", "samples", "every type").root(&root);
    let again = |batch: &RecordBatch| {
        Table::create(options.clone().if_exists(IfExists::Reuse), |writer| {
            writer.add_batch(batch)
        })
    };
    assert_eq!(again(&every_type::batch()).unwrap().id(), old.id());
    let fewer = again(&every_type::batch().slice(1, 3));
    assert!(matches!(fewer, Err(Error::DataChanged { .. })));
    let copied = Table::create(
        TableOptions::new("demo", "samples", "copy").root(&root),
        |w| {
            old.scan()
                .batches()?
                .try_for_each(|batch| w.add_batch(&batch?))
        },
    );
    assert_eq!(
        copied.unwrap().fingerprint().unwrap(),
        old.fingerprint().unwrap(),
        "told by the manifest, and by the rows"
    );
}

#[test]
fn metrics_of_version_1_are_found_by_their_constants_which_their_rows_tell() {
    let (_folder, root) = copy("v1");
    let mut found = 0;
    for place in expected("v1")["runs"].as_object().unwrap().keys() {
        let run = Run::from_url(root.join(place).unwrap()).unwrap();
        for metrics in run.metrics().unwrap() {
            let Some(epoch) = metrics.constant("epoch").unwrap() else {
                let is_constant = metrics.constants().any(|name| name == "epoch");
                assert!(metrics.is_empty() || !is_constant);
                continue;
            };
            let of_epoch = run.metrics().unwrap().epoch(epoch.as_i64().unwrap());
            assert!(of_epoch.iter().any(|other| other.name() == metrics.name()));
            assert!(!metrics.is_finding());
            found += 1;
        }
    }
    assert!(found >= 2, "{found}");
}

#[test]
fn every_fixture_has_a_test() {
    let folders = std::fs::read_dir(fixtures("")).unwrap();
    let folders: BTreeSet<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, VERSIONS.map(str::to_owned).into());
    for version in VERSIONS {
        let files = files(&fixtures(version));
        let commits: Vec<&PathBuf> = files.iter().filter(|file| is_commit(file)).collect();
        let documents: String = commits
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        let told = expected(version);
        for file in &files {
            let place = relative(&fixtures(version), file);
            assert!(
                is_read(&place, &told, &documents),
                "nothing reads {version}/{place}"
            );
        }
    }
}

fn is_commit(file: &Path) -> bool {
    file.parent().unwrap().ends_with("commits")
}

/// Whether a file belongs to a table or run that is expected, and a document names it if it
/// is none itself.
fn is_read(place: &str, told: &Value, documents: &str) -> bool {
    if place == "expected.json" {
        return true;
    }
    let inside = ["tables", "runs"].map(|kind| told[kind].as_object().unwrap().keys());
    let inside = inside
        .into_iter()
        .flatten()
        .map(|owner| format!("root/{owner}/"));
    let outside = format!("elsewhere/{OUTSIDE}/");
    let mut owners = inside.chain([outside]);
    let owner = owners.find_map(|owner| place.strip_prefix(&owner));
    owner.is_some_and(|file| {
        file == "lock" || file.starts_with("commits/") || documents.contains(&format!("\"{file}\""))
    })
}

//! Documents that are damaged, swapped, missing or made up.

use crate::{pending_labels, table};
use serde_json::json;
use std::path::{Path, PathBuf};
use tlc_core::storage::json::seal;
use tlc_core::{Table, Url};
use tlc_view::{Change, PendingEdits};

const STEPS: usize = 6;

/// A table with some edits, and the folder of these.
fn edited() -> (tempfile::TempDir, Table, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), 20);
    let mut edits = PendingEdits::open(&table).unwrap();
    for row in 0..STEPS {
        edits
            .act(Change::set("label", [row], "cow").reviewed())
            .unwrap();
    }
    let path = folder.path().join("demo/edits").join(table.id());
    (folder, table, path)
}

fn file(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:020}.json"))
}

/// Opening fails, and names the file.
fn assert_told(table: &Table, number: usize) {
    let error = PendingEdits::open(table).unwrap_err().to_string();
    assert!(error.contains(&format!("{number:020}.json")), "{error}");
}

#[test]
fn a_document_that_is_cut_flipped_emptied_or_missing_is_named() {
    for number in 0..STEPS {
        let (_kept, table, folder) = edited();
        let path = file(&folder, number);
        let bytes = std::fs::read(&path).unwrap();
        for len in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..len]).unwrap();
            assert_told(&table, number);
        }
        for bit in (0..bytes.len() * 8).step_by(11) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, flipped).unwrap();
            assert_told(&table, number);
        }
        std::fs::remove_file(&path).unwrap();
        if number + 1 < STEPS {
            assert_told(&table, number);
        }
        std::fs::write(&path, &bytes).unwrap();
        // Nothing else is lost.
        assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), STEPS);
    }
}

#[test]
fn documents_in_anothers_place_are_told() {
    let (_kept, table, folder) = edited();
    let read = |number| std::fs::read(file(&folder, number)).unwrap();
    let (one, two) = (read(1), read(2));
    std::fs::write(file(&folder, 1), &two).unwrap();
    std::fs::write(file(&folder, 2), &one).unwrap();
    assert_told(&table, 1);
    std::fs::write(file(&folder, 1), &one).unwrap();
    std::fs::write(file(&folder, 2), &two).unwrap();
    // Those of another table.
    let (_other, _, others) = edited();
    std::fs::copy(file(&others, 3), file(&folder, 3)).unwrap();
    assert_told(&table, 3);
}

#[test]
fn a_file_of_values_that_is_gone_or_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), 20_000);
    let mut edits = PendingEdits::open(&table).unwrap();
    edits
        .act(Change::accept("label", 0..20_000, vec![1; 20_000]))
        .unwrap();
    let files = folder.path().join("demo/edits").join(table.id());
    let files = std::fs::read_dir(files)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let values = files
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "arrow"));
    let values = values.unwrap();
    let name = values.file_name().unwrap().to_str().unwrap().to_owned();
    let bytes = std::fs::read(&values).unwrap();
    for at in [0, 100, bytes.len() / 2, bytes.len() - 1] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        std::fs::write(&values, flipped).unwrap();
        let error = PendingEdits::open(&table).unwrap_err().to_string();
        assert!(error.contains(&name), "{error}");
    }
    std::fs::remove_file(&values).unwrap();
    let error = PendingEdits::open(&table).unwrap_err().to_string();
    assert!(error.contains(&name), "{error}");
    std::fs::write(&values, bytes).unwrap();
    assert_eq!(
        pending_labels(&PendingEdits::open(&table).unwrap())[..3],
        [1, 1, 1]
    );
}

/// A sealed document after the ones that are there.
fn forge(folder: &Path, table: &Table, step: &serde_json::Value) {
    let previous = std::fs::read(file(folder, STEPS - 1)).unwrap();
    let text = String::from_utf8(previous).unwrap();
    let checksum: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let document = json!({
        "table": table.id(), "name": "train", "number": STEPS, "previous": checksum["crc32c"],
        "id": "x", "step": step,
    });
    let (bytes, _) = seal("tlc-edit", 1, &document).unwrap();
    std::fs::write(file(folder, STEPS), &bytes).unwrap();
}

const VALUES: &str = "01890000-0000-7000-8000-000000000000.arrow";

fn act(what: serde_json::Value) -> serde_json::Value {
    json!({"act": {"id": "a", "made": "now", "what": what}})
}

fn set(rows: &serde_json::Value, column: &str, values: &serde_json::Value) -> serde_json::Value {
    act(json!({"set": {"column": column, "rows": rows, "values": values}}))
}

fn values_in(name: &str, len: u64) -> serde_json::Value {
    let file =
        json!({"name": name, "len_bytes": len, "block_bytes": 262_144, "crc32c": "00000000"});
    json!({ "file": file })
}

fn added(column: serde_json::Value, values: serde_json::Value) -> serde_json::Value {
    act(json!({"add_column": {"column": column, "values": {"here": values}}}))
}

fn wrong_steps() -> Vec<serde_json::Value> {
    let flag = |name: &str| json!({"name": name, "value": {"type": "bool"}});
    let list = json!({"type": "list", "item": {"type": "bool"}});
    let arrived = json!({"from": "x", "through": 1, "actions": [], "reviewed": {"runs": [0, 21]}});
    vec![
        json!({"undo": {"action": "other"}}),
        json!({"redo": {"action": "other"}}),
        json!({"undo": {}}),
        json!({"fly": {}}),
        json!({"committed": {"commit": 99, "revision": "x"}}),
        json!({"left": {"to": "x", "through": 99}}),
        json!({ "arrived": arrived }),
        added(flag("label"), json!([true])),
        added(flag("x"), json!([true, false])),
        added(flag("x"), json!([])),
        added(json!({"name": "x", "value": list}), json!([true])),
    ]
}

fn wrong_rows() -> Vec<serde_json::Value> {
    let wrong = [
        json!({"runs": [19, 2]}),
        json!({"runs": [u32::MAX, 1]}),
        json!({"runs": [1, u32::MAX]}),
        json!({"runs": [5, 1, 3, 1]}),
        json!({"runs": [5]}),
        json!({"runs": []}),
        json!({"bits": {"from": 18, "hex": "f"}}),
        json!({"bits": {"from": 0, "hex": "zz"}}),
    ];
    let one = json!({"here": [1]});
    wrong.map(|rows| set(&rows, "label", &one)).to_vec()
}

fn wrong_values() -> Vec<serde_json::Value> {
    let rows = json!({"runs": [1, 2]});
    let wrong = [
        json!({"here": []}),
        json!({"here": [1, 2, 3]}),
        json!({"here": [9]}),
        json!({"here": [null]}),
        json!({"here": [[1]]}),
        values_in("../../x.arrow", 5),
        values_in("x.arrow", 5),
        values_in(VALUES, 5),
        values_in(VALUES, u64::MAX),
    ];
    let of_label = wrong.iter().map(|values| set(&rows, "label", values));
    let of_nothing = set(&rows, "nothing", &json!({"here": [1]}));
    of_label.chain([of_nothing]).collect()
}

#[test]
fn a_sound_document_that_says_what_cannot_be_is_refused_without_a_panic() {
    let (_kept, table, folder) = edited();
    let wrong = [wrong_steps(), wrong_rows(), wrong_values()].concat();
    for step in wrong {
        forge(&folder, &table, &step);
        let error = PendingEdits::open(&table).unwrap_err().to_string();
        let is_named = error.contains(&format!("{STEPS:020}.json")) || error.contains(VALUES);
        assert!(is_named, "{step}: {error}");
    }
    let sound = set(&json!({"runs": [1, 2]}), "label", &json!({"here": [0]}));
    forge(&folder, &table, &sound);
    assert_eq!(
        PendingEdits::open(&table).unwrap().actions().len(),
        STEPS + 1
    );
}

#[test]
fn a_damaged_checkpoint_is_passed_over_and_steps_that_it_outlived_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(&Url::from_path(folder.path()).unwrap(), 20);
    let mut edits = PendingEdits::open(&table).unwrap();
    for step in 0..600 {
        edits.act(Change::review([step % 20])).unwrap();
        if step % 7 == 0 {
            edits.undo().unwrap();
        }
    }
    let done = edits.actions().len();
    let folder = folder.path().join("demo/edits").join(table.id());
    let names = || {
        std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let is_checkpoint = |path: &PathBuf| path.to_str().unwrap().ends_with(".checkpoint.json");
    let checkpoints: Vec<_> = names().filter(is_checkpoint).collect();
    assert_eq!(checkpoints.len(), 1);
    let bytes = std::fs::read(&checkpoints[0]).unwrap();
    for damaged in [&b""[..], &bytes[..99], b"{}\n{}\n"] {
        std::fs::write(&checkpoints[0], damaged).unwrap();
        assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), done);
    }
    std::fs::write(&checkpoints[0], &bytes).unwrap();
    assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), done);
    // A step before the checkpoint is not read, one after it is.
    std::fs::write(file(&folder, 3), "gone").unwrap();
    assert_eq!(PendingEdits::open(&table).unwrap().actions().len(), done);
    for number in 500..700 {
        let _ = std::fs::remove_file(file(&folder, number));
    }
    let error = PendingEdits::open(&table).unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
}

//! Selections that are damaged, looked after and deleted with their table.

use super::{rows, table};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tlc_core::storage::json::seal;
use tlc_core::{Error, Table, Url, VacuumOptions, delete, vacuum, verify};

/// A table with two versions of a selection, and their folder.
fn saved() -> (tempfile::TempDir, Table, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let base = table(&Url::from_path(folder.path()).unwrap(), 10);
    base.save_selection("models", [1, 2], "first").unwrap();
    base.save_selection("models", [3, 4, 9], "second").unwrap();
    let path = base.url().to_path().unwrap().join("selections/models");
    (folder, base, path)
}

fn file(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:020}.json"))
}

#[test]
fn damage_is_told_when_it_is_read_and_by_verify() {
    let (_kept, base, folder) = saved();
    assert!(verify(base.url()).unwrap().problems.is_empty());
    for number in [0, 1] {
        let path = file(&folder, number);
        let bytes = std::fs::read(&path).unwrap();
        for bit in (0..bytes.len() * 8).step_by(7) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, flipped).unwrap();
            if number == 1 {
                let error = base.selection("models").unwrap_err();
                assert!(
                    error.to_string().contains(&format!("{number:020}.json")),
                    "{error}"
                );
            }
            assert_eq!(verify(base.url()).unwrap().problems.len(), 1, "bit {bit}");
        }
        std::fs::remove_file(&path).unwrap();
        let is_told = !verify(base.url()).unwrap().problems.is_empty();
        assert_eq!(is_told, number == 0);
        std::fs::write(&path, bytes).unwrap();
    }
    // One in the place of the other.
    std::fs::copy(file(&folder, 0), file(&folder, 1)).unwrap();
    assert!(matches!(
        base.selection("models"),
        Err(Error::Corrupt { .. })
    ));
    assert_eq!(verify(base.url()).unwrap().problems.len(), 1);
}

#[test]
fn what_a_sound_document_says_is_not_believed() {
    use serde_json::json;
    let (_kept, base, folder) = saved();
    let extents = json!([{"id": base.id(), "rows": 10}]);
    let forge = |name: &str, extents: &serde_json::Value, rows: serde_json::Value| {
        let document = json!({
            "name": name, "number": 2, "id": "x", "created": "now", "description": "",
            "base": base.id(), "extents": extents, "rows": rows,
        });
        let (bytes, _) = seal("tlc-selection", 1, &document).unwrap();
        std::fs::write(file(&folder, 2), &bytes).unwrap();
        base.selection("models")
    };
    let huge = json!([{"id": base.id(), "rows": u64::MAX}, {"id": "x", "rows": u64::MAX}]);
    for (extents, wrong) in [
        (&extents, json!({"runs": [9, 2]})),
        (&extents, json!({"runs": [0, u64::MAX]})),
        (&extents, json!({"runs": [3, 1, 2, 1]})),
        (&extents, json!({"runs": [3, 0]})),
        (&extents, json!({"bits": {"from": 8, "hex": "f"}})),
        (&extents, json!({"bits": {"from": u64::MAX, "hex": "3"}})),
        (&extents, json!({"bits": {"from": 0, "hex": "é"}})),
        (&extents, json!(null)),
        (&json!([]), json!({"runs": [0, 1]})),
    ] {
        let found = forge("models", extents, wrong.clone());
        assert!(
            matches!(found, Err(Error::Corrupt { .. })),
            "{wrong}: {found:?}"
        );
    }
    assert!(forge("other", &extents, json!({"runs": [1, 1]})).is_err());
    // Far more positions than the table has: those are not there.
    let other = json!([{"id": "other", "rows": 10}]);
    assert!(
        forge("models", &other, json!({"runs": [0, 10]}))
            .unwrap()
            .is_empty()
    );
    let found = forge("models", &huge, json!({"runs": [8, 1]})).unwrap();
    assert!(found.is_empty() && found.missing() == 1);
}

#[test]
fn vacuum_leaves_them_and_deleting_the_table_takes_them_along() {
    let (kept, base, folder) = saved();
    let options = VacuumOptions::new()
        .untouched_for(Duration::ZERO)
        .old_contents(true);
    let found = vacuum(base.url(), options).unwrap();
    assert!(found.files().is_empty() && found.problems().is_empty());
    found.delete().unwrap();
    assert_eq!(rows(&base.selection("models").unwrap()), [3, 4, 9]);
    std::fs::write(folder.join("mine.txt"), "kept").unwrap();
    std::fs::write(folder.join("mine.json"), "kept").unwrap();
    delete(base.url()).unwrap();
    let left = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["mine.json", "mine.txt"]);
    // No trace of a save after that.
    std::fs::remove_dir_all(kept.path().join("demo/datasets")).unwrap();
    let error = base.save_selection("late", [1], "").unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(!kept.path().join("demo/datasets").exists());
}

#[test]
fn names_may_be_those_of_other_folders() {
    let (_kept, base, _) = saved();
    for name in ["commits", "parts", "selections", "größer 1", "a.json"] {
        base.save_selection(name, [1], "").unwrap();
        assert_eq!(rows(&base.selection(name).unwrap()), [1]);
    }
    assert_eq!(base.selections().unwrap().len(), 6);
    assert!(verify(base.url()).unwrap().problems.is_empty());
    let path = base.url().to_path().unwrap();
    delete(base.url()).unwrap();
    assert!(!path.exists());
}

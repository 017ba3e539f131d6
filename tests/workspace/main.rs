//! What holds of the workspace as a whole.

#![allow(clippy::panic, clippy::unwrap_used)] // a test may fail loudly

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files below a folder, with their paths from it.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(folder).unwrap().to_path_buf(), source));
            }
        }
    }
    assert!(
        found.len() > 10,
        "{} files in {}",
        found.len(),
        folder.display()
    );
    found
}

/// The room a file belongs to: its folder, or its own name.
fn room(file: &Path) -> String {
    let first = file
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Fails if a file names, after `crate::`, a room that comes after or, the first level
/// apart, beside its own; or if fewer than `uses` names were looked at.
fn assert_one_way(folder: &str, rooms: &[&[&str]], uses: usize) {
    let level = |name: &str| rooms.iter().position(|level| level.contains(&name));
    let mut looked_at = 0;
    for (file, source) in sources(&root().join(folder)) {
        let room = room(&file);
        if room == "lib" {
            continue;
        }
        let own = level(&room).unwrap_or_else(|| panic!("{} is in no level", file.display()));
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for name in named_rooms(line) {
                let Some(other) = level(name) else { continue };
                looked_at += 1;
                let beside = other == own && own > 0 && name != room;
                assert!(
                    other <= own && !beside,
                    "{}: {}",
                    file.display(),
                    line.trim()
                );
            }
        }
    }
    assert!(looked_at >= uses, "only {looked_at} uses in {folder}");
}

/// `storage` and `table` in `use crate::{Error, storage::Store, table};`, as far as a
/// line tells.
fn named_rooms(line: &str) -> Vec<&str> {
    let Some((_, rest)) = line.split_once("crate::") else {
        return Vec::new();
    };
    match rest.strip_prefix('{') {
        Some(list) => list
            .split([',', '{', '}'])
            .filter_map(|item| item.trim().split("::").next())
            .collect(),
        None => rest
            .split(|at: char| !at.is_alphanumeric() && at != '_')
            .take(1)
            .collect(),
    }
}

#[test]
fn data_flow_one_way_inside_the_core() {
    assert_one_way(
        "crates/tlc-core/src",
        &[
            &["error", "limits", "url"],
            &["storage"],
            &["schema"],
            &["part"],
            &["layout"],
            &["table"],
            &["run"],
            &["metrics"],
        ],
        15,
    );
}

#[test]
fn data_flow_one_way_inside_collection() {
    assert_one_way(
        "crates/tlc-burn/src",
        &[
            &["error", "device", "tap"],
            &["map"],
            &["batch"],
            &["predict", "collect"],
            &["write"],
            &["learner"],
        ],
        15,
    );
}

#[test]
fn data_flow_one_way_inside_findings() {
    assert_one_way(
        "crates/tlc-findings/src",
        &[
            &["error"],
            &["column"],
            &["embeddings", "beside"],
            &["label_issues", "dynamics", "neighbors"],
            &["reduce"],
        ],
        5,
    );
}

#[test]
fn crates_depend_one_way() {
    let core = read("crates/tlc-core/Cargo.toml");
    assert!(!core.contains("burn") && !core.contains("axum"));
    let burn = read("crates/tlc-burn/Cargo.toml");
    assert!(burn.contains("tlc-core") && !burn.contains("tlc-dashboard"));
    let findings = read("crates/tlc-findings/Cargo.toml");
    assert!(findings.contains("tlc-core") && !findings.contains("burn"));
    assert!(!findings.contains("axum") && !core.contains("tlc-findings"));
}

#[test]
fn the_lines_the_readme_shows_stand_in_the_example() {
    let readme = read("README.md");
    let example: String = ["main", "model", "data"]
        .iter()
        .map(|file| read(format!("examples/train_classifier/{file}.rs")))
        .collect();
    let beside = [
        "examples/train_with_learner/main.rs",
        "crates/tlc-burn/src/learner/example.md",
        "examples/collect_from_checkpoint.rs",
    ];
    let example = beside.iter().fold(example, |all, file| all + &read(file));
    let stands = |line: &str| example.lines().any(|other| other.trim() == line.trim());
    let mut checked = 0;
    for block in readme.split("```rust,ignore\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block
            .lines()
            .filter(|line| !line.trim().is_empty() && line.trim() != "..")
        {
            assert!(stands(line), "not in the example: {line}");
            checked += 1;
        }
    }
    assert!(checked >= 15, "only {checked} lines");
}

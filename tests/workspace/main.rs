//! What holds of the workspace as a whole.

#![allow(clippy::panic, clippy::unwrap_used)] // a test may fail loudly

mod arrows;
mod builds;
mod imports;
mod layers;
mod lines;
mod twice;

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
        "examples/edit_labels/main.rs",
        "examples/features_from_pretrained/main.rs",
        "examples/burn/regression/tlc.rs",
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

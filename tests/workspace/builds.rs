//! What the README's first command builds: a stranger waits for it.

use crate::{read, root};
use std::process::Command;

/// Crates that are heavy, or bring heavy ones along, and that training a classifier on the
/// CPU does not need.
const HEAVY: [&str; 16] = [
    "arrow-arith",
    "arrow-string",
    "axum",
    "burn-ndarray",
    "burn-rl",
    "burn-train",
    "burn-wgpu",
    "criterion",
    "cubecl-wgpu",
    "datafusion",
    "object_store",
    "proptest",
    "ratatui",
    "rstest",
    "tokio",
    "wgpu",
];

/// The crates that a package is built of.
fn crates_of(package: &str, features: &[&str]) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--offline", "--prefix", "none"])
        .args(["--edges", "normal,build,dev", "--package", package])
        .args(["--features", &features.join(",")])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{error}");
    let names = String::from_utf8(tree.stdout).unwrap();
    let names = names.lines().filter_map(|line| line.split(' ').next());
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_first_command_of_the_readme_builds_no_heavy_crate_that_it_does_not_need() {
    let command = "cargo run --release -p tlc-examples --example train_classifier";
    assert!(read("README.md").contains(command));
    let crates = crates_of("tlc-examples", &[]);
    let heavy: Vec<_> = HEAVY
        .iter()
        .filter(|heavy| crates.iter().any(|name| name == *heavy))
        .collect();
    assert!(heavy.is_empty(), "{heavy:?}");
    assert!(crates.len() < 285, "{} crates", crates.len());
    // The list is of crates that there are.
    let with_training = crates_of("tlc-examples", &["train"]);
    assert!(with_training.iter().any(|name| name == "burn-train"));
}

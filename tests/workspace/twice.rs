//! What is built twice, since two commands want it with other features.

use crate::root;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;

/// Of each crate the sets of features that it is built with: for programs one, and another for
/// macros and build scripts.
type Features = BTreeMap<String, BTreeSet<String>>;

/// What `.ci/run` tests beside the command of README.md, with the features that it has for it.
const OTHERS: [&[&str]; 2] = [
    &["--features", "train,checkpoint,formats,s3,wgpu"],
    &[
        "--workspace",
        "--exclude",
        "tlc-benches",
        "--features",
        "train,checkpoint,cluster,formats,s3,tlc-cli/sql",
    ],
];

/// Each crate of a build, with its features; nothing if not all of them are on this machine.
fn built(arguments: &[&str]) -> Option<Features> {
    let mut cargo = Command::new(env!("CARGO"));
    let asked = [
        "tree",
        "--offline",
        "--edges",
        "normal,build,dev,features",
        "--prefix",
        "none",
    ];
    let asked = cargo
        .args(asked)
        .args(["--format", "{p}|{f}"])
        .args(arguments);
    let output = asked.current_dir(root()).output().unwrap();
    if !output.status.success() {
        return None;
    }
    let mut built = Features::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Some((name, features)) = line.trim_end_matches(" (*)").split_once('|') {
            let known = built.entry(name.to_owned()).or_default();
            known.insert(features.to_owned());
        }
    }
    Some(built)
}

#[test]
fn the_gpu_sql_and_the_cluster_build_nothing_anew_that_the_tests_have_built_but_burn() {
    let base = built(&[]).unwrap();
    assert!(base.len() > 300, "{}", base.len());
    for arguments in OTHERS {
        let Some(other) = built(arguments) else {
            let otherwise = format!("what {arguments:?} needs is not on this machine");
            let required = std::env::var("TLC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(!required, "{otherwise}");
            let _ = writeln!(std::io::stderr(), "SKIPPED: {otherwise}");
            continue;
        };
        assert!(other.len() > base.len(), "{arguments:?}");
        let differ = base.iter().filter_map(|(name, features)| {
            let others = other.get(name)?;
            let is_ours = ["burn", "cubecl", "tlc"]
                .iter()
                .any(|ours| name.starts_with(ours));
            (!is_ours && !features.is_subset(others))
                .then(|| format!("{name}: {features:?}, and otherwise {others:?}"))
        });
        let differ: Vec<String> = differ.collect();
        assert!(
            differ.is_empty(),
            "in tests/Cargo.toml is missing:\n{}",
            differ.join("\n")
        );
    }
}

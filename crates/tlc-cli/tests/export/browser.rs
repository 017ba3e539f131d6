//! The file in Chromium: it opens from the disk, and asks for nothing.

use crate::Place;
use crate::world::{RUN, World};
use crate::{hostile, told};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// What is missing of the tools that a browser takes.
fn missing() -> Option<String> {
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|output| output.status.success()) {
        return Some("there is no `node`".to_owned());
    }
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let chromium = set("TLC_CHROMIUM").unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"));
    if !chromium.is_file() {
        return Some(format!("there is no {}", chromium.display()));
    }
    let modules = set("TLC_NODE_MODULES").unwrap_or_else(|| PathBuf::from("."));
    let packages =
        ["playwright-core", "axe-core"].map(|name| modules.join("node_modules").join(name));
    let package = packages.into_iter().find(|package| !package.is_dir())?;
    Some(format!("there is no {}", package.display()))
}

/// What a browser sees of the file of a run; `None`, said aloud, where there is no browser.
fn seen(place: &Place, run: &str) -> Option<Value> {
    if let Some(missing) = missing() {
        let required = std::env::var_os("TLC_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "TLC_REQUIRE_TOOLS=1, but {missing}");
        // Past the capture of the test harness.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {missing}");
        return None;
    }
    let file = place.file("run.html");
    let exported = place.command(run, &file).arg("--force").output().unwrap();
    assert!(exported.status.success(), "{}", told(&exported));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export/open.mjs");
    let output = Command::new("node")
        .arg(script)
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", told(&output));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn is_well(seen: &Value) {
    for fault in [
        "asked", "console", "thrown", "dialogs", "tooWide", "broken", "barriers",
    ] {
        assert_eq!(seen[fault], json!([]), "{fault}");
    }
    assert_eq!(
        [&seen["harmed"], &seen["scripts"]],
        [&json!(null), &json!(0)]
    );
    // Designed in both, and printed on white.
    let papers = json!({ "light": "rgb(255, 255, 255)", "dark": "rgb(27, 29, 31)", "print": "rgb(255, 255, 255)" });
    assert_eq!(seen["papers"], papers);
}

/// Holds if the file of a run opens without a fault, where there is a browser.
pub(crate) fn opens_well(place: &Place, run: &str) {
    if let Some(seen) = seen(place, run) {
        is_well(&seen);
    }
}

#[test]
fn a_file_opens_offline_with_all_that_is_in_it() {
    let world = World::new();
    let Some(seen) = seen(&world.place, RUN) else {
        return;
    };
    is_well(&seen);
    assert_eq!(seen["title"], "fashion / first");
    assert_eq!(seen["tiles"], 200);
    assert_eq!(
        seen["headings"],
        json!(["Findings", "Curves", "Confusion", "Worst 200"])
    );
    assert!(seen["images"].as_u64().unwrap() > 200);
    assert!(seen["pages"].as_u64().unwrap() >= 2, "{}", seen["pages"]);
}

#[test]
fn a_file_full_of_attacks_does_no_harm() {
    let Some(seen) = seen(&hostile::place(), "harm/hostile") else {
        return;
    };
    is_well(&seen);
    assert_eq!(seen["images"], 0);
}

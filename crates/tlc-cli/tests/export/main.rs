//! `tlc export` as people call it: the program runs, and the file that it writes is read.
//!
//! What opens the file in Chromium wants `node`, Chromium (`TLC_CHROMIUM`, else
//! /usr/bin/chromium) and the npm packages `playwright-core` and `axe-core` below
//! `TLC_NODE_MODULES`. Without them it says that it is skipped; `TLC_REQUIRE_TOOLS=1` makes that
//! a failure.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)] // a test stops at the first surprise

mod browser;
mod content;
#[path = "../shared/fashion.rs"]
mod fashion;
mod hostile;
mod looks;
mod overlays;
mod pictures;
#[path = "../shared/place.rs"]
mod place;
mod refusals;
mod rows;
mod states;
mod world;

use self::place::{Place, told};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

impl Place {
    /// The program, about to export a run into a file.
    fn command(&self, run: &str, file: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
        command.args(["export", run, "--project-root", &self.root.to_string()]);
        command.arg("--html").arg(file);
        command
    }

    /// The page of a run, and what the program says of it to other programs.
    fn exported(&self, run: &str, arguments: &[&str]) -> (String, Value) {
        let file = self.file("run.html");
        let output = self
            .command(run, &file)
            .args(["--json", "--force"])
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", told(&output));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let page = std::fs::read_to_string(file).unwrap();
        assert_eq!(told["bytes"], page.len());
        (page, told)
    }

    /// What stands beside the projects.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "projects").collect();
        names.sort();
        names
    }
}

/// What stands between two texts, each time that both are there.
fn between<'p>(page: &'p str, start: &str, end: &str) -> Vec<&'p str> {
    let rest = page.split(start).skip(1);
    rest.map(|rest| rest.split(end).next().unwrap()).collect()
}

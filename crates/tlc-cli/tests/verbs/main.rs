//! The verbs of `tlc` as people and programs call them: the program runs, and what it says is
//! read.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)] // a test stops at the first surprise

mod edits;
mod findings;
mod hostile;
mod lists;
mod names;
mod reading;
mod shape;
#[cfg(unix)]
mod terminal;
mod upkeep;
mod world;

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;
use tlc_core::Url;

/// A folder for projects, and for what is written of them.
struct Place {
    folder: TempDir,
    root: Url,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let projects = folder.path().join("projects");
        std::fs::create_dir(&projects).unwrap();
        let root = Url::from_path(&projects).unwrap();
        Self { folder, root }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with its arguments, beside the projects.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlc"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TLC_PROJECT_ROOT", self.root.to_string());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it says in a pipe.
    fn said(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says to programs.
    fn json(&self, arguments: &[&str]) -> Value {
        let said = self.said(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said).unwrap()
    }

    /// Why it fails, and its exit code.
    fn refusal(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.output(arguments);
        (output.status.code().unwrap(), told(&output))
    }
}

/// What the program says went wrong.
fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

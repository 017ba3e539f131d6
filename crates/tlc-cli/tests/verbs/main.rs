//! The verbs of `tlc` as people and programs call them: the program runs, and what it says is
//! read.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)] // a test stops at the first surprise

mod aliases;
mod edits;
#[path = "../shared/fashion.rs"]
mod fashion;
mod findings;
mod hostile;
mod lists;
mod names;
#[path = "../shared/place.rs"]
mod place;
mod reading;
mod shape;
mod splits;
#[cfg(unix)]
mod terminal;
mod upkeep;
mod world;

use self::place::{Place, told};
use serde_json::Value;
use std::process::{Command, Output};

impl Place {
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

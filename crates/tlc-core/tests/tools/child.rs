//! A test in a process of its own.

use std::process::{Command, Stdio};

/// This test binary as another process, which runs only the test `name` with the
/// variable `role` set.
pub(crate) fn child(name: &str, role: &str, value: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command
        .env(role, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

//! The dashboard in a real browser: Chromium without a window, which is led through what a
//! person does, and what it shows is compared with what is computed here from the same rule.
//!
//! Wants `node`, Chromium (`TLC_CHROMIUM`, else /usr/bin/chromium), and the npm packages
//! `playwright-core` and `axe-core` below `TLC_NODE_MODULES`. Tests without them say that they
//! are skipped; `TLC_REQUIRE_TOOLS=1` makes it a failure.

#![allow(clippy::panic, clippy::unwrap_used, clippy::too_many_lines)] // a test stops at the first surprise

mod access;
mod charts;
mod cold;
mod compare;
mod filters;
mod findings;
mod hostile;
mod kept;
mod killed;
mod live;
mod many;
mod overlays;
mod page;
mod review;
mod rooms;
mod world;

use std::process::{Command, Stdio};

/// This test binary as another process, which runs only the test `name`, with the variable
/// `role` set.
fn child(name: &str, role: &str, value: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command
        .env(role, value)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

//! Scripts that a test asks of Python.

use crate::packages::with_packages;
use std::process::Command;

/// What a script prints, or `None`, said aloud, where there is no Python with these packages.
pub(crate) fn python(packages: &[&str], script: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let run = Command::new(with_packages(packages)?)
        .args(["-c", script])
        .args(arguments)
        .output();
    let output = run.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

//! The Python that a test asks: `TLC_PYTHON`, else `python3`.

use std::process::Command;

/// A Python with these packages, or `None`, said aloud.
pub(crate) fn with_packages(packages: &[&str]) -> Option<String> {
    let python = std::env::var("TLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {}", packages.join(", "));
    let has_packages = Command::new(&python).args(["-c", &import]).output();
    if has_packages.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let required = std::env::var("TLC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "TLC_REQUIRE_TOOLS=1, but {python} lacks one of {packages:?}"
    );
    eprintln!("SKIPPED: {python} lacks one of {packages:?}");
    None
}

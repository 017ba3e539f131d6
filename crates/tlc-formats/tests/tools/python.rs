//! Scripts of Python, `TLC_PYTHON`, else `python3`.

use std::path::Path;
use std::process::Command;

/// What a script prints, or `None`, said aloud, where its packages are missing. Of those that are
/// required `TLC_REQUIRE_TOOLS=1` makes that a failure.
pub(crate) fn run(
    packages: &[&str],
    is_required: bool,
    script: &str,
    arguments: &[&Path],
) -> Option<Vec<u8>> {
    let python = std::env::var("TLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {}", packages.join(", "));
    let has_packages = Command::new(&python).args(["-c", &import]).output();
    if !has_packages.is_ok_and(|output| output.status.success()) {
        let required = std::env::var("TLC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(
            !(required && is_required),
            "TLC_REQUIRE_TOOLS=1, but {python} lacks one of {packages:?}"
        );
        eprintln!("SKIPPED: {python} lacks one of {packages:?}");
        return None;
    }
    let output = Command::new(python)
        .args(["-c", script])
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(output.stdout)
}

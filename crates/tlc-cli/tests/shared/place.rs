//! A folder for projects, and for what is written of them.

use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;
use tlc_core::Url;

pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) root: Url,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let projects = folder.path().join("projects");
        std::fs::create_dir(&projects).unwrap();
        let root = Url::from_path(&projects).unwrap();
        Self { folder, root }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What the program says went wrong.
pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

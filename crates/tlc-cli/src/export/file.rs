//! The file that is written: whole or not at all.

use crate::Failure;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file to write, of which nobody sees a part.
#[derive(Debug)]
pub(crate) struct Target {
    file: PathBuf,
    /// Beside it, on the same disk.
    draft: Draft,
    may_replace: bool,
}

/// A file on the way; gone if it is not put in place.
#[derive(Debug)]
struct Draft(PathBuf);

impl Target {
    /// Refuses at once what could not be written in the end.
    pub(crate) fn new(file: &Path, may_replace: bool) -> Result<Self, Failure> {
        let shown = file.display();
        if file.is_dir() || file.file_name().is_none() {
            return Err(format!("{shown} is a folder: name a file in it").into());
        }
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(format!("there is no folder {}: make it first", folder.display()).into());
        }
        if file.symlink_metadata().is_ok() && !may_replace {
            return Err(is_there(file));
        }
        let draft = format!(".tlc-export.{}.part", std::process::id());
        Ok(Self {
            file: file.to_owned(),
            draft: Draft(folder.join(draft)),
            may_replace,
        })
    }

    pub(crate) fn into_file(self) -> PathBuf {
        self.file
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let said = |error| format!("{} was not written: {error}", self.file.display());
        self.draft.write(bytes).map_err(said)?;
        self.put().map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => is_there(&self.file),
            _ => said(error).into(),
        })
    }

    fn put(&self) -> std::io::Result<()> {
        let Draft(draft) = &self.draft;
        if self.may_replace {
            return fs::rename(draft, &self.file);
        }
        // A link takes no place that another process has taken since; not every disk has links.
        match fs::hard_link(draft, &self.file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            Err(_) => fs::rename(draft, &self.file),
            Ok(()) => Ok(()),
        }
    }
}

impl Draft {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.0)?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is in its place by now, or nobody wants it.
        let _ = fs::remove_file(&self.0);
    }
}

fn is_there(file: &Path) -> Failure {
    let file = file.display();
    format!("{file} is there already: --force overwrites it").into()
}

//! A folder that is there whole or not at all.

use super::Exported;
use crate::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tlc_core::Url;

/// A local folder that is written beside its place.
pub(super) struct Folder {
    path: PathBuf,
    url: Url,
    staged: TempDir,
    files: Vec<Url>,
}

impl Folder {
    /// # Errors
    /// `AlreadyExists` for one that is there and not empty; those of the system.
    pub(super) fn begin(path: &Path) -> Result<Self> {
        let url = Url::from_path(path)?;
        let failed = |source| Error::io(&url, source);
        if !is_free(path).map_err(failed)? {
            return Err(tlc_core::Error::AlreadyExists { url }.into());
        }
        Ok(Self {
            path: path.to_owned(),
            staged: staged(path).map_err(failed)?,
            url,
            files: Vec::new(),
        })
    }

    /// Where it is written.
    pub(super) fn staged(&self) -> &Path {
        self.staged.path()
    }

    /// Writes a new file; steps of its name have `/` between.
    pub(super) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let url = self.url.join(name)?;
        let written = File::create_new(self.staged().join(name));
        let written = written.and_then(|mut file| file.write_all(bytes));
        written.map_err(|source| Error::io(&url, source))?;
        self.files.push(url);
        Ok(())
    }

    /// What went wrong with a folder in it.
    pub(super) fn failed(&self, source: io::Error) -> Error {
        Error::io(&self.url, source)
    }

    /// Gives it its name. An empty folder gives way; anything else does not.
    pub(super) fn publish(self, rows: u64) -> Result<Exported> {
        fs::rename(self.staged(), &self.path).map_err(|source| self.failed(source))?;
        let _ = self.staged.keep();
        Ok(Exported {
            files: self.files,
            rows,
            not_finite: 0,
        })
    }
}

fn is_free(folder: &Path) -> io::Result<bool> {
    match folder.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => Ok(folder.read_dir()?.next().is_none()),
        Ok(_) => Ok(false),
    }
}

/// A folder beside the one that it will be.
fn staged(folder: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tlc-export-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let parent = std::path::absolute(folder)?;
    builder.tempdir_in(parent.parent().unwrap_or(&parent))
}

//! Files on a local disk.

use super::{Entry, Hold, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Ending of a file that is being written.
const STAGING: &str = ".tmp";

/// The local disk.
///
/// A file is written under a staging name in its own folder, synced, and linked to
/// its final name, which fails if that is taken; then the folder is synced. A kill in
/// between leaves at most the staging file, which no listing shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalStore;

impl Store for LocalStore {
    fn get(&self, url: &Url) -> Result<Bytes> {
        fs::read(path(url)?)
            .map(Bytes::from)
            .map_err(|error| explain(url, error))
    }

    fn get_range(&self, url: &Url, range: Range<u64>) -> Result<Bytes> {
        let mut file = File::open(path(url)?).map_err(|error| explain(url, error))?;
        let len = file.metadata().map_err(|error| explain(url, error))?.len();
        if range.start > range.end || range.end > len {
            let reason = format!("bytes {range:?} asked for, the file has {len}");
            return Err(Error::Corrupt {
                url: url.clone(),
                reason,
            });
        }
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(wanted);
        let read = file
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| file.take(wanted as u64).read_to_end(&mut bytes))
            .map_err(|error| explain(url, error))?;
        if read != wanted {
            let reason = format!("{read} of {wanted} bytes could be read");
            return Err(Error::Corrupt {
                url: url.clone(),
                reason,
            });
        }
        Ok(Bytes::from(bytes))
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        let read = match fs::read_dir(path(folder)?) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(explain(folder, error)),
        };
        let mut entries = Vec::new();
        for entry in read {
            let entry = entry.map_err(|error| explain(folder, error))?;
            match entry.file_name().into_string() {
                Err(name) => tracing::warn!(%folder, ?name, "skips a name that is not UTF-8"),
                Ok(name) if name.ends_with(STAGING) => {}
                Ok(name) => entries.push(Entry {
                    name,
                    is_folder: entry.path().is_dir(),
                }),
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        let target = path(url)?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        create_folders(folder).map_err(|error| explain(url, error))?;
        let staging = staging_path(&target);
        let published =
            write_synced(&staging, &bytes).and_then(|()| fs::hard_link(&staging, &target));
        // The staging name has done its work either way.
        let removed = fs::remove_file(&staging);
        published.map_err(|error| explain(url, error))?;
        removed
            .and_then(|()| sync_folder(folder))
            .map_err(|error| explain(url, error))
    }

    fn delete(&self, url: &Url) -> Result<()> {
        match fs::remove_file(path(url)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(url, error)),
            _ => Ok(()),
        }
    }

    fn hold(&self, url: &Url) -> Result<Hold> {
        let target = path(url)?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        let locked = create_folders(folder)
            .and_then(|()| OpenOptions::new().create(true).append(true).open(&target))
            .and_then(|file| file.lock_shared().map(|()| file));
        locked.map(Hold::new).map_err(|error| explain(url, error))
    }

    fn is_held(&self, url: &Url) -> Result<Option<bool>> {
        let file = match File::open(path(url)?) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(false)),
            Err(error) => return Err(explain(url, error)),
        };
        // Another observer has the lock for a moment only; a writer keeps it.
        for _ in 0..5 {
            match file.try_lock() {
                Ok(()) => return Ok(Some(false)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                Err(TryLockError::Error(error)) => return Err(explain(url, error)),
            }
        }
        Ok(Some(true))
    }
}

fn path(url: &Url) -> Result<PathBuf> {
    url.to_path().ok_or_else(|| Error::UnsupportedScheme {
        url: url.to_string(),
        hint: "the local store opens file URLs only".to_owned(),
    })
}

fn staging_path(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}{STAGING}", uuid::Uuid::now_v7().simple()));
    target.with_file_name(name)
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Creates the missing folders and syncs the parent of each.
fn create_folders(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else {
        return Ok(());
    };
    create_folders(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(parent),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

fn explain(url: &Url, source: std::io::Error) -> Error {
    let url = url.clone();
    match source.kind() {
        ErrorKind::NotFound => Error::NotFound { url },
        ErrorKind::AlreadyExists => Error::AlreadyExists { url },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::StorageFull { url, source },
        _ => Error::Io { url, source },
    }
}

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
/// A file is written without a name (or, where the file system has no such files, under
/// a staging name that no listing shows), synced, and given its final name, which fails
/// if that is taken; then the folder is synced.
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
        let published = match publish_unnamed(folder, &target, &bytes) {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                publish_renamed(folder, &target, &bytes)
            }
            other => other,
        };
        // Also where another has taken the name: what follows from having seen it must
        // not be durable before it is.
        match &published {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {}
            _ => sync_folder(folder).map_err(|error| explain(url, error))?,
        }
        published.map_err(|error| explain(url, error))
    }

    fn delete(&self, url: &Url) -> Result<()> {
        match fs::remove_file(path(url)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(url, error)),
            _ => Ok(()),
        }
    }

    fn hold(&self, url: &Url) -> Result<Hold> {
        let locked = lock_file(&path(url)?).and_then(|file| file.lock_shared().map(|()| file));
        locked.map(Hold::new).map_err(|error| explain(url, error))
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        let file = lock_file(&path(url)?).map_err(|error| explain(url, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Hold::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(explain(url, error)),
        }
    }

    fn sweep(&self, folder: &Url) -> Result<()> {
        let read = match fs::read_dir(path(folder)?) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(explain(folder, error)),
        };
        for entry in read {
            let entry = entry.map_err(|error| explain(folder, error))?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .ends_with(STAGING.as_bytes())
            {
                fs::remove_file(entry.path()).map_err(|error| explain(folder, error))?;
            }
        }
        Ok(())
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

/// Writes a file without a name, which the kernel removes if the process dies, and then
/// gives it one. `Unsupported` where the file system has no such files.
#[cfg(target_os = "linux")]
fn publish_unnamed(folder: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::Errno;
    use std::os::fd::AsRawFd;

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = open(folder, flags, Mode::from_raw_mode(0o666)).map_err(|error| match error {
        Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL => ErrorKind::Unsupported.into(),
        other => std::io::Error::from(other),
    })?;
    let mut file = File::from(file);
    file.write_all(bytes)?;
    file.sync_all()?;
    let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, handle, CWD, target, AtFlags::SYMLINK_FOLLOW).map_err(|error| match error {
        // No /proc to name the handle by, or no hard links.
        Errno::NOENT | Errno::PERM | Errno::OPNOTSUPP => ErrorKind::Unsupported.into(),
        other => other.into(),
    })
}

#[cfg(not(target_os = "linux"))]
fn publish_unnamed(_folder: &Path, _target: &Path, _bytes: &[u8]) -> std::io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Writes a file under a staging name and renames it, unless the target exists.
fn publish_renamed(folder: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = target.file_name().unwrap_or_default();
    let mut builder = tempfile::Builder::new();
    builder.prefix(name).suffix(STAGING);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(target)
        .map(drop)
        .map_err(|error| error.error)
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    create_folders(path.parent().unwrap_or(Path::new("/")))?;
    OpenOptions::new().create(true).append(true).open(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    type Publish = fn(&Path, &Path, &[u8]) -> std::io::Result<()>;

    #[test]
    fn of_eight_threads_that_want_one_name_exactly_one_gets_it_either_way() {
        let ways: [(&str, Publish); 2] =
            [("unnamed", publish_unnamed), ("renamed", publish_renamed)];
        for (way, publish) in ways {
            let folder = tempfile::tempdir().unwrap();
            let probe = publish(folder.path(), &folder.path().join("probe"), b"x");
            if probe.is_err_and(|error| error.kind() == ErrorKind::Unsupported) {
                println!("SKIPPED: no {way} files on this file system");
                continue;
            }
            let winners: usize = std::thread::scope(|scope| {
                let contend = |thread: u8| {
                    let folder = folder.path();
                    (0..200)
                        .filter(|name| {
                            publish(folder, &folder.join(name.to_string()), &[thread]).is_ok()
                        })
                        .count()
                };
                let threads: Vec<_> = (0..8)
                    .map(|thread| scope.spawn(move || contend(thread)))
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .sum()
            });
            assert_eq!(winners, 200, "{way}");
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                201,
                "{way}"
            );
        }
    }
}

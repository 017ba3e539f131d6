//! Files on a local disk.

use super::{Entry, Hold, Liveness, Stat, Store};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::fs::{self, DirEntry, File, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Ending of a file that is being written.
const STAGING: &str = ".tmp";
/// Endings of the files that are published.
const PUBLISHED: [&str; 3] = [".json", ".parquet", ".arrow"];
/// Tries to make a folder that others remove.
const FOLDER_TRIES: usize = 20;
/// Folders that this process has synced into their parents.
static DURABLE_FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The local disk.
///
/// A file is written without a name (or, where the file system has no such files, under
/// a staging name that no listing shows), synced, and given its final name, which fails
/// if that is taken; then the folder is synced. Only regular files are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalStore;

impl Store for LocalStore {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let (file, metadata) = open_file(url)?;
        let len = metadata.len();
        check_len(url, len, limit_bytes)?;
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        // A file may grow while it is read.
        file.take(limit_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| explain(url, error))?;
        check_len(url, bytes.len() as u64, limit_bytes)?;
        Ok(Bytes::from(bytes))
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let (mut file, metadata) = open_file(url)?;
        super::check_range(url, &range, metadata.len(), len_bytes)?;
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

    fn stat(&self, url: &Url) -> Result<Stat> {
        let metadata = fs::metadata(path(url)?).map_err(|error| explain(url, error))?;
        if !metadata.is_file() {
            return Err(Error::NotAFile { url: url.clone() });
        }
        Ok(Stat {
            len_bytes: metadata.len(),
            changed: changed(&metadata).map_err(|error| explain(url, error))?,
        })
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
                Ok(name) => entries.push(described(name, &entry)),
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        in_folder(url, |folder, target| put(url, folder, target, &bytes))
    }

    fn settle(&self, folder: &Url) -> Result<()> {
        let synced = open_folder(&path(folder)?).and_then(|folder| sync_folder(&folder));
        match synced {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(folder, error)),
            _ => Ok(()),
        }
    }

    fn delete(&self, url: &Url) -> Result<()> {
        match fs::remove_file(path(url)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(url, error)),
            _ => Ok(()),
        }
    }

    fn delete_folder(&self, folder: &Url) -> Result<()> {
        match fs::remove_dir(path(folder)?) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(explain(folder, error))
            }
            _ => Ok(()),
        }
    }

    fn liveness(&self) -> Option<&dyn Liveness> {
        Some(self)
    }
}

impl Liveness for LocalStore {
    fn hold(&self, url: &Url) -> Result<Hold> {
        loop {
            let file = lock_file(url)?;
            file.lock_shared().map_err(|error| explain(url, error))?;
            // Whoever had it alone may have deleted the file.
            if is_named(url, &file)? {
                return Ok(Hold::new(file));
            }
        }
    }

    fn hold_alone(&self, url: &Url) -> Result<Option<Hold>> {
        let file = lock_file(url)?;
        match file.try_lock() {
            Ok(()) if is_named(url, &file)? => Ok(Some(Hold::new(file))),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(explain(url, error)),
        }
    }

    fn is_held(&self, url: &Url) -> Result<bool> {
        let file = match open_file(url) {
            Ok((file, _)) => file,
            Err(Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        // Another observer has the lock for a moment only; a writer keeps it.
        for _ in 0..5 {
            match file.try_lock() {
                Ok(()) => return Ok(false),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                Err(TryLockError::Error(error)) => return Err(explain(url, error)),
            }
        }
        Ok(true)
    }

    fn sweep(&self, folder: &Url, untouched: Duration) -> Result<()> {
        let read = match fs::read_dir(path(folder)?) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(explain(folder, error)),
        };
        for entry in read {
            let entry = entry.map_err(|error| explain(folder, error))?;
            // Of an entry itself, not of what it may link to.
            let metadata = entry.metadata().map_err(|error| explain(folder, error))?;
            let age = changed(&metadata).map(|changed| changed.elapsed().unwrap_or_default());
            if metadata.is_file()
                && is_staging(entry.file_name().as_encoded_bytes())
                && age.is_ok_and(|age| age >= untouched)
            {
                fs::remove_file(entry.path()).map_err(|error| explain(folder, error))?;
            }
        }
        Ok(())
    }
}

fn path(url: &Url) -> Result<PathBuf> {
    url.to_path().ok_or_else(|| Error::UnsupportedScheme {
        url: url.to_string(),
        hint: "the local store opens file URLs only".to_owned(),
    })
}

fn put(url: &Url, folder: &Path, target: &Path, bytes: &[u8]) -> Result<()> {
    // Before the name is given: without a handle left nothing must become visible.
    let synced = open_folder(folder).map_err(|error| explain(url, error))?;
    let published = match publish_unnamed(folder, target, bytes) {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            publish_renamed(folder, target, bytes)
        }
        other => other,
    };
    // Also where another has taken the name: what follows from having seen it must
    // not be durable before it is.
    match &published {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {}
        _ => sync_folder(&synced).map_err(|error| explain(url, error))?,
    }
    published.map_err(|error| explain(url, error))
}

/// Does something in the folder of a file, which is made if it is missing; once more where
/// somebody who deletes has taken it away in between.
fn in_folder<T>(url: &Url, work: impl Fn(&Path, &Path) -> Result<T>) -> Result<T> {
    let target = path(url)?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    let tried = || {
        create_folders(folder).map_err(|error| explain(url, error))?;
        work(folder, &target)
    };
    for _ in 0..FOLDER_TRIES {
        match tried() {
            Err(Error::NotFound { .. }) => {}
            other => return other,
        }
    }
    tried()
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

/// Opens a regular file. Anything else is refused: a pipe or device may never end.
pub(crate) fn open_file(url: &Url) -> Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    regular_file(url, options.read(true))
}

fn lock_file(url: &Url) -> Result<File> {
    in_folder(url, |_, _| {
        let mut options = OpenOptions::new();
        let (file, _) = regular_file(url, options.create(true).append(true))?;
        Ok(file)
    })
}

/// Whether a file still has the name that it was opened by.
#[cfg(unix)]
fn is_named(url: &Url, file: &File) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata().map_err(|error| explain(url, error))?;
    match fs::metadata(path(url)?) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(explain(url, error)),
    }
}

/// A file that is open keeps its name.
#[cfg(not(unix))]
fn is_named(_url: &Url, _file: &File) -> Result<bool> {
    Ok(true)
}

fn regular_file(url: &Url, options: &mut OpenOptions) -> Result<(File, Metadata)> {
    // Opening a pipe waits for its other end unless told not to.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let not_a_file = |error: std::io::Error| {
        let is_other = fs::metadata(path(url)?).is_ok_and(|metadata| !metadata.is_file());
        match is_other {
            true => Err(Error::NotAFile { url: url.clone() }),
            false => Err(explain(url, error)),
        }
    };
    let file = match options.open(path(url)?) {
        Ok(file) => file,
        Err(error) => return not_a_file(error),
    };
    let metadata = file.metadata().map_err(|error| explain(url, error))?;
    match metadata.is_file() {
        true => Ok((file, metadata)),
        false => Err(Error::NotAFile { url: url.clone() }),
    }
}

fn check_len(url: &Url, len_bytes: u64, limit_bytes: u64) -> Result<()> {
    crate::limits::check(&format!("bytes of {url}"), len_bytes, limit_bytes)
}

fn described(name: String, entry: &DirEntry) -> Entry {
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    let is_folder = match is_link {
        true => entry.path().is_dir(),
        false => entry.file_type().is_ok_and(|kind| kind.is_dir()),
    };
    Entry {
        name,
        is_folder,
        is_link,
    }
}

/// When a file was last touched in any way: a copy may keep the time of its content.
fn changed(metadata: &Metadata) -> std::io::Result<SystemTime> {
    let content = metadata.modified()?;
    #[cfg(unix)]
    let content = {
        use std::os::unix::fs::MetadataExt;
        let secs = u64::try_from(metadata.ctime()).unwrap_or(0);
        content.max(SystemTime::UNIX_EPOCH + Duration::from_secs(secs))
    };
    Ok(content)
}

/// Whether [`publish_renamed`] gives such names: that of a published file, six letters
/// or digits, and the ending.
fn is_staging(name: &[u8]) -> bool {
    let stem = name.strip_suffix(STAGING.as_bytes());
    let stem = stem.and_then(|stem| stem.split_last_chunk::<6>());
    stem.is_some_and(|(published, random)| {
        random.iter().all(u8::is_ascii_alphanumeric)
            && PUBLISHED
                .iter()
                .any(|end| published.ends_with(end.as_bytes()))
    })
}

/// Creates the missing folders, each durable before there is anything in it.
fn create_folders(folder: &Path) -> std::io::Result<()> {
    let Some(parent) = folder.parent().filter(|_| !is_durable(folder)) else {
        return Ok(());
    };
    if !folder.is_dir() {
        create_folders(parent)?;
    }
    let synced = match open_folder(parent) {
        // Nobody who may not list a folder has made one in it.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && folder.is_dir() => {
            return Ok(());
        }
        other => other?,
    };
    match fs::create_dir(folder) {
        Err(_) if folder.is_dir() => {}
        // Another has removed what was there.
        Err(error)
            if error.kind() == ErrorKind::AlreadyExists && folder.symlink_metadata().is_err() =>
        {
            return Err(ErrorKind::NotFound.into());
        }
        other => other?,
    }
    // Also where another has made it, who may die before this call.
    sync_folder(&synced)?;
    let mut durable = DURABLE_FOLDERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    durable.insert(folder.to_path_buf());
    Ok(())
}

/// Whether this process knows that a folder is there and durable.
fn is_durable(folder: &Path) -> bool {
    let durable = DURABLE_FOLDERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    durable.contains(folder) && folder.is_dir()
}

#[cfg(unix)]
fn open_folder(folder: &Path) -> std::io::Result<File> {
    File::open(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &File) -> std::io::Result<()> {
    folder.sync_all()
}

/// There is no call that syncs a folder.
#[cfg(not(unix))]
fn open_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn sync_folder(_folder: &()) -> std::io::Result<()> {
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

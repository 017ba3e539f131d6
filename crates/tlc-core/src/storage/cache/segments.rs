//! Segments of files, each in a file of its own: its bytes, and their CRC32C.
//!
//! Any number of processes may use a folder: a segment is written under another name and moved
//! to its own, and one that is damaged, or not whole, is none.

use bytes::Bytes;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

const ENDING: &str = "segment";
const CHECKSUM_BYTES: usize = 4;
/// How much of what may be kept is left when room is made.
const KEPT: f64 = 0.8;
/// That a segment was read is noted no more often than this.
const NOTED: Duration = Duration::from_secs(600);

/// A folder of segments that has a size.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    limit_bytes: u64,
    /// What this process has written since it looked how much there is.
    written_bytes: AtomicU64,
}

impl Segments {
    pub(super) fn new(folder: PathBuf, limit_bytes: u64) -> Self {
        Self {
            folder,
            limit_bytes,
            // So that the first one looks.
            written_bytes: AtomicU64::new(limit_bytes),
        }
    }

    /// The bytes of a segment that is there.
    pub(super) fn get(&self, name: &str, len_bytes: u64) -> Option<Bytes> {
        let path = self.path(name);
        let mut bytes = fs::read(&path).ok()?;
        let len = bytes.len().checked_sub(CHECKSUM_BYTES)?;
        let checksum = bytes.split_off(len);
        if len as u64 != len_bytes || checksum != crc32c::crc32c(&bytes).to_le_bytes() {
            let _ = fs::remove_file(&path);
            return None;
        }
        note_use(&path);
        Some(bytes.into())
    }

    /// Keeps a segment, if that can be done.
    pub(super) fn keep(&self, name: &str, bytes: &[u8]) {
        if let Err(error) = self.write(name, bytes) {
            tracing::debug!(folder = %self.folder.display(), %error, "nothing is kept");
            return;
        }
        let len_bytes = bytes.len() as u64;
        let written = self.written_bytes.fetch_add(len_bytes, Ordering::Relaxed);
        // A twentieth may be written before somebody looks.
        if written.saturating_add(len_bytes) > self.limit_bytes / 20 {
            self.written_bytes.store(0, Ordering::Relaxed);
            self.make_room();
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.write_all(&crc32c::crc32c(bytes).to_le_bytes())?;
        file.persist(&path).map(drop).map_err(|error| error.error)
    }

    fn path(&self, name: &str) -> PathBuf {
        // Of a thousand folders one, so that none has very many files.
        let folder = name.get(..3).unwrap_or(name);
        self.folder.join(folder).join(format!("{name}.{ENDING}"))
    }

    /// Deletes what was not read for the longest time, if there is too much.
    fn make_room(&self) {
        let mut found = Vec::new();
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for folder in folders {
            let files = fs::read_dir(folder.path()).into_iter().flatten().flatten();
            found.extend(files.filter_map(|file| {
                let is_segment = file.path().extension().is_some_and(|end| end == ENDING);
                let metadata = file.metadata().ok().filter(|_| is_segment)?;
                Some((metadata.modified().ok()?, metadata.len(), file.path()))
            }));
        }
        let mut sum_bytes: u64 = found.iter().map(|(_, len_bytes, _)| len_bytes).sum();
        if sum_bytes <= self.limit_bytes {
            return;
        }
        found.sort();
        for (_, len_bytes, path) in found {
            if sum_bytes as f64 <= self.limit_bytes as f64 * KEPT {
                return;
            }
            if fs::remove_file(path).is_ok() {
                sum_bytes -= len_bytes;
            }
        }
    }
}

fn note_use(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    let age = modified.map(|modified| modified.elapsed().unwrap_or_default());
    if age.is_ok_and(|age| age > NOTED) {
        let _ = file.set_modified(SystemTime::now());
    }
}

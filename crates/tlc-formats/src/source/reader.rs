//! One file, read in pieces through its store.

use crate::{Error, Result};
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tlc_core::Url;
use tlc_core::storage::{self, Store};

/// What is read at a time.
const PIECE_BYTES: u64 = 1 << 20;
/// What gzipped files begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One file of a [`Source`](super::Source).
#[derive(Clone, Debug)]
pub struct SourceFile {
    url: Url,
    store: Arc<dyn Store>,
    len_bytes: OnceLock<u64>,
    /// Shared by all that read it.
    read_bytes: Arc<AtomicU64>,
}

impl SourceFile {
    /// The file at a URL; it is not looked at yet.
    ///
    /// # Errors
    /// Those of the store's, such as a scheme that is not built in.
    pub fn at(url: impl Into<Url>) -> Result<Self> {
        let url = url.into();
        Ok(Self {
            store: storage::open(&url)?,
            url,
            len_bytes: OnceLock::new(),
            read_bytes: Arc::default(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Its length, asked for once.
    ///
    /// # Errors
    /// Those of the store.
    pub fn len_bytes(&self) -> Result<u64> {
        if let Some(len) = self.len_bytes.get() {
            return Ok(*len);
        }
        let len = self.store.stat(&self.url)?.len_bytes;
        Ok(*self.len_bytes.get_or_init(|| len))
    }

    /// All its bytes, if it is no longer than `limit_bytes`.
    ///
    /// # Errors
    /// Those of the store.
    pub fn bytes(&self, limit_bytes: u64) -> Result<Bytes> {
        let bytes = self.store.get(&self.url, limit_bytes)?;
        self.count(&bytes);
        Ok(bytes)
    }

    /// These bytes of it.
    ///
    /// # Errors
    /// Those of the store; a range past the end is damage.
    pub fn range(&self, range: std::ops::Range<u64>) -> Result<Bytes> {
        let len_bytes = self.len_bytes()?;
        let bytes = self.store.get_range(&self.url, range, len_bytes)?;
        self.count(&bytes);
        Ok(bytes)
    }

    /// Bytes that were read of it so far, by this handle and its clones.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    fn count(&self, bytes: &Bytes) {
        let read = bytes.len() as u64;
        self.read_bytes.fetch_add(read, Ordering::Relaxed);
    }

    /// A reader that also seeks.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(&self) -> Result<FileReader> {
        Ok(FileReader {
            len_bytes: self.len_bytes()?,
            file: self.clone(),
            next: 0,
            piece: Bytes::new(),
        })
    }

    /// A buffered reader of what is in it, unpacked if it is gzipped.
    ///
    /// # Errors
    /// Those of the store.
    pub fn unpacked(&self) -> Result<Box<dyn io::BufRead + Send>> {
        let start = self.range(0..self.len_bytes()?.min(GZIP.len() as u64))?;
        let reader = io::BufReader::with_capacity(1 << 18, self.open()?);
        Ok(match *start == GZIP {
            true => Box::new(io::BufReader::with_capacity(
                1 << 18,
                MultiGzDecoder::new(reader),
            )),
            false => Box::new(reader),
        })
    }

    /// The error of a reader of this file, as one of ours.
    #[must_use]
    pub fn failed(&self, error: io::Error) -> Error {
        match error.downcast::<tlc_core::Error>() {
            Ok(error) => error.into(),
            Err(source) => Error::io(&self.url, source),
        }
    }

    /// The file is damaged, or of another format.
    #[must_use]
    pub fn refused(&self, reason: impl ToString) -> Error {
        Error::File {
            file: self.url.clone(),
            reason: reason.to_string(),
        }
    }
}

/// Reads a [`SourceFile`] in pieces of a megabyte.
#[derive(Clone, Debug)]
pub struct FileReader {
    file: SourceFile,
    len_bytes: u64,
    /// Where the next piece is read from.
    next: u64,
    /// What was read and not given.
    piece: Bytes,
}

impl FileReader {
    /// How far it has come.
    fn position(&self) -> u64 {
        self.next - self.piece.len() as u64
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.next < self.len_bytes {
            let wanted = PIECE_BYTES.max(buffer.len() as u64);
            let end = self.next.saturating_add(wanted).min(self.len_bytes);
            let piece = self.file.range(self.next..end);
            self.piece = piece.map_err(Error::into_io)?;
            self.next = end;
        }
        let given = self.piece.split_to(buffer.len().min(self.piece.len()));
        if let Some(buffer) = buffer.get_mut(..given.len()) {
            buffer.copy_from_slice(&given);
        }
        Ok(given.len())
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.len_bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position().checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.next = position;
        self.piece = Bytes::new();
        Ok(position)
    }
}

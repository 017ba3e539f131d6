//! Records by their keys, in memory that does not grow with their number: sorted on disk.

use crate::Error;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use tlc_core::Url;

/// What records may take in memory before they go to disk.
const MEMORY_BYTES: usize = 64 << 20;
/// Files that are read side by side.
const RUNS: usize = 64;

/// The error of the disk that is sorted on: the folder for temporary files.
pub(crate) fn failed(source: io::Error) -> Error {
    match Url::from_path(&std::env::temp_dir()) {
        Ok(file) => Error::Io { file, source },
        Err(error) => error.into(),
    }
}

/// What is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: i64,
    /// Where it stood.
    pub(crate) ordinal: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Record {
    pub(crate) fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Takes records, in the order of their ordinals.
#[derive(Debug)]
pub(crate) struct Sorter {
    memory_bytes: usize,
    held: Held,
    runs: Vec<File>,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::with_memory(MEMORY_BYTES)
    }
}

impl Sorter {
    pub(crate) fn with_memory(memory_bytes: usize) -> Self {
        Self {
            memory_bytes,
            held: Held::default(),
            runs: Vec::new(),
        }
    }

    /// Takes a record.
    ///
    /// # Errors
    /// That the disk is full, or fails.
    pub(crate) fn push(&mut self, key: i64, ordinal: u64, bytes: &[u8]) -> io::Result<()> {
        self.held.push(key, ordinal, bytes);
        if self.held.bytes() < self.memory_bytes {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held).sorted();
        self.runs.push(written(held.map(Ok))?);
        if self.runs.len() >= RUNS {
            let runs = std::mem::take(&mut self.runs);
            self.runs
                .push(written(Sorted::of(runs.into_iter().map(read).collect())?)?);
        }
        Ok(())
    }

    /// All records by key, those of one key in the order in which they came.
    ///
    /// # Errors
    /// That the disk fails, while iterating, too.
    pub(crate) fn finish(self) -> io::Result<Sorted> {
        let held: Run = Box::new(self.held.sorted().map(Ok));
        Sorted::of(self.runs.into_iter().map(read).chain([held]).collect())
    }
}

/// Records in memory.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// Key, ordinal, and where the bytes begin and end.
    records: Vec<(i64, u64, usize, usize)>,
}

impl Held {
    fn push(&mut self, key: i64, ordinal: u64, bytes: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.records.push((key, ordinal, start, self.bytes.len()));
    }

    fn bytes(&self) -> usize {
        self.bytes.len() + self.records.len() * size_of::<(i64, u64, usize, usize)>()
    }

    fn sorted(mut self) -> impl Iterator<Item = Record> + Send + 'static {
        self.records.sort_unstable();
        let Self { bytes, records } = self;
        records
            .into_iter()
            .map(move |(key, ordinal, start, end)| Record {
                key,
                ordinal,
                bytes: bytes.get(start..end).unwrap_or_default().to_vec(),
            })
    }
}

/// Writes records that are sorted to a file without a name.
fn written(records: impl Iterator<Item = io::Result<Record>>) -> io::Result<File> {
    let mut file = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
    for record in records {
        let record = record?;
        let len = u32::try_from(record.bytes.len()).map_err(io::Error::other)?;
        file.write_all(&record.key.to_le_bytes())?;
        file.write_all(&record.ordinal.to_le_bytes())?;
        file.write_all(&len.to_le_bytes())?;
        file.write_all(&record.bytes)?;
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

type Run = Box<dyn Iterator<Item = io::Result<Record>> + Send>;

/// Records by their keys.
pub(crate) struct Sorted {
    runs: Vec<Run>,
    heads: Vec<Option<Record>>,
    /// Which run is next: key, ordinal and run.
    next: BinaryHeap<Reverse<(i64, u64, usize)>>,
}

impl std::fmt::Debug for Sorted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sorted")
            .field("runs", &self.runs.len())
            .finish_non_exhaustive()
    }
}

impl Sorted {
    fn of(runs: Vec<Run>) -> io::Result<Self> {
        let mut sorted = Self {
            heads: runs.iter().map(|_| None).collect(),
            runs,
            next: BinaryHeap::new(),
        };
        for run in 0..sorted.runs.len() {
            sorted.advance(run)?;
        }
        Ok(sorted)
    }

    /// The key of the record that is next.
    pub(crate) fn peek(&self) -> Option<i64> {
        self.next.peek().map(|Reverse((key, ..))| *key)
    }

    /// Reads the record of a run that is next in it.
    fn advance(&mut self, run: usize) -> io::Result<()> {
        let (Some(records), Some(head)) = (self.runs.get_mut(run), self.heads.get_mut(run)) else {
            return Ok(());
        };
        *head = records.next().transpose()?;
        if let Some(record) = head {
            self.next.push(Reverse((record.key, record.ordinal, run)));
        }
        Ok(())
    }
}

impl Iterator for Sorted {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((.., run)) = self.next.pop()?;
        let record = self.heads.get_mut(run)?.take()?;
        Some(self.advance(run).map(|()| record))
    }
}

fn read(file: File) -> Run {
    let mut file = BufReader::with_capacity(1 << 16, file);
    Box::new(std::iter::from_fn(move || one(&mut file).transpose()))
}

fn one(file: &mut impl Read) -> io::Result<Option<Record>> {
    let mut key = [0; 8];
    match file.read_exact(&mut key) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (mut ordinal, mut len) = ([0; 8], [0; 4]);
    file.read_exact(&mut ordinal)?;
    file.read_exact(&mut len)?;
    let mut bytes = vec![0; u32::from_le_bytes(len) as usize];
    file.read_exact(&mut bytes)?;
    Ok(Some(Record {
        key: i64::from_le_bytes(key),
        ordinal: u64::from_le_bytes(ordinal),
        bytes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_sorted_on_disk_as_in_memory_and_those_of_a_key_keep_their_order() {
        let keys = |at: u64| (at.wrapping_mul(2_654_435_761) % 97).cast_signed() - 48;
        let sorted = |memory_bytes| {
            let mut sorter = Sorter::with_memory(memory_bytes);
            for at in 0..5000 {
                let bytes = vec![at as u8; (at % 5) as usize];
                sorter.push(keys(at), at, &bytes).unwrap();
            }
            sorter
                .finish()
                .unwrap()
                .collect::<io::Result<Vec<_>>>()
                .unwrap()
        };
        let in_memory = sorted(usize::MAX);
        assert_eq!(in_memory.len(), 5000);
        let order: Vec<_> = in_memory
            .iter()
            .map(|record| (record.key, record.ordinal))
            .collect();
        assert!(order.is_sorted());
        // A file for each few records, so that files are merged to one on the way.
        assert_eq!(sorted(1000), in_memory);
        assert_eq!(sorted(1 << 16), in_memory);
    }
}

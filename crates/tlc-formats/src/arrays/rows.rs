//! The rows of a saved array, some at a time, whatever the order of its values in the file.

use super::npy::{Fault, Header};
use crate::{Error, FileReader, Result, SourceFile};
use bytes::Bytes;
use flate2::CrcReader;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// An array whose first dimension varies fastest is held in memory up to this size, and read
/// here and there in the file beyond it.
const HELD_BYTES: u64 = 64 << 20;

/// An array of a file, with the name of its column.
pub(super) struct Rows {
    pub(super) column: String,
    pub(super) header: Header,
    file: SourceFile,
    row_bytes: usize,
    next: u64,
    values: Values,
}

/// Bytes one after another, with what they should amount to.
pub(super) struct Packed {
    pub(super) reader: CrcReader<Box<dyn Read + Send>>,
    pub(super) crc32: u32,
}

enum Values {
    /// Row after row of a file.
    Plain(FileReader),
    Packed(Packed),
    /// Column after column.
    Held(Bytes),
    /// The same, in the file of the array.
    InFile,
    Unpacked(File),
}

impl Rows {
    /// The array of an `.npy` file.
    pub(super) fn of_file(file: &SourceFile) -> Result<Self> {
        let mut reader = file.open()?;
        let header = header(file, Header::read(&mut reader))?;
        let (row_bytes, data) = sizes(file, &header)?;
        let found = file.len_bytes()? - header.start;
        if found != data {
            let reason = format!(
                "the header says {} values, {data} bytes, and {found} bytes follow it",
                shown(&header.shape)
            );
            return Err(file.refused(reason));
        }
        let values = match is_transposed(&header) {
            false => Values::Plain(reader),
            true if data <= HELD_BYTES => {
                Values::Held(file.range(header.start..file.len_bytes()?)?)
            }
            true => Values::InFile,
        };
        let name = file.url().name();
        let column = name.strip_suffix(".npy").unwrap_or(name);
        Ok(Self::new(column, header, row_bytes, file, values))
    }

    /// An array of an archive, of so many bytes with its header.
    pub(super) fn packed(
        column: &str,
        file: &SourceFile,
        mut packed: Packed,
        len_bytes: u64,
    ) -> Result<Self> {
        let header = header(file, Header::read(&mut packed.reader))?;
        let (row_bytes, data) = sizes(file, &header)?;
        let found = len_bytes.checked_sub(header.start);
        if found != Some(data) {
            let reason = format!(
                "`{column}`: the header says {} values, {data} bytes, the archive {}",
                shown(&header.shape),
                found.unwrap_or_default()
            );
            return Err(file.refused(reason));
        }
        let values = match is_transposed(&header) {
            false => Values::Packed(packed),
            true => unpacked(file, packed, data)?,
        };
        Ok(Self::new(column, header, row_bytes, file, values))
    }

    fn new(
        column: &str,
        header: Header,
        row_bytes: u64,
        file: &SourceFile,
        values: Values,
    ) -> Self {
        Self {
            column: column.to_owned(),
            row_bytes: usize::try_from(row_bytes).unwrap_or(usize::MAX),
            header,
            file: file.clone(),
            next: 0,
            values,
        }
    }

    pub(super) fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    /// The bytes of the next rows, one row after another.
    pub(super) fn take(&mut self, rows: usize) -> Result<Vec<u8>> {
        let first = self.next;
        self.next += rows as u64;
        let len = rows.saturating_mul(self.row_bytes);
        let bytes = match &mut self.values {
            Values::Plain(reader) => read(reader, len),
            Values::Packed(packed) => read(&mut packed.reader, len),
            _ => self.gather(first, rows),
        };
        bytes.map_err(|error| self.failed(error))
    }

    /// Whether all that was to be there was, and no more, once the last row is taken.
    pub(super) fn finish(self) -> Result<()> {
        match self.values {
            Values::Packed(packed) => ends(packed).map_err(|error| self.file.failed(error)),
            _ => Ok(()),
        }
    }

    /// Rows whose values stand apart.
    fn gather(&mut self, first: u64, rows: usize) -> io::Result<Vec<u8>> {
        let size = self.header.dtype.bytes();
        let inner = self.row_bytes / size;
        let mut bytes = vec![0; rows * self.row_bytes];
        for (column, place) in (0_u64..).zip(places(&self.header.shape, inner)) {
            let start = (column * self.header.rows() + first) * size as u64;
            let values = self.values_at(start, rows * size)?;
            let into = bytes.chunks_exact_mut(size).skip(place).step_by(inner);
            for (into, value) in into.zip(values.chunks_exact(size)) {
                into.copy_from_slice(value);
            }
        }
        Ok(bytes)
    }

    fn values_at(&mut self, start: u64, len: usize) -> io::Result<Bytes> {
        let end = start + len as u64;
        match &mut self.values {
            Values::Held(held) => {
                let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
                let held = range
                    .filter(|(_, end)| *end <= held.len())
                    .map(|(start, end)| held.slice(start..end));
                held.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
            Values::InFile => {
                let range = self.header.start + start..self.header.start + end;
                self.file.range(range).map_err(as_io)
            }
            Values::Unpacked(file) => {
                file.seek(SeekFrom::Start(start))?;
                read(file, len).map(Bytes::from)
            }
            Values::Plain(_) | Values::Packed(_) => Ok(Bytes::new()),
        }
    }

    /// The values are not what the header says.
    pub(super) fn refused(&self, reason: &str) -> Error {
        self.file.refused(format!("`{}`{reason}", self.column))
    }

    fn failed(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.refused(" ends before its last row"),
            _ => self.file.failed(error),
        }
    }
}

/// An error of a file, as one of a reader, which [`SourceFile::failed`] takes back.
pub(super) fn as_io(error: Error) -> io::Error {
    match error {
        Error::Core(error) => io::Error::other(error),
        other => io::Error::other(other.to_string()),
    }
}

/// Exactly so many bytes.
fn read(reader: &mut impl Read, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(len as u64).read_to_end(&mut bytes)?;
    match read == len {
        true => Ok(bytes),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Nothing more is there, and the checksum is that of the archive.
fn ends(mut packed: Packed) -> io::Result<()> {
    let more = packed.reader.read(&mut [0])?;
    match more == 0 && packed.reader.crc().sum() == packed.crc32 {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "damaged: the checksum in the archive is another",
        )),
    }
}

/// All values in memory, or in a file without a name.
fn unpacked(file: &SourceFile, mut packed: Packed, data: u64) -> Result<Values> {
    let values = match usize::try_from(data) {
        Ok(len) if data <= HELD_BYTES => {
            read(&mut packed.reader, len).map(|held| Values::Held(held.into()))
        }
        _ => tempfile::tempfile().and_then(|mut temporary| {
            let copied = io::copy(&mut packed.reader.by_ref().take(data), &mut temporary)?;
            match copied == data {
                true => Ok(Values::Unpacked(temporary)),
                false => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }),
    };
    let values = values.map_err(|error| file.failed(error))?;
    ends(packed).map_err(|error| file.failed(error))?;
    Ok(values)
}

fn is_transposed(header: &Header) -> bool {
    header.is_fortran && header.shape.len() > 1
}

fn header(file: &SourceFile, read: std::result::Result<Header, Fault>) -> Result<Header> {
    read.map_err(|fault| match fault {
        Fault::Io(error) => file.failed(error),
        Fault::Bad(reason) => file.refused(reason),
    })
}

fn sizes(file: &SourceFile, header: &Header) -> Result<(u64, u64)> {
    let reason = "the header says more values than there can be";
    header.sizes().ok_or_else(|| file.refused(reason))
}

/// Where in a row the values stand that the file has one after another, the first index of a
/// row's shape fastest.
fn places(shape: &[u64], inner: usize) -> impl Iterator<Item = usize> + use<> {
    let dims: Vec<usize> = shape
        .iter()
        .skip(1)
        .map(|dim| usize::try_from(*dim).unwrap_or(usize::MAX))
        .collect();
    (0..inner).map(move |column| {
        let mut rest = column;
        let mut stride = inner;
        dims.iter().fold(0, |place, dim| {
            stride /= dim;
            let index = rest % dim;
            rest /= dim;
            place + index * stride
        })
    })
}

fn shown(shape: &[u64]) -> String {
    let dims: Vec<String> = shape.iter().map(u64::to_string).collect();
    dims.join("x")
}

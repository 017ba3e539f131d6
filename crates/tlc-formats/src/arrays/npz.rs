//! The arrays of an `.npz` file, which is a ZIP archive of `.npy` files.

use super::rows::{Packed, Rows, as_io};
use crate::{Result, SourceFile};
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// More files than a table has columns.
const MEMBERS: usize = 10_000;

/// The arrays of an archive, or those of these names, in the order of the archive.
pub(super) fn rows(file: &SourceFile, wanted: Option<&[String]>) -> Result<Vec<Rows>> {
    let members = members(file)?;
    let members = members
        .iter()
        .filter(|member| wanted.is_none_or(|wanted| wanted.contains(&member.column)));
    members
        .map(|member| {
            let packed = Packed {
                reader: CrcReader::new(member.unpacked(file)?),
                crc32: member.crc32,
            };
            Rows::packed(&member.column, file, packed, member.len_bytes)
        })
        .collect()
}

/// What an archive says of one of its files.
struct Member {
    column: String,
    method: CompressionMethod,
    crc32: u32,
    /// Unpacked.
    len_bytes: u64,
    start: u64,
    end: u64,
}

impl Member {
    fn unpacked(&self, file: &SourceFile) -> Result<Box<dyn Read + Send>> {
        let mut reader = file.open()?;
        reader
            .seek(SeekFrom::Start(self.start))
            .map_err(|error| file.failed(error))?;
        let packed = BufReader::with_capacity(1 << 16, reader).take(self.end - self.start);
        match self.method {
            CompressionMethod::STORE => Ok(Box::new(packed)),
            CompressionMethod::DEFLATE => Ok(Box::new(DeflateDecoder::new(packed))),
            other => {
                let reason = format!(
                    "`{}` is packed by {other:?}, which NumPy does not do",
                    self.column
                );
                Err(file.refused(reason))
            }
        }
    }
}

/// All files of an archive, none of which shares bytes with another: so it unpacks to no more
/// than its length allows.
fn members(file: &SourceFile) -> Result<Vec<Member>> {
    let bad = |error: rawzip::Error| match error.into_kind() {
        rawzip::ErrorKind::IO(error) if error.get_ref().is_some() => file.failed(error),
        kind => file.refused(format!("no sound ZIP archive: {kind}")),
    };
    let len_bytes = file.len_bytes()?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::with_max_search_space(1 << 16)
        .locate_in_reader(InFile(file), &mut buffer, len_bytes)
        .map_err(|(_, error)| bad(error))?;
    let mut members: Vec<Member> = Vec::new();
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(bad)? {
        let name = entry.file_path();
        let name = std::str::from_utf8(name.as_bytes())
            .map_err(|_| file.refused("the name of an array is not UTF-8"))?;
        if entry.flags().is_encrypted() {
            return Err(file.refused(format!("`{name}` is encrypted: save it without")));
        }
        let column = name.strip_suffix(".npy").unwrap_or(name).to_owned();
        if members.len() == MEMBERS {
            return Err(file.refused("more arrays than a table has columns"));
        }
        let data = archive.get_entry(entry.wayfinder()).map_err(bad)?;
        let (start, end) = data.compressed_data_range();
        members.push(Member {
            column,
            method: entry.compression_method(),
            crc32: entry.crc32(),
            len_bytes: entry.uncompressed_size_hint(),
            start,
            end,
        });
    }
    if members.len() as u64 != archive.entries_hint() {
        return Err(file.refused("no sound ZIP archive: it has not the files that it says"));
    }
    check_apart(file, &members, len_bytes)?;
    Ok(members)
}

fn check_apart(file: &SourceFile, members: &[Member], len_bytes: u64) -> Result<()> {
    let mut ranges: Vec<(u64, u64)> = members
        .iter()
        .map(|member| (member.start, member.end))
        .collect();
    ranges.sort_unstable();
    let mut before = 0;
    for (start, end) in ranges {
        if start < before || end < start || end > len_bytes {
            return Err(file.refused("no sound ZIP archive: its files overlap"));
        }
        before = end;
    }
    Ok(())
}

/// A file, as archives are read.
struct InFile<'a>(&'a SourceFile);

impl ReaderAt for InFile<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len_bytes = self.0.len_bytes().map_err(as_io)?;
        let start = offset.min(len_bytes);
        let end = start.saturating_add(buffer.len() as u64).min(len_bytes);
        let bytes = self.0.range(start..end).map_err(as_io)?;
        let (into, _) = buffer.split_at_mut(bytes.len());
        into.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

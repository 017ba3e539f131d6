//! Damage to a Parquet file, where it hurts: its footer, the headers of its pages, anywhere.

use super::random::Random;
use parquet::basic::CompressionCodec;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter,
};
use std::panic::catch_unwind;

/// Lengths and counts as Thrift writes them, or long runs of continuation bits.
pub(crate) const VARINTS: &[&[u8]] = &[
    &[0],
    &[1],
    &[0x7f],
    &[0xfe, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0x80, 0x80, 0x80, 0x80, 0x10],
    &[0xff; 9],
    &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/// What the footer says, if it can be read at all.
pub(crate) fn metadata(bytes: &[u8]) -> Option<ParquetMetaData> {
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    let read = catch_unwind(|| ParquetMetaDataReader::new().parse_and_finish(&bytes));
    read.ok()?.ok()
}

/// Rows of the row groups, as the footer says.
pub(crate) fn row_groups(bytes: &[u8]) -> Option<Vec<i64>> {
    let groups = metadata(bytes)?;
    Some(
        groups
            .row_groups()
            .iter()
            .map(|group| group.num_rows())
            .collect(),
    )
}

/// What numbers of a file may claim.
const CLAIMS: &[i64] = &[
    0,
    1,
    -1,
    1000,
    1 << 20,
    1 << 29,
    (1 << 31) - 1,
    1 << 31,
    1 << 33,
    1 << 40,
    i64::MAX,
    i64::MIN,
];

/// Changes a file, and says how.
pub(crate) fn mutate(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    match random.below(3) {
        0 => claim(bytes, random),
        1 => inflate(bytes, random),
        _ => scratch(bytes, random),
    }
}

/// What a sound footer may claim wrongly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Claim {
    NumValues,
    CompressedSize,
    UncompressedSize,
    DataPage,
    DictionaryPage,
    Codec,
    /// Of the row group alone.
    NumRows,
    /// Of the row group and all its columns.
    AllRows,
}

fn claim(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    use Claim as C;
    let metadata = metadata(bytes).unwrap();
    let columns = metadata.file_metadata().schema_descr().num_columns();
    let column = random.below(columns);
    let number = *random.one_of(CLAIMS);
    let claim = *random.one_of(&[
        C::NumValues,
        C::CompressedSize,
        C::UncompressedSize,
        C::DataPage,
        C::DictionaryPage,
        C::Codec,
        C::NumRows,
        C::AllRows,
    ]);
    set_claim(bytes, column, claim, number);
    format!("{claim:?} of column {column} becomes {number}")
}

/// Changes a number of a column chunk or row group, in a footer that is otherwise sound.
pub(crate) fn set_claim(bytes: &mut Vec<u8>, column: usize, claim: Claim, number: i64) {
    let metadata = metadata(bytes).unwrap();
    let start = footer_start(bytes);
    let rows = matches!(claim, Claim::NumRows | Claim::AllRows).then_some(number);
    write_footer(bytes, start, &metadata, rows, |at, chunk| {
        let builder = chunk.clone().into_builder();
        let changed = match claim {
            Claim::AllRows => builder.set_num_values(number),
            _ if at != column => builder,
            Claim::NumValues => builder.set_num_values(number),
            Claim::CompressedSize => builder.set_total_compressed_size(number),
            Claim::UncompressedSize => builder.set_total_uncompressed_size(number),
            Claim::DataPage => builder.set_data_page_offset(number),
            Claim::DictionaryPage => builder.set_dictionary_page_offset(Some(number)),
            Claim::Codec => builder.set_compression_codec(codec(number)),
            Claim::NumRows => builder,
        };
        changed.build().unwrap()
    });
}

fn codec(number: i64) -> CompressionCodec {
    use CompressionCodec as C;
    let codecs = [
        C::UNCOMPRESSED,
        C::SNAPPY,
        C::GZIP,
        C::BROTLI,
        C::LZ4,
        C::ZSTD,
        C::LZ4_RAW,
    ];
    codecs[number.rem_euclid(7) as usize]
}

/// The numbers in the header of a page that have a varint each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PageNumber {
    Type,
    UncompressedSize,
    CompressedSize,
    NumValues,
}

fn inflate(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    use PageNumber as P;
    let metadata = metadata(bytes).unwrap();
    let columns: usize = metadata
        .row_groups()
        .iter()
        .map(|group| group.num_columns())
        .sum();
    if columns == 0 {
        return "has no page".to_owned();
    }
    let (column, first) = (random.below(columns), random.below(2) == 0);
    let which = *random.one_of(&[
        P::Type,
        P::UncompressedSize,
        P::CompressedSize,
        P::NumValues,
    ]);
    let number = *random.one_of(CLAIMS);
    set_page_number(bytes, column, first, which, number);
    let page = if first { "first page" } else { "data page" };
    format!("{which:?} of the {page} of column {column} becomes {number}")
}

/// Changes a number in the header of the first page of a column chunk, or of its first data
/// page. Its varint may get longer: all that stands after it moves.
pub(crate) fn set_page_number(
    bytes: &mut Vec<u8>,
    column: usize,
    first: bool,
    which: PageNumber,
    number: i64,
) {
    let metadata = metadata(bytes).unwrap();
    let columns: Vec<_> = metadata
        .row_groups()
        .iter()
        .flat_map(|g| g.columns())
        .collect();
    let page = match first {
        true => columns[column].byte_range().0 as usize,
        false => columns[column].data_page_offset() as usize,
    };
    let (from, to) = header_number(bytes, page, which as usize);
    let written = zigzag(number);
    let grown = written.len() as i64 - (to - from) as i64;
    let start = (footer_start(bytes) as i64 + grown) as usize;
    bytes.splice(from..to, written);
    let moved = |offset: i64| {
        if offset > page as i64 {
            offset + grown
        } else {
            offset
        }
    };
    write_footer(bytes, start, &metadata, None, |at, chunk| {
        let size = chunk.compressed_size() + if at == column { grown } else { 0 };
        let builder = chunk.clone().into_builder().set_total_compressed_size(size);
        let builder = builder.set_data_page_offset(moved(chunk.data_page_offset()));
        let dictionary = chunk.dictionary_page_offset().map(moved);
        builder
            .set_dictionary_page_offset(dictionary)
            .build()
            .unwrap()
    });
}

/// Where a number of a page header stands: the fields 1 to 3, and the first of the struct
/// that follows.
fn header_number(bytes: &[u8], page: usize, which: usize) -> (usize, usize) {
    let mut at = page;
    for field in 0..=which {
        at += if field == 3 { 2 } else { 1 };
        let len = bytes[at..].iter().take_while(|byte| **byte >= 0x80).count() + 1;
        if field == which {
            return (at, at + len);
        }
        at += len;
    }
    (at, at)
}

fn zigzag(number: i64) -> Vec<u8> {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    let mut varint = Vec::new();
    while rest >= 0x80 {
        varint.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    varint.push(rest as u8);
    varint
}

/// Puts a footer of changed columns, and if asked for of other rows, where the old one is.
fn write_footer(
    bytes: &mut Vec<u8>,
    start: usize,
    metadata: &ParquetMetaData,
    rows: Option<i64>,
    change: impl Fn(usize, &ColumnChunkMetaData) -> ColumnChunkMetaData,
) {
    let mut at = 0;
    let groups = metadata.row_groups().iter().map(|group| {
        let columns = group.columns().iter().map(|chunk| {
            at += 1;
            change(at - 1, chunk)
        });
        let columns = columns.collect();
        let builder = group.clone().into_builder().set_column_metadata(columns);
        let builder = match rows {
            Some(rows) => builder.set_num_rows(rows),
            None => builder,
        };
        builder.build().unwrap()
    });
    let groups = groups.collect();
    let changed = metadata
        .clone()
        .into_builder()
        .set_row_groups(groups)
        .build();
    // The writer adds up what columns claim, and panics where that overflows.
    let footer = catch_unwind(|| {
        let mut footer = Vec::new();
        let written = ParquetMetaDataWriter::new(&mut footer, &changed).finish();
        written.map(|()| footer)
    });
    if let Ok(Ok(footer)) = footer {
        bytes.truncate(start);
        bytes.extend(footer);
    }
}

/// Changes bytes.
fn scratch(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let len = bytes.len();
    let footer = footer_start(bytes);
    let (place, start, end) = match random.below(4) {
        0 => ("any byte", 0, len),
        1 => page_header(bytes, random),
        _ => ("footer", footer, len - 8),
    };
    let at = start + random.below(end - start);
    let done = match random.below(8) {
        0..=2 => {
            let bit = random.below(8);
            bytes[at] ^= 1 << bit;
            format!("bit {bit} flips")
        }
        3 => {
            bytes[at] = *random.one_of(&[0, 1, 0x7f, 0x80, 0xff, 0x15, 0x1c]);
            format!("becomes {}", bytes[at])
        }
        4 => {
            let number = *random.one_of(VARINTS);
            let end = len.min(at + number.len());
            bytes[at..end].copy_from_slice(&number[..end - at]);
            format!("becomes {number:?}")
        }
        5 => insert(bytes, at, random),
        6 => cut(bytes, at, end, random),
        _ => copy(bytes, at, random),
    };
    format!("{place}: {done} at {at} of {len}")
}

fn footer_start(bytes: &[u8]) -> usize {
    let (front, _) = bytes.split_at(bytes.len() - 4);
    let len = u32::from_le_bytes(front[front.len() - 4..].try_into().unwrap());
    (bytes.len() - 8).saturating_sub(len as usize)
}

/// The first bytes of a column chunk or of its data.
fn page_header(bytes: &[u8], random: &mut Random) -> (&'static str, usize, usize) {
    let metadata = metadata(bytes).unwrap();
    let columns: Vec<_> = metadata
        .row_groups()
        .iter()
        .flat_map(|g| g.columns())
        .collect();
    let Some(column) = columns.get(random.below(columns.len().max(1))) else {
        return ("magic", 0, 4);
    };
    let start = match random.below(2) {
        0 => column.byte_range().0,
        _ => column.data_page_offset() as u64,
    };
    let start = start as usize;
    ("page header", start, (start + 40).min(bytes.len()))
}

/// Bytes come in, or go; the length of the footer is made to fit, so that it is read.
fn insert(bytes: &mut Vec<u8>, at: usize, random: &mut Random) -> String {
    let number = *random.one_of(VARINTS);
    let before = footer_start(bytes);
    bytes.splice(at..at, number.iter().copied());
    mend_footer(
        bytes,
        if at < before {
            before + number.len()
        } else {
            before
        },
    );
    format!("{number:?} comes in")
}

fn cut(bytes: &mut Vec<u8>, at: usize, end: usize, random: &mut Random) -> String {
    let count = (1 + random.below(16)).min(end - at);
    let before = footer_start(bytes);
    bytes.drain(at..at + count);
    let gone = before.min(at + count).saturating_sub(at);
    mend_footer(bytes, before - gone);
    format!("{count} bytes are gone")
}

fn copy(bytes: &mut [u8], at: usize, random: &mut Random) -> String {
    let count = (1 + random.below(64)).min(bytes.len() - at);
    let from = random.below(bytes.len() - count + 1);
    bytes.copy_within(from..from + count, at);
    format!("{count} bytes of {from} come")
}

fn mend_footer(bytes: &mut [u8], start: usize) {
    let end = bytes.len() - 8;
    let len = u32::try_from(end.saturating_sub(start)).unwrap();
    bytes[end..end + 4].copy_from_slice(&len.to_le_bytes());
}

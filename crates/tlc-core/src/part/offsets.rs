//! Where the pages of a column chunk are, as its offset index says:
//! <https://github.com/apache/parquet-format/blob/master/PageIndex.md>.

use super::thrift::{DEPTH, Reader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use std::ops::Range;

/// Bytes that a location takes at least: three fields and an end.
const LEAST_BYTES: usize = 7;

/// Where a column's offset index is in the file.
pub(super) fn index_of(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    range(column.offset_index_offset()?, column.offset_index_length()?)
}

/// Where its column index is, which tells bounds of each page.
pub(super) fn bounds_of(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    range(column.column_index_offset()?, column.column_index_length()?)
}

/// An offset index of these pages.
pub(super) fn places(page_locations: Vec<PageLocation>) -> OffsetIndexMetaData {
    OffsetIndexMetaData {
        page_locations,
        unencoded_byte_array_data_bytes: None,
    }
}

/// The pages of a chunk in an index, in order and each within `chunk`; `None` if it is no such
/// index.
pub(super) fn locations(
    index: &[u8],
    chunk: &Range<u64>,
    rows: usize,
) -> Option<Vec<PageLocation>> {
    let mut reader = Reader { rest: index };
    let mut field = 0;
    while let Some(kind) = reader.next_field(&mut field)? {
        if (field, kind) == (1, 9) {
            let pages = reader.locations()?;
            return are_in_order(&pages, chunk, rows).then_some(pages);
        }
        reader.skip(kind, DEPTH)?;
    }
    None
}

/// The bytes of the pages that hold rows of a chunk, and of its dictionary if it has one.
pub(super) fn bytes_of(
    pages: &[PageLocation],
    rows: &Range<usize>,
    chunk: &Range<u64>,
) -> Option<Vec<Range<u64>>> {
    let before = |row: usize| {
        let is_before = |page: &PageLocation| page.first_row_index <= row as i64;
        pages.partition_point(is_before).checked_sub(1)
    };
    let (first, last) = (before(rows.start)?, before(rows.end.checked_sub(1)?)?);
    let last = pages.get(last)?;
    let end = start_of(last).checked_add(u64::try_from(last.compressed_page_size).ok()?)?;
    let dictionary = chunk.start..start_of(pages.first()?);
    let data = start_of(pages.get(first)?)..end;
    Some(
        [dictionary, data]
            .into_iter()
            .filter(|range| !range.is_empty())
            .collect(),
    )
}

/// The rows of each page of a chunk of so many rows.
pub(super) fn rows_of(pages: &[PageLocation], rows: usize) -> Vec<Range<usize>> {
    let first = |page: &PageLocation| usize::try_from(page.first_row_index).unwrap_or(rows);
    let ends = pages.iter().skip(1).map(first).chain([rows]);
    let starts = pages.iter().map(first);
    starts.zip(ends).map(|(start, end)| start..end).collect()
}

fn range(start: i64, len: i32) -> Option<Range<u64>> {
    let (start, len) = (u64::try_from(start).ok()?, u64::try_from(len).ok()?);
    Some(start..start.checked_add(len)?)
}

fn start_of(page: &PageLocation) -> u64 {
    u64::try_from(page.offset).unwrap_or_default()
}

fn are_in_order(pages: &[PageLocation], chunk: &Range<u64>, rows: usize) -> bool {
    let mut end = chunk.start;
    let mut row = -1;
    let all = pages.iter().all(|page| {
        let start = u64::try_from(page.offset).unwrap_or(u64::MAX);
        let len = u64::try_from(page.compressed_page_size).unwrap_or(u64::MAX);
        let is_next = start >= end && page.first_row_index > row;
        end = start.saturating_add(len);
        row = page.first_row_index;
        is_next && len > 0
    });
    let first = pages.first().map(|page| page.first_row_index);
    all && first == Some(0) && end <= chunk.end && usize::try_from(row).is_ok_and(|row| row < rows)
}

impl Reader<'_> {
    fn locations(&mut self) -> Option<Vec<PageLocation>> {
        let (len, kind) = self.list()?;
        let len = usize::try_from(len).ok()?;
        if kind != 12 || len > self.rest.len() / LEAST_BYTES {
            return None;
        }
        (0..len).map(|_| self.location()).collect()
    }

    fn location(&mut self) -> Option<PageLocation> {
        let (mut offset, mut compressed_page_size, mut first_row_index) = (None, None, None);
        let mut field = 0;
        while let Some(kind) = self.next_field(&mut field)? {
            match (field, kind) {
                (1, 6) => offset = Some(self.integer()?),
                (2, 5) => compressed_page_size = i32::try_from(self.integer()?).ok(),
                (3, 6) => first_row_index = Some(self.integer()?),
                (_, kind) => self.skip(kind, DEPTH)?,
            }
        }
        Some(PageLocation {
            offset: offset?,
            compressed_page_size: compressed_page_size?,
            first_row_index: first_row_index?,
        })
    }
}

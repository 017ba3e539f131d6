//! What the pages of a column chunk claim to be, before anything is allocated for them.
//!
//! Of the fields of a page header just the two sizes and the length of a dictionary are read.

use super::thrift::{DEPTH, Reader};

/// Bytes that the pages of a column chunk say they have once they are decompressed; `None`
/// if they are no pages.
pub(super) fn claimed_bytes(chunk: &[u8]) -> Option<u64> {
    let mut rest = chunk;
    let mut claimed = 0_u64;
    while !rest.is_empty() {
        let mut reader = Reader { rest };
        let header = reader.page_header()?;
        claimed = claimed.checked_add(header.uncompressed_bytes)?;
        // A value of a dictionary takes a byte at least.
        if header.dictionary_values > header.uncompressed_bytes {
            return None;
        }
        let compressed = usize::try_from(header.compressed_bytes).ok()?;
        rest = reader.rest.get(compressed..)?;
    }
    Some(claimed)
}

struct Header {
    uncompressed_bytes: u64,
    compressed_bytes: u64,
    /// 0 for a page that is no dictionary.
    dictionary_values: u64,
}

impl Reader<'_> {
    fn page_header(&mut self) -> Option<Header> {
        let (mut uncompressed, mut compressed, mut dictionary) = (None, None, 0);
        let mut field = 0_i64;
        while let Some(kind) = self.next_field(&mut field)? {
            match (field, kind) {
                (2, 5) => uncompressed = Some(self.integer()?),
                (3, 5) => compressed = Some(self.integer()?),
                (7, 12) => dictionary = self.dictionary_values()?,
                (_, kind) => self.skip(kind, DEPTH)?,
            }
        }
        Some(Header {
            uncompressed_bytes: u64::try_from(uncompressed?).ok()?,
            compressed_bytes: u64::try_from(compressed?).ok()?,
            dictionary_values: u64::try_from(dictionary).ok()?,
        })
    }

    fn dictionary_values(&mut self) -> Option<i64> {
        let (mut values, mut field) = (0, 0);
        while let Some(kind) = self.next_field(&mut field)? {
            match (field, kind) {
                (1, 5) => values = self.integer()?,
                (_, kind) => self.skip(kind, DEPTH)?,
            }
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrow::array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ParquetMetaDataReader;
    use std::sync::Arc;

    #[test]
    fn the_pages_of_a_chunk_claim_what_the_footer_says_of_it() {
        let texts: Vec<String> = (0..20_000)
            .map(|row| format!("{} {row}", row % 7))
            .collect();
        let column = Arc::new(StringArray::from(texts)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        let bytes = bytes::Bytes::from(writer.into_inner().unwrap());
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&bytes)
            .unwrap();
        let column = metadata.row_group(0).column(0);
        let (start, len) = column.byte_range();
        let chunk = bytes.slice(start as usize..(start + len) as usize);
        let claimed = claimed_bytes(&chunk).unwrap();
        // The footer counts the headers, too.
        let footer = column.uncompressed_size() as u64;
        assert!(
            claimed <= footer && footer - claimed < 1000,
            "{claimed} of {footer}"
        );
        assert_eq!(claimed_bytes(&chunk[..chunk.len() - 1]), None);
        assert_eq!(claimed_bytes(&[0xff; 64]), None);
    }
}

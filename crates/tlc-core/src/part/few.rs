//! Few rows of a row group: the pages that hold them, and no others.

use super::guard::guarded;
use super::offsets::{bytes_of, locations};
use super::read::{Fetched, PartReader};
use crate::Result;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataBuilder};
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows are few if the row group has this many times as many.
const FEW: usize = 8;
/// Row groups and columns of which it is remembered where their pages are.
const MOST_KNOWN: usize = 4096;

/// What is known of the pages of columns of row groups.
pub(super) type Known = Mutex<HashMap<(usize, Vec<usize>), Option<Arc<Paged>>>>;

/// A row group alone, with the places of the pages of some of its columns.
#[derive(Debug)]
pub(super) struct Paged {
    pub(super) metadata: ArrowReaderMetadata,
    /// Of each of the columns its bytes in the file, and its pages.
    columns: Vec<(Range<u64>, Vec<PageLocation>)>,
}

impl Paged {
    /// The bytes that hold some rows.
    fn ranges(&self, rows: &Range<usize>) -> Option<Vec<Range<u64>>> {
        let columns = self.columns.iter();
        let ranges = columns.map(|(chunk, pages)| bytes_of(pages, rows, chunk));
        Some(ranges.collect::<Option<Vec<_>>>()?.concat())
    }
}

impl PartReader {
    /// The pages that hold rows of a row group, if they are few and it is known where.
    pub(super) fn few(
        &self,
        metadata: &ArrowReaderMetadata,
        row_group: usize,
        rows: &Range<usize>,
        mask: &ProjectionMask,
    ) -> Result<Option<(Arc<Paged>, Fetched)>> {
        let all = self.part().row_groups.get(row_group).copied();
        if rows.is_empty() || rows.len().saturating_mul(FEW) > all.unwrap_or_default() {
            return Ok(None);
        }
        let Some(paged) = self.paged(metadata, row_group, mask)? else {
            return Ok(None);
        };
        let Some(ranges) = paged.ranges(rows) else {
            return Ok(None);
        };
        let fetched = self.fetch(ranges)?;
        Ok(Some((paged, fetched)))
    }

    fn paged(
        &self,
        metadata: &ArrowReaderMetadata,
        row_group: usize,
        mask: &ProjectionMask,
    ) -> Result<Option<Arc<Paged>>> {
        let leaves = 0..metadata
            .metadata()
            .file_metadata()
            .schema_descr()
            .num_columns();
        let leaves: Vec<usize> = leaves.filter(|leaf| mask.leaf_included(*leaf)).collect();
        let key = (row_group, leaves);
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let paged = self.find_pages(metadata, row_group, &key.1)?.map(Arc::new);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, paged.clone());
        Ok(paged)
    }

    fn find_pages(
        &self,
        metadata: &ArrowReaderMetadata,
        row_group: usize,
        leaves: &[usize],
    ) -> Result<Option<Paged>> {
        let parquet = metadata.metadata();
        let Some(group) = parquet.row_groups().get(row_group) else {
            return Ok(None);
        };
        let rows = usize::try_from(group.num_rows()).unwrap_or_default();
        let mut columns = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let Some(found) = group.columns().get(*leaf) else {
                return Ok(None);
            };
            let (start, len) = guarded(self.url(), || Ok(found.byte_range()))?;
            let chunk = start..start.saturating_add(len);
            let pages = match index_of(found) {
                Some(index) => locations(&self.bytes(index)?, &chunk, rows),
                None => None,
            };
            match pages {
                Some(pages) => columns.push((chunk, pages)),
                None => return Ok(None),
            }
        }
        let mut index: Vec<OffsetIndexMetaData> = group
            .columns()
            .iter()
            .map(|_| index_of_pages(Vec::new()))
            .collect();
        for (leaf, (_, pages)) in leaves.iter().zip(&columns) {
            if let Some(place) = index.get_mut(*leaf) {
                *place = index_of_pages(pages.clone());
            }
        }
        let alone = ParquetMetaDataBuilder::new(parquet.file_metadata().clone())
            .add_row_group(group.clone())
            .set_offset_index(Some(vec![index]))
            .build();
        let metadata = guarded(self.url(), || {
            ArrowReaderMetadata::try_new(Arc::new(alone), ArrowReaderOptions::new())
                .map_err(|error| self.malformed(&error))
        })?;
        Ok(Some(Paged { metadata, columns }))
    }
}

fn index_of_pages(page_locations: Vec<PageLocation>) -> OffsetIndexMetaData {
    OffsetIndexMetaData {
        page_locations,
        unencoded_byte_array_data_bytes: None,
    }
}

/// Where a column's offset index is in the file.
fn index_of(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(column.offset_index_offset()?).ok()?;
    let len = u64::try_from(column.offset_index_length()?).ok()?;
    Some(start..start.checked_add(len)?)
}

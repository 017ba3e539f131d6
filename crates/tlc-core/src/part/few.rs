//! Few rows of a row group: the pages that hold them, and no others.

use super::guard::guarded;
use super::offsets::{bytes_of, index_of, locations, places};
use crate::{Error, Result, Url};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaDataBuilder;
use parquet::file::page_index::offset_index::PageLocation;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows are few if the row group has this many times as many.
const FEW: usize = 8;
/// Of rows that are larger than this in the file none is read that is not wanted.
const LARGE_BYTES: u64 = 256 << 10;
/// Row groups and columns of which it is remembered where their pages are.
const MOST_KNOWN: usize = 4096;

/// Some columns of a row group.
type Key = (usize, Vec<usize>);

/// Where the pages of a part are, as far as that was asked for.
#[derive(Debug, Default)]
pub(super) struct PageMap(Mutex<HashMap<Key, Option<Arc<Paged>>>>);

/// What is asked for.
pub(super) struct Wanted<'w> {
    pub(super) url: &'w Url,
    pub(super) metadata: &'w ArrowReaderMetadata,
    pub(super) row_group: usize,
    pub(super) rows: &'w Range<usize>,
    pub(super) mask: &'w ProjectionMask,
}

/// A row group alone, with the places of the pages of some of its columns.
#[derive(Debug)]
struct Paged {
    metadata: ArrowReaderMetadata,
    /// Of each of the columns its bytes in the file, and its pages.
    columns: Vec<(Range<u64>, Vec<PageLocation>)>,
}

impl PageMap {
    /// The bytes of the pages that hold the rows, and the metadata by which they are read as
    /// those of the only row group, if the rows are few and it is known where they are. `read`
    /// gives bytes of the file.
    pub(super) fn find(
        &self,
        wanted: &Wanted<'_>,
        read: impl Fn(Range<u64>) -> Result<Bytes>,
    ) -> Result<Option<(ArrowReaderMetadata, Vec<Range<u64>>)>> {
        let rows = wanted.rows;
        let all = wanted.rows_of_group();
        let leaves = wanted.leaves();
        let are_few = rows.len().saturating_mul(FEW) <= all;
        if rows.is_empty() || rows.len() >= all || !(are_few || wanted.are_large(&leaves)) {
            return Ok(None);
        }
        let key = (wanted.row_group, leaves);
        let known = self.known(&key);
        let paged = match known {
            Some(known) => known,
            None => {
                let found = wanted.paged(&key.1, read)?.map(Arc::new);
                self.keep(key, found.clone());
                found
            }
        };
        Ok(paged.and_then(|paged| {
            let columns = paged.columns.iter();
            let ranges = columns.map(|(chunk, pages)| bytes_of(pages, rows, chunk));
            let ranges = ranges.collect::<Option<Vec<_>>>()?.concat();
            Some((paged.metadata.clone(), ranges))
        }))
    }

    fn known(&self, key: &Key) -> Option<Option<Arc<Paged>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).cloned()
    }

    fn keep(&self, key: Key, found: Option<Arc<Paged>>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, found);
    }
}

impl Wanted<'_> {
    fn rows_of_group(&self) -> usize {
        let groups = self.metadata.metadata().row_groups();
        let group = groups.get(self.row_group);
        group.map_or(0, |group| {
            usize::try_from(group.num_rows()).unwrap_or_default()
        })
    }

    /// Whether a row of these columns takes much of the file.
    fn are_large(&self, leaves: &[usize]) -> bool {
        let groups = self.metadata.metadata().row_groups();
        let Some(group) = groups.get(self.row_group) else {
            return false;
        };
        let columns = leaves.iter().filter_map(|leaf| group.columns().get(*leaf));
        let sizes = columns.map(|column| u64::try_from(column.compressed_size()).unwrap_or(0));
        let len_bytes = sizes.fold(0, u64::saturating_add);
        len_bytes / (self.rows_of_group() as u64).max(1) >= LARGE_BYTES
    }

    /// The columns, as the file has them.
    fn leaves(&self) -> Vec<usize> {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let leaves = 0..schema.num_columns();
        leaves
            .filter(|leaf| self.mask.leaf_included(*leaf))
            .collect()
    }

    fn paged(
        &self,
        leaves: &[usize],
        read: impl Fn(Range<u64>) -> Result<Bytes>,
    ) -> Result<Option<Paged>> {
        let parquet = self.metadata.metadata();
        let Some(group) = parquet.row_groups().get(self.row_group) else {
            return Ok(None);
        };
        let mut columns = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let Some(found) = group.columns().get(*leaf) else {
                return Ok(None);
            };
            let (start, len) = guarded(self.url, || Ok(found.byte_range()))?;
            let chunk = start..start.saturating_add(len);
            let pages = match index_of(found) {
                Some(index) => locations(&read(index)?, &chunk, self.rows_of_group()),
                None => None,
            };
            match pages {
                Some(pages) => columns.push((chunk, pages)),
                None => return Ok(None),
            }
        }
        let pages_of = |leaf: usize| {
            let place = leaves.iter().position(|known| *known == leaf);
            let found = place.and_then(|place| columns.get(place));
            places(found.map_or_else(Vec::new, |(_, pages)| pages.clone()))
        };
        let index = (0..group.columns().len()).map(pages_of).collect();
        let alone = ParquetMetaDataBuilder::new(parquet.file_metadata().clone())
            .add_row_group(group.clone())
            .set_offset_index(Some(vec![index]))
            .build();
        let metadata = guarded(self.url, || {
            ArrowReaderMetadata::try_new(Arc::new(alone), ArrowReaderOptions::new()).map_err(
                |error| Error::Corrupt {
                    url: self.url.clone(),
                    reason: error.to_string(),
                },
            )
        })?;
        Ok(Some(Paged { metadata, columns }))
    }
}

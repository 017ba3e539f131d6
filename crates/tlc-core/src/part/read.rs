//! Decoding parts: only the row groups and columns asked for, verified before
//! their bytes reach the decoder.

use super::Part;
use crate::storage::{ChecksumStore, Store};
use crate::{Error, Result, Url};
use arrow::array::RecordBatch;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// One published part and the store it is read from.
#[derive(Debug)]
pub(crate) struct PartReader {
    store: Arc<dyn Store>,
    url: Url,
    part: Part,
    metadata: OnceLock<ArrowReaderMetadata>,
}

impl PartReader {
    /// A reader of the part under the folder of its table; touches no file yet.
    pub(crate) fn new(store: Arc<dyn Store>, folder: &Url, part: &Part) -> Result<Self> {
        let url = folder.join(&part.url)?;
        let files = [(url.clone(), part.file.clone())];
        Ok(Self {
            store: Arc::new(ChecksumStore::new(store, files)),
            url,
            part: part.clone(),
            metadata: OnceLock::new(),
        })
    }

    pub(crate) fn part(&self) -> &Part {
        &self.part
    }

    /// Rows of one row group, all or those of `rows`, of the named root columns.
    pub(crate) fn read(
        &self,
        row_group: usize,
        rows: Range<usize>,
        columns: Option<&[String]>,
        batch_size: usize,
    ) -> Result<Batches> {
        let metadata = self.metadata()?;
        let descriptor = metadata.metadata().file_metadata().schema_descr();
        let mask = match columns {
            None => ProjectionMask::all(),
            Some(names) => ProjectionMask::columns(descriptor, names.iter().map(String::as_str)),
        };
        let file = self.fetch(metadata, row_group, &mask)?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_row_groups(vec![row_group])
            .with_projection(mask)
            .with_offset(rows.start)
            .with_limit(rows.len())
            .with_batch_size(batch_size.max(1))
            .build()
            .map_err(|error| self.malformed(&error))?;
        Ok(Batches {
            reader,
            url: self.url.clone(),
        })
    }

    fn metadata(&self) -> Result<&ArrowReaderMetadata> {
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        let file = StoredFile {
            store: Arc::clone(&self.store),
            url: self.url.clone(),
            len: self.part.file.len_bytes,
        };
        let parquet = ParquetMetaDataReader::new()
            .parse_and_finish(&file)
            .map_err(|error| self.explain(error))?;
        let found: Vec<usize> = parquet
            .row_groups()
            .iter()
            .map(|g| usize::try_from(g.num_rows()).unwrap_or(0))
            .collect();
        if found != self.part.row_groups {
            return Err(Error::Corrupt {
                url: self.url.clone(),
                reason: format!(
                    "row groups of {found:?} rows, announced {:?}",
                    self.part.row_groups
                ),
            });
        }
        let metadata = ArrowReaderMetadata::try_new(Arc::new(parquet), ArrowReaderOptions::new())
            .map_err(|error| self.malformed(&error))?;
        Ok(self.metadata.get_or_init(|| metadata))
    }

    /// Reads each wanted column chunk with one call to the store.
    fn fetch(
        &self,
        metadata: &ArrowReaderMetadata,
        row_group: usize,
        mask: &ProjectionMask,
    ) -> Result<FetchedChunks> {
        let mut chunks = Vec::new();
        let groups = metadata.metadata().row_groups();
        let columns = groups
            .get(row_group)
            .map_or(&[][..], |group| group.columns());
        for (leaf, column) in columns.iter().enumerate() {
            if mask.leaf_included(leaf) {
                let (start, len) = column.byte_range();
                chunks.push((start, self.store.get_range(&self.url, start..start + len)?));
            }
        }
        Ok(FetchedChunks {
            len: self.part.file.len_bytes,
            chunks,
        })
    }

    fn explain(&self, error: ParquetError) -> Error {
        match error {
            ParquetError::External(source) => match source.downcast::<Error>() {
                Ok(error) => *error,
                Err(source) => Error::Corrupt {
                    url: self.url.clone(),
                    reason: source.to_string(),
                },
            },
            other => self.malformed(&other),
        }
    }

    fn malformed(&self, error: &ParquetError) -> Error {
        Error::Corrupt {
            url: self.url.clone(),
            reason: error.to_string(),
        }
    }
}

/// The batches of one row group.
pub(crate) struct Batches {
    reader: ParquetRecordBatchReader,
    url: Url,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let corrupt = |error: arrow::error::ArrowError| Error::Corrupt {
            url: self.url.clone(),
            reason: error.to_string(),
        };
        self.reader.next().map(|batch| batch.map_err(corrupt))
    }
}

/// The file as its footer is read.
struct StoredFile {
    store: Arc<dyn Store>,
    url: Url,
    len: u64,
}

impl Length for StoredFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for StoredFile {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let len = usize::try_from(self.len - start.min(self.len)).unwrap_or(usize::MAX);
        self.get_bytes(start, len).map(Buf::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.store
            .get_range(&self.url, start..start.saturating_add(length as u64))
            .map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// The column chunks of one row group, in memory.
struct FetchedChunks {
    len: u64,
    chunks: Vec<(u64, Bytes)>,
}

impl FetchedChunks {
    fn from(&self, start: u64) -> ParquetResult<Bytes> {
        let chunk = self.chunks.iter().find_map(|(offset, bytes)| {
            let skip = usize::try_from(start.checked_sub(*offset)?).ok()?;
            (skip <= bytes.len())
                .then(|| bytes.slice(skip..))
                .filter(|rest| !rest.is_empty())
        });
        chunk.ok_or_else(|| ParquetError::General(format!("no column chunk holds byte {start}")))
    }
}

impl Length for FetchedChunks {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for FetchedChunks {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        self.from(start).map(Buf::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let chunk = self.from(start)?;
        if chunk.len() < length {
            return Err(ParquetError::EOF(format!(
                "{length} bytes at {start} end past the chunk"
            )));
        }
        Ok(chunk.slice(..length))
    }
}

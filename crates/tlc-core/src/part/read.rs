//! Decoding parts: only the row groups and columns asked for, verified before
//! their bytes reach the decoder.

use super::few::{PageMap, Wanted};
use super::guard::guarded;
use super::pages::claimed_bytes;
use super::{Part, row_bytes};
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::SchemaRef;
use crate::schema::{Shown, equal_types};
use crate::storage::{ChecksumStore, Store};
use crate::{Error, Result, Url};
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
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What is read at a time of a part that is verified.
const VERIFIED_BYTES: u64 = 8 << 20;
/// What is read of the end of a part: most footers are shorter.
const END_BYTES: u64 = 64 << 10;
/// Rows of a batch where all are read.
const READ_ROWS: usize = 64 << 10;
/// What decoding a row group may take beyond twice what was announced: buffers have room
/// to spare, and those of short batches more of it.
const ROOM_BYTES: u64 = 64 << 20;

/// One published part and the store it is read from.
#[derive(Debug)]
pub(crate) struct PartReader {
    store: Arc<dyn Store>,
    url: Url,
    part: Part,
    /// What the manifest or commit says that the columns are.
    schema: SchemaRef,
    metadata: OnceLock<ArrowReaderMetadata>,
    asking: Mutex<()>,
    pages: PageMap,
}

impl PartReader {
    /// A reader of the part under the folder of its table; touches no file yet.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        folder: &Url,
        part: &Part,
        schema: &SchemaRef,
    ) -> Result<Self> {
        let url = folder.join(&part.url)?;
        let files = [(url.clone(), part.file.clone())];
        Ok(Self {
            store: Arc::new(ChecksumStore::new(store, files)),
            url,
            part: part.clone(),
            schema: Arc::clone(schema),
            metadata: OnceLock::new(),
            asking: Mutex::new(()),
            pages: PageMap::default(),
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// How many reads the store takes at once.
    pub(crate) fn parallel_reads(&self) -> usize {
        self.store.parallel_reads()
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
            // By their places: a name with a dot in it looks like a path of fields.
            Some(names) => {
                let roots = descriptor.root_schema().get_fields().iter().enumerate();
                let wanted =
                    roots.filter(|(_, field)| names.iter().any(|name| name == field.name()));
                ProjectionMask::roots(descriptor, wanted.map(|(root, _)| root))
            }
        };
        let few = Wanted {
            url: &self.url,
            metadata,
            row_group,
            rows: &rows,
            mask: &mask,
        };
        let found = self.pages.find(&few, |range| self.bytes(range))?;
        let (metadata, row_group, ranges) = match found {
            Some((metadata, pages)) => (metadata, 0, pages),
            None => {
                let chunks = self.chunks(metadata, row_group, &mask)?;
                (metadata.clone(), row_group, chunks)
            }
        };
        let file = self.fetch(&ranges)?;
        let batch_size = batch_size.min(rows.len()).max(1);
        let reader = guarded(&self.url, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_row_groups(vec![row_group])
                .with_projection(mask)
                .with_offset(rows.start)
                .with_limit(rows.len())
                .with_batch_size(batch_size)
                .build()
                .map_err(|error| self.malformed(&error))
        })?;
        Ok(Batches {
            reader: Some(reader),
            url: self.url.clone(),
            rows: rows.len(),
            room_bytes: self.room_bytes(),
        })
    }

    /// All rows, row group after row group.
    pub(crate) fn read_all(&self) -> impl Iterator<Item = Result<RecordBatch>> {
        let groups = self.part.row_groups.iter().copied().enumerate();
        groups.flat_map(
            |(row_group, rows)| match self.read(row_group, 0..rows, None, READ_ROWS) {
                Ok(batches) => batches.collect(),
                Err(error) => vec![Err(error)],
            },
        )
    }

    /// Reads every byte, and what the file says of itself.
    pub(crate) fn verify(&self) -> Result<()> {
        let len_bytes = self.part.file.len_bytes;
        let mut start = 0;
        while start < len_bytes {
            let end = start.saturating_add(VERIFIED_BYTES).min(len_bytes);
            self.store.get_range(&self.url, start..end, len_bytes)?;
            start = end;
        }
        self.metadata().map(drop)
    }

    pub(super) fn metadata(&self) -> Result<&ArrowReaderMetadata> {
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        // Of several readers one asks for it.
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        let metadata = guarded(&self.url, || self.read_metadata())?;
        Ok(self.metadata.get_or_init(|| metadata))
    }

    fn read_metadata(&self) -> Result<ArrowReaderMetadata> {
        let file = StoredFile {
            store: Arc::clone(&self.store),
            url: self.url.clone(),
            len: self.part.file.len_bytes,
            end: OnceLock::new(),
        };
        let parquet = ParquetMetaDataReader::new()
            .parse_and_finish(&file)
            .map_err(|error| self.explain(error))?;
        let groups = parquet.row_groups().iter();
        let found: Vec<usize> = groups
            .map(|group| usize::try_from(group.num_rows()).unwrap_or(usize::MAX))
            .collect();
        if found != self.part.row_groups {
            let announced = &self.part.row_groups;
            return Err(self.corrupt(format!(
                "row groups of {found:?} rows, announced {announced:?}"
            )));
        }
        let metadata = ArrowReaderMetadata::try_new(Arc::new(parquet), ArrowReaderOptions::new())
            .map_err(|error| self.malformed(&error))?;
        self.check_schema(metadata.schema())?;
        Ok(metadata)
    }

    /// The columns must be those that were announced, in their order.
    fn check_schema(&self, found: &SchemaRef) -> Result<()> {
        let announced = self.schema.fields();
        let differs = announced
            .iter()
            .zip(found.fields())
            .find(|(announced, found)| {
                announced.name() != found.name()
                    || !equal_types(announced.data_type(), found.data_type())
                    || (found.is_nullable() && !announced.is_nullable())
            });
        if let Some((announced, found)) = differs {
            return Err(self.corrupt(format!(
                "column `{}` of {}, announced `{}` of {}",
                found.name(),
                Shown(found.data_type()),
                announced.name(),
                Shown(announced.data_type())
            )));
        }
        match announced.len() == found.fields().len() {
            true => Ok(()),
            false => Err(self.corrupt(format!(
                "{} columns, announced {}",
                found.fields().len(),
                announced.len()
            ))),
        }
    }

    /// The bytes of each wanted column chunk.
    fn chunks(
        &self,
        metadata: &ArrowReaderMetadata,
        row_group: usize,
        mask: &ProjectionMask,
    ) -> Result<Vec<Range<u64>>> {
        let groups = metadata.metadata().row_groups();
        let columns = groups
            .get(row_group)
            .map_or(&[][..], |group| group.columns());
        let wanted = columns.iter().enumerate();
        let wanted = wanted.filter(|(leaf, _)| mask.leaf_included(*leaf));
        let chunks = wanted.map(|(_, column)| {
            let (start, len) = guarded(&self.url, || Ok(column.byte_range()))?;
            Ok(start..start.saturating_add(len))
        });
        chunks.collect()
    }

    /// Reads ranges of pages, with one call to the store.
    fn fetch(&self, ranges: &[Range<u64>]) -> Result<Fetched> {
        let read = self.ranges(ranges)?;
        let mut chunks = Vec::new();
        let mut claimed_all = 0_u64;
        for (range, bytes) in ranges.iter().zip(read) {
            let start = range.start;
            let claimed = claimed_bytes(&bytes);
            let claimed = claimed.ok_or_else(|| self.corrupt("no pages".to_owned()))?;
            claimed_all = claimed_all.saturating_add(claimed);
            chunks.push((start, bytes));
        }
        if claimed_all > self.room_bytes() {
            return Err(self.corrupt(format!("its pages claim to be {claimed_all} bytes")));
        }
        Ok(Fetched {
            len: self.part.file.len_bytes,
            chunks,
        })
    }

    /// Bytes of the file, with one call to the store.
    pub(super) fn ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let len_bytes = self.part.file.len_bytes;
        self.store.get_ranges(&self.url, ranges, len_bytes)
    }

    /// The file as far as these bytes of it go.
    pub(super) fn fetched(&self, start: u64, bytes: Bytes) -> Fetched {
        Fetched {
            len: self.part.file.len_bytes,
            chunks: vec![(start, bytes)],
        }
    }

    fn bytes(&self, range: Range<u64>) -> Result<Bytes> {
        let len_bytes = self.part.file.len_bytes;
        self.store.get_range(&self.url, range, len_bytes)
    }

    /// What a row group may take in memory.
    fn room_bytes(&self) -> u64 {
        let announced = self.part.decoded_bytes.saturating_mul(2);
        announced.saturating_add(ROOM_BYTES)
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

    pub(super) fn malformed(&self, error: &ParquetError) -> Error {
        self.corrupt(error.to_string())
    }

    pub(crate) fn corrupt(&self, reason: String) -> Error {
        Error::Corrupt {
            url: self.url.clone(),
            reason,
        }
    }
}

/// The batches of one row group.
pub(crate) struct Batches {
    /// None after the last batch or an error.
    reader: Option<ParquetRecordBatchReader>,
    url: Url,
    /// Rows that are still to come.
    rows: usize,
    /// What they may take in memory.
    room_bytes: u64,
}

impl Batches {
    pub(crate) fn corrupt(&self, reason: &str) -> Error {
        Error::Corrupt {
            url: self.url.clone(),
            reason: reason.to_owned(),
        }
    }

    fn read_next(&mut self) -> Result<Option<RecordBatch>> {
        let corrupt = |reason: String| Error::Corrupt {
            url: self.url.clone(),
            reason,
        };
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let next = guarded(&self.url, || {
            reader
                .next()
                .transpose()
                .map_err(|error| corrupt(error.to_string()))
        })?;
        let Some(batch) = next else {
            return match self.rows {
                0 => Ok(None),
                rows => Err(corrupt(format!("{rows} rows are missing from a row group"))),
            };
        };
        self.rows = self.rows.saturating_sub(batch.num_rows());
        // Of the rows alone: what arrays take beside them grows with the number of batches.
        let taken_bytes = (row_bytes(&batch) * batch.num_rows()) as u64;
        let room_bytes = self.room_bytes.checked_sub(taken_bytes);
        self.room_bytes =
            room_bytes.ok_or_else(|| corrupt("its rows are larger than announced".to_owned()))?;
        Ok(Some(batch))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read_next();
        if !matches!(next, Ok(Some(_))) {
            self.reader = None;
            self.rows = 0;
        }
        next.transpose()
    }
}

/// The file as its footer is read.
struct StoredFile {
    store: Arc<dyn Store>,
    url: Url,
    len: u64,
    /// Its last bytes, which say where the footer is and most often have it.
    end: OnceLock<Bytes>,
}

impl StoredFile {
    fn end(&self) -> Result<(u64, &Bytes)> {
        let start = self.len.saturating_sub(END_BYTES);
        if let Some(end) = self.end.get() {
            return Ok((start, end));
        }
        let read = self.store.get_range(&self.url, start..self.len, self.len)?;
        Ok((start, self.end.get_or_init(|| read)))
    }

    fn read(&self, start: u64, len: usize) -> Result<Bytes> {
        let (end_start, end) = self.end()?;
        let skip = start.checked_sub(end_start).map(usize::try_from);
        if let Some(Ok(skip)) = skip
            && let Some(stop) = skip.checked_add(len).filter(|stop| *stop <= end.len())
        {
            return Ok(end.slice(skip..stop));
        }
        let range = start..start.saturating_add(len as u64);
        self.store.get_range(&self.url, range, self.len)
    }
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
        self.read(start, length)
            .map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// Pages of one row group, or other bytes of the file, in memory.
pub(super) struct Fetched {
    len: u64,
    chunks: Vec<(u64, Bytes)>,
}

impl Fetched {
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

impl Length for Fetched {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Fetched {
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

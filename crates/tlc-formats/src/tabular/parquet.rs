//! Parquet files.

use super::columnar::{add, guarded, united};
use crate::import::{Format, Places, RowSink};
use crate::source::{FileReader, Source, SourceFile};
use crate::{Error, Result, parallel};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{BufReader, Seek, SeekFrom};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::arrow::datatypes::SchemaRef;

/// Names of files of the format.
const ENDINGS: [&str; 3] = ["parquet", "pq", "parq"];
/// Decoded rows of a batch take about this much, where the file says how large they are.
const BATCH_BYTES: u64 = 16 << 20;
/// More rows gain nothing.
const BATCH_ROWS: u64 = 8192;
/// Rows of a batch of texts or bytes in a dictionary, whose size the file does not say.
const UNKNOWN_ROWS: u64 = 1024;

/// Parquet files: one or several with the same columns, in any order.
///
/// Types become those of [`Table::from_parquet`](tlc_core::Table::from_parquet): dictionaries
/// and large types are unpacked, nothing is rounded or cut. Columns of files that
/// [`ToParquet`](crate::ToParquet) wrote mean what they meant.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{ImportOptions, Parquet, import};
/// # let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/digits8x8.parquet");
///
/// let root = Url::parse("memory://docs-parquet/")?;
/// let options = ImportOptions::new("digits", "all").root(root).label("label");
/// let table = import(&Parquet::new(digits), options)?.table;
/// assert_eq!(table.schema().class_map("label")?.len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parquet {
    source: Source,
}

impl Parquet {
    /// These files.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl Format for Parquet {
    fn describe(&self) -> String {
        format!("Parquet of {}", self.source)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let files = self.source.files(&ENDINGS)?;
        let opened = files.iter().map(Opened::of).collect::<Result<Vec<_>>>()?;
        let total: u64 = opened.iter().map(Opened::rows).sum();
        let schemas = opened.iter().map(|file| (file.file.clone(), file.schema()));
        let schema = united(&schemas.collect::<Vec<_>>(), rows)?;
        rows.add(
            RecordBatch::new_empty(schema.clone()),
            &Places::in_memory(0),
        )?;
        let mut done = 0;
        for file in &opened {
            let mut first = 0;
            parallel::ahead(file.batches(), |batch: RecordBatch| {
                add(rows, (&file.file, first), &batch, &schema)?;
                first += batch.num_rows() as u64;
                done += batch.num_rows() as u64;
                rows.progress(done, total);
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// A file whose metadata were read.
pub(crate) struct Opened {
    file: SourceFile,
    metadata: ArrowReaderMetadata,
}

impl Opened {
    pub(super) fn of(file: &SourceFile) -> Result<Self> {
        file.len_bytes()?;
        let metadata = guarded(file, || {
            let options = ArrowReaderOptions::new();
            ArrowReaderMetadata::load(&Chunks(file.clone()), options)
                .map_err(|error| damaged(file, error))
        })?;
        Ok(Self {
            file: file.clone(),
            metadata,
        })
    }

    /// The columns, with the metadata of the file.
    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(self.metadata.schema())
    }

    fn rows(&self) -> u64 {
        let rows = self.metadata.metadata().file_metadata().num_rows();
        u64::try_from(rows).unwrap_or_default()
    }

    /// The batches of all row groups, one after another.
    pub(super) fn batches(&self) -> impl Iterator<Item = Result<RecordBatch>> + Send + '_ {
        let groups = 0..self.metadata.metadata().num_row_groups();
        let mut groups = groups.into_iter();
        let mut reader: Option<ParquetRecordBatchReader> = None;
        let mut has_failed = false;
        std::iter::from_fn(move || {
            while !has_failed {
                let next = guarded(&self.file, || match &mut reader {
                    None => Ok(None),
                    Some(reader) => reader.next().transpose().map_err(|error| {
                        damaged(&self.file, ParquetError::External(Box::new(error)))
                    }),
                });
                match next {
                    Ok(Some(batch)) => return Some(Ok(batch)),
                    Ok(None) => {}
                    Err(error) => {
                        has_failed = true;
                        return Some(Err(error));
                    }
                }
                let group = groups.next()?;
                match guarded(&self.file, || self.reader(group)) {
                    Ok(opened) => reader = Some(opened),
                    Err(error) => {
                        has_failed = true;
                        return Some(Err(error));
                    }
                }
            }
            None
        })
    }

    fn reader(&self, group: usize) -> Result<ParquetRecordBatchReader> {
        let chunks = Chunks(self.file.clone());
        let rows = batch_rows(self.metadata.metadata().row_group(group));
        ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, self.metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(rows)
            .build()
            .map_err(|error| damaged(&self.file, error))
    }
}

/// A file as Parquet reads it.
struct Chunks(SourceFile);

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.len_bytes().unwrap_or_default()
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<FileReader>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let mut reader = self.0.open().map_err(external)?;
        reader.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let end = start.checked_add(length as u64);
        let end = end.filter(|end| *end <= self.len());
        let end = end.ok_or_else(|| ParquetError::EOF("a range past the end".to_owned()))?;
        self.0.range(start..end).map_err(external)
    }
}

fn external(error: Error) -> ParquetError {
    match error {
        Error::Core(error) => ParquetError::External(Box::new(error)),
        other => ParquetError::General(other.to_string()),
    }
}

/// What the decoder says, or the store through it.
fn damaged(file: &SourceFile, error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<tlc_core::Error>() {
            Ok(error) => Error::Core(*error),
            Err(source) => file.refused(format!("damaged, or no Parquet file ({source})")),
        },
        other => file.refused(format!("damaged, or no Parquet file ({other})")),
    }
}

/// How many rows make a batch.
fn batch_rows(group: &RowGroupMetaData) -> usize {
    use parquet::basic::Type;
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    let rows = positive(group.num_rows()).max(1);
    let is_told = group.columns().iter().all(|chunk| {
        chunk.column_type() != Type::BYTE_ARRAY
            || chunk.dictionary_page_offset().is_none()
            || chunk.unencoded_byte_array_data_bytes().is_some()
    });
    let bytes = group.columns().iter().map(|chunk| {
        let texts = chunk.unencoded_byte_array_data_bytes().map_or(0, positive);
        let fixed = positive(chunk.num_values()).saturating_mul(8);
        positive(chunk.uncompressed_size()).max(fixed.saturating_add(texts))
    });
    let row_bytes = bytes.fold(0, u64::saturating_add).div_ceil(rows).max(1);
    let most = if is_told { BATCH_ROWS } else { UNKNOWN_ROWS };
    usize::try_from((BATCH_BYTES / row_bytes).clamp(1, most)).unwrap_or(1)
}

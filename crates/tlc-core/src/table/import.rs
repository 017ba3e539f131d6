//! Tables from Parquet files that others wrote.

use super::{Table, TableOptions, TableWriter};
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema};
use crate::part::guarded;
use crate::{Column, Error, Result, Url, storage};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Decoded rows of a batch take about this much, a row that is larger by itself aside.
const BATCH_BYTES: u64 = 24 << 20;
/// More rows gain nothing.
const BATCH_ROWS: u64 = 8192;
/// Rows that are read first where the file does not say how large they are.
const PROBE_ROWS: usize = 64;

impl Table {
    #[doc = include_str!("import.md")]
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`] and [`Error::Io`] if it cannot be opened,
    /// [`Error::Corrupt`] if it is no sound Parquet file, [`Error::Column`] for a type
    /// that is not supported or a column of the options that contradicts the data,
    /// [`Error::Batch`] for a value that does not fit; as [`Table::create`].
    pub fn from_parquet(path: impl AsRef<Path>, options: impl Into<TableOptions>) -> Result<Self> {
        let (path, options) = (path.as_ref(), options.into());
        let declared = options.columns.clone();
        Self::create(options, |writer| copy_rows(path, &declared, writer))
    }
}

fn copy_rows(path: &Path, declared: &[Column], writer: &mut TableWriter) -> Result<()> {
    let url = Url::from_path(path)?;
    let (file, _) = storage::open_file(&url)?;
    let metadata = guarded(&url, || {
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| corrupt(&url, &error))
    })?;
    let schema = typed(metadata.schema(), declared);
    writer.add_batch(RecordBatch::new_empty(Arc::new(schema)))?;
    let source = Source {
        url,
        file,
        metadata,
    };
    let groups = source.metadata.metadata().row_groups();
    let mut rows = 0;
    for (number, group) in groups.iter().enumerate() {
        let len = usize::try_from(group.num_rows()).unwrap_or_default();
        let mut size = batch_rows(decoded_bytes(group), len);
        let mut done = 0;
        if !says_sizes(group) {
            let probed = source.copy((number, 0, Some(PROBE_ROWS)), PROBE_ROWS, rows, writer)?;
            size = size.min(batch_rows(probed.bytes, probed.rows));
            done = probed.rows;
        }
        let copied = source.copy((number, done, None), size, rows + done, writer)?;
        rows += done + copied.rows;
    }
    Ok(())
}

/// A file that is being imported.
struct Source {
    url: Url,
    file: File,
    metadata: ArrowReaderMetadata,
}

/// Rows that were copied, and what they took in memory.
#[derive(Default)]
struct Copied {
    rows: usize,
    bytes: u64,
}

impl Source {
    /// Copies rows of a row group, from one on and all or so many, in batches of a size.
    fn copy(
        &self,
        (group, first, limit): (usize, usize, Option<usize>),
        size: usize,
        rows_before: usize,
        writer: &mut TableWriter,
    ) -> Result<Copied> {
        let mut reader = guarded(&self.url, || self.reader(group, first, limit, size))?;
        let mut copied = Copied::default();
        while let Some(batch) = guarded(&self.url, || next(&self.url, &mut reader))? {
            let added = writer.add_batch(&batch);
            added.map_err(|error| in_file(error, rows_before + copied.rows))?;
            copied.rows += batch.num_rows();
            copied.bytes += batch.get_array_memory_size() as u64;
        }
        Ok(copied)
    }

    fn reader(
        &self,
        group: usize,
        first: usize,
        limit: Option<usize>,
        size: usize,
    ) -> Result<ParquetRecordBatchReader> {
        let file = self.file.try_clone().map_err(|source| Error::Io {
            url: self.url.clone(),
            source,
        })?;
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![group])
                .with_offset(first)
                .with_batch_size(size);
        let reader = match limit {
            Some(limit) => reader.with_limit(limit),
            None => reader,
        };
        reader.build().map_err(|error| corrupt(&self.url, &error))
    }
}

/// The error with its row counted from the start of the file.
fn in_file(error: Error, rows_before: usize) -> Error {
    match error {
        Error::Batch {
            column,
            row: Some(row),
            value,
            reason,
        } => Error::Batch {
            column,
            row: Some(rows_before + row),
            value,
            reason,
        },
        other => other,
    }
}

fn next(url: &Url, reader: &mut ParquetRecordBatchReader) -> Result<Option<RecordBatch>> {
    let batch = reader.next().transpose();
    batch.map_err(|error| corrupt(url, &error))
}

fn corrupt(url: &Url, error: &dyn std::error::Error) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: error.to_string(),
    }
}

/// The schema with text where it has no type, since there are only nulls.
fn typed(schema: &ArrowSchema, declared: &[Column]) -> ArrowSchema {
    let fields = schema.fields().iter().map(|field| {
        let is_declared = declared.iter().any(|column| column.name == *field.name());
        if is_declared {
            Arc::clone(field)
        } else {
            typed_field(field)
        }
    });
    ArrowSchema::new(fields.collect::<Fields>())
}

fn typed_field(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Null => DataType::Utf8,
        DataType::List(item) => DataType::List(typed_field(item)),
        DataType::LargeList(item) => DataType::LargeList(typed_field(item)),
        DataType::FixedSizeList(item, len) => DataType::FixedSizeList(typed_field(item), *len),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(typed_field).collect()),
        _ => return Arc::clone(field),
    };
    let nullable = field.is_nullable() || field.data_type() == &DataType::Null;
    let typed = Field::clone(field).with_data_type(data_type);
    Arc::new(typed.with_nullable(nullable))
}

/// How many rows make a batch where some rows take so many bytes.
fn batch_rows(bytes: u64, rows: usize) -> usize {
    let row_bytes = bytes.div_ceil((rows as u64).max(1)).max(1);
    usize::try_from((BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS)).unwrap_or(1)
}

/// Whether the file says how large the values of the row group are once decoded, which
/// may be much more than a dictionary of them.
fn says_sizes(group: &RowGroupMetaData) -> bool {
    group.columns().iter().all(|chunk| {
        chunk.column_type() != Type::BYTE_ARRAY
            || chunk.dictionary_page_offset().is_none()
            || chunk.unencoded_byte_array_data_bytes().is_some()
    })
}

/// What the values of a row group take in memory, as far as the file says.
fn decoded_bytes(group: &RowGroupMetaData) -> u64 {
    let columns = group.columns().iter().map(chunk_bytes);
    columns.fold(0, u64::saturating_add)
}

fn chunk_bytes(chunk: &ColumnChunkMetaData) -> u64 {
    let value_bytes = match chunk.column_type() {
        Type::BOOLEAN => 1,
        Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
        Type::FIXED_LEN_BYTE_ARRAY => {
            u64::try_from(chunk.column_descr().type_length()).unwrap_or(0)
        }
    };
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    let fixed = positive(chunk.num_values()).saturating_mul(value_bytes);
    let texts = chunk.unencoded_byte_array_data_bytes().map_or(0, positive);
    let encoded = positive(chunk.uncompressed_size());
    encoded.max(fixed.saturating_add(texts))
}

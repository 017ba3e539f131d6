//! Tables from Parquet files that others wrote.

use super::{Table, TableOptions, TableWriter};
use crate::part::guarded;
use crate::{Column, Error, Result, Url};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Decoded rows of a batch take about this much, a row that is larger by itself aside.
const BATCH_BYTES: u64 = 24 << 20;
/// More rows gain nothing.
const BATCH_ROWS: u64 = 8192;

impl Table {
    #[doc = include_str!("import.md")]
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be opened or is no regular file,
    /// [`Error::Corrupt`] if it is no sound Parquet file, [`Error::Column`] for a type
    /// that is not supported or a column of the options that contradicts the data,
    /// [`Error::Batch`] for a value that does not fit; as [`Table::create`].
    pub fn from_parquet(path: impl AsRef<Path>, options: TableOptions) -> Result<Self> {
        let path = path.as_ref();
        let declared = options.columns.clone();
        Self::create(options, |writer| copy_rows(path, &declared, writer))
    }
}

fn copy_rows(path: &Path, declared: &[Column], writer: &mut TableWriter) -> Result<()> {
    let url = Url::from_path(path)?;
    let io = |source| Error::Io {
        url: url.clone(),
        source,
    };
    let file = open_regular(path).map_err(io)?;
    let metadata = guarded(&url, || {
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| corrupt(&url, &error))
    })?;
    let schema = typed(metadata.schema(), declared);
    writer.add_batch(&RecordBatch::new_empty(Arc::new(schema)))?;
    let mut rows = 0;
    for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
        let file = file.try_clone().map_err(io)?;
        let mut reader = guarded(&url, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
                .with_row_groups(vec![number])
                .with_batch_size(batch_rows(group))
                .build()
                .map_err(|error| corrupt(&url, &error))
        })?;
        while let Some(batch) = guarded(&url, || next(&url, &mut reader))? {
            let added = writer.add_batch(&batch);
            added.map_err(|error| in_file(error, rows))?;
            rows += batch.num_rows();
        }
    }
    Ok(())
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

/// Opens a file without waiting for whoever may write to a pipe of that name.
fn open_regular(path: &Path) -> Result<File, IoError> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    #[cfg(not(target_os = "linux"))]
    check_regular(&std::fs::metadata(path)?)?;
    let file = options.open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

fn check_regular(metadata: &std::fs::Metadata) -> Result<(), IoError> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() {
        "a folder"
    } else {
        "a pipe, socket or device"
    };
    let reason = format!("is {what}, not a file");
    Err(IoError::new(ErrorKind::InvalidInput, reason))
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

/// How many rows of a row group make a batch.
fn batch_rows(group: &RowGroupMetaData) -> usize {
    let columns = group.columns().iter().map(decoded_bytes);
    let bytes = columns.fold(0, u64::saturating_add);
    let rows = u64::try_from(group.num_rows()).unwrap_or_default().max(1);
    let row_bytes = bytes.div_ceil(rows).max(1);
    usize::try_from((BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS)).unwrap_or(1)
}

/// What the values of a column chunk take in memory. A dictionary makes that more than
/// the encoded pages, which the file may or may not say.
fn decoded_bytes(chunk: &ColumnChunkMetaData) -> u64 {
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

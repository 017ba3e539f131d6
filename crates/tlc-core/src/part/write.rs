//! Encoding record batches as a Parquet part in memory.

use super::distinct::are_distinct;
use super::{Part, SCHEMA_KEY, row_bytes};
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::SchemaRef;
use crate::schema::{Schema, ValueType};
use crate::storage::FileInfo;
use crate::{Error, Result};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::sync::OnceLock;

/// A row group is closed at this size in memory or this many rows.
const ROW_GROUP_BYTES: usize = 16 << 20;
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Rows at which row groups are closed in tests, which have few of them.
#[cfg(feature = "testing")]
static TEST_ROW_GROUP_ROWS: std::sync::atomic::AtomicUsize =
    std::sync::atomic::AtomicUsize::new(ROW_GROUP_ROWS);

/// Closes row groups at so many rows from now on, in all of the process.
#[cfg(feature = "testing")]
pub fn set_row_group_rows(rows: usize) {
    TEST_ROW_GROUP_ROWS.store(rows.max(1), std::sync::atomic::Ordering::SeqCst);
}

fn row_group_rows() -> usize {
    #[cfg(feature = "testing")]
    return TEST_ROW_GROUP_ROWS.load(std::sync::atomic::Ordering::SeqCst);
    #[cfg(not(feature = "testing"))]
    ROW_GROUP_ROWS
}

/// A part that is ready to be published.
#[derive(Debug)]
pub(crate) struct EncodedPart {
    pub(crate) bytes: Bytes,
    row_groups: Vec<usize>,
    decoded_bytes: u64,
    /// Made by whoever asks first: the thread that seals the part.
    file: OnceLock<FileInfo>,
}

impl EncodedPart {
    /// What a manifest says of this part once it stands at `url`.
    pub(crate) fn describe(&self, url: String) -> Part {
        let file = self.file.get_or_init(|| FileInfo::of(&self.bytes));
        Part {
            url,
            row_groups: self.row_groups.clone(),
            decoded_bytes: self.decoded_bytes,
            file: file.clone(),
        }
    }

    /// The memory of the bytes, for the next part: a fresh buffer of this size costs more
    /// than filling it. `None` while others have the bytes.
    pub(crate) fn into_buffer(self) -> Option<Vec<u8>> {
        let mut bytes = self.bytes.try_into_mut().ok()?;
        bytes.clear();
        Some(Vec::from(bytes))
    }
}

/// Turns batches of one schema into the bytes of one part.
#[derive(Debug)]
pub(crate) struct PartEncoder {
    writer: Encoding,
    row_groups: Vec<usize>,
    open_rows: usize,
    open_bytes: usize,
    decoded_bytes: u64,
}

/// The first rows tell how columns are encoded.
#[derive(Debug)]
enum Encoding {
    Begins(Beginning),
    Begun(Box<ArrowWriter<Vec<u8>>>),
    /// Rows could not be encoded.
    Broken,
}

/// What an encoder is made of.
#[derive(Debug)]
struct Beginning {
    schema: Schema,
    buffer: Vec<u8>,
    row_group_rows: Option<usize>,
}

impl Encoding {
    fn begun(&mut self, rows: &RecordBatch) -> Result<&mut ArrowWriter<Vec<u8>>> {
        *self = match std::mem::replace(self, Self::Broken) {
            Self::Begins(beginning) => Self::Begun(Box::new(beginning.writer(rows)?)),
            other => other,
        };
        match self {
            Self::Begun(writer) => Ok(writer),
            _ => Err(broken()),
        }
    }

    fn finish(self) -> Result<Vec<u8>> {
        let writer = match self {
            Self::Begun(writer) => *writer,
            Self::Begins(beginning) => {
                let no_rows = RecordBatch::new_empty(beginning.schema.to_arrow());
                beginning.writer(&no_rows)?
            }
            Self::Broken => return Err(broken()),
        };
        let finished = writer.into_inner();
        finished.map_err(|source| Error::parquet("finish a part", source))
    }
}

fn broken() -> Error {
    let reason = ParquetError::General("an earlier row could not be encoded".to_owned());
    Error::parquet("encode rows", reason)
}

impl Beginning {
    fn writer(self, rows: &RecordBatch) -> Result<ArrowWriter<Vec<u8>>> {
        let arrow_schema = self.schema.to_arrow();
        let properties = properties(&self.schema, &arrow_schema, self.row_group_rows, rows)?;
        ArrowWriter::try_new(self.buffer, arrow_schema, Some(properties))
            .map_err(|source| Error::parquet("start a part", source))
    }
}

impl PartEncoder {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self::with_buffer(schema, Vec::new())
    }

    /// An encoder that writes to an empty buffer.
    pub(crate) fn with_buffer(schema: &Schema, buffer: Vec<u8>) -> Self {
        Self::begins(schema, buffer, Some(row_group_rows()))
    }

    /// An encoder for [`push_row_group`](Self::push_row_group).
    pub(crate) fn of_row_groups(schema: &Schema) -> Self {
        Self::begins(schema, Vec::new(), None)
    }

    fn begins(schema: &Schema, buffer: Vec<u8>, row_group_rows: Option<usize>) -> Self {
        Self {
            writer: Encoding::Begins(Beginning {
                schema: schema.clone(),
                buffer,
                row_group_rows,
            }),
            row_groups: Vec::new(),
            open_rows: 0,
            open_bytes: 0,
            decoded_bytes: 0,
        }
    }

    /// Adds rows; the batch must have the encoder's schema.
    pub(crate) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut start = 0;
        let row_bytes = row_bytes(batch);
        while start < batch.num_rows() {
            let room = ROW_GROUP_BYTES.saturating_sub(self.open_bytes) / row_bytes;
            let room = room
                .min(row_group_rows().saturating_sub(self.open_rows))
                .max(1);
            let rows = room.min(batch.num_rows() - start);
            self.write(&batch.slice(start, rows), rows * row_bytes)?;
            start += rows;
        }
        Ok(())
    }

    /// Adds rows as a row group of their own, however many; nothing may have been pushed since
    /// the one before.
    pub(crate) fn push_row_group(&mut self, batch: &RecordBatch) -> Result<()> {
        let failed = |source| Error::parquet("encode rows", source);
        let writer = self.writer.begun(batch)?;
        writer.write(batch).map_err(failed)?;
        writer.flush().map_err(failed)?;
        self.row_groups.push(batch.num_rows());
        self.decoded_bytes += (row_bytes(batch) * batch.num_rows()) as u64;
        Ok(())
    }

    /// Bytes encoded so far, the open row group included.
    pub(crate) fn len_bytes(&self) -> usize {
        match &self.writer {
            Encoding::Begun(writer) => writer.bytes_written() + writer.in_progress_size(),
            _ => 0,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.row_groups.iter().sum::<usize>() + self.open_rows
    }

    pub(crate) fn finish(mut self) -> Result<EncodedPart> {
        if self.open_rows > 0 {
            self.row_groups.push(self.open_rows);
        }
        let bytes = self.writer.finish()?;
        Ok(EncodedPart {
            bytes: Bytes::from(bytes),
            row_groups: self.row_groups,
            decoded_bytes: self.decoded_bytes,
            file: OnceLock::new(),
        })
    }

    fn write(&mut self, rows: &RecordBatch, len_bytes: usize) -> Result<()> {
        let failed = |source| Error::parquet("encode rows", source);
        let writer = self.writer.begun(rows)?;
        writer.write(rows).map_err(failed)?;
        self.open_rows += rows.num_rows();
        self.open_bytes += len_bytes;
        self.decoded_bytes += len_bytes as u64;
        if self.open_rows >= row_group_rows() || self.open_bytes >= ROW_GROUP_BYTES {
            writer.flush().map_err(failed)?;
            self.row_groups.push(self.open_rows);
            (self.open_rows, self.open_bytes) = (0, 0);
        }
        Ok(())
    }
}

fn properties(
    schema: &Schema,
    arrow_schema: &SchemaRef,
    row_group_rows: Option<usize>,
    first_rows: &RecordBatch,
) -> Result<WriterProperties> {
    let json = serde_json::to_string(schema).map_err(|source| Error::Json {
        what: "a schema".to_owned(),
        source,
    })?;
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
        .set_max_row_group_row_count(row_group_rows)
        .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), json)]));
    let descriptor = parquet::arrow::ArrowSchemaConverter::new()
        .convert(arrow_schema)
        .map_err(|source| Error::parquet("map a schema to Parquet", source))?;
    for leaf in descriptor.columns() {
        let path = leaf.path();
        let root = path.parts().first().map_or("", String::as_str);
        let Some(column) = schema.column(root) else {
            continue;
        };
        let is_whole = path.parts().len() == 1;
        let first = first_rows.column_by_name(root).filter(|_| is_whole);
        if is_incompressible(&column.value) {
            builder = raw(builder, path);
        } else if is_float(&column.value) || first.is_some_and(|first| are_distinct(first)) {
            builder = builder.set_column_dictionary_enabled(path.clone(), false);
        }
    }
    Ok(builder.build())
}

/// Floats of a network and encoded images: neither dictionary nor codec gains anything.
fn raw(
    builder: parquet::file::properties::WriterPropertiesBuilder,
    path: &ColumnPath,
) -> parquet::file::properties::WriterPropertiesBuilder {
    builder
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_compression(path.clone(), Compression::UNCOMPRESSED)
        .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
}

fn is_incompressible(value: &ValueType) -> bool {
    match value {
        ValueType::Embedding { .. }
        | ValueType::Image { .. }
        | ValueType::SegmentationMask { .. }
        | ValueType::Bytes => true,
        ValueType::Tensor { item, .. } | ValueType::List { item, .. } => is_float(item),
        _ => false,
    }
}

fn is_float(value: &ValueType) -> bool {
    matches!(
        value,
        ValueType::Float32 | ValueType::Float64 | ValueType::Confidence
    )
}

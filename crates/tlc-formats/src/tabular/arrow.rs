//! Arrow IPC files and streams; Feather files are such.

use super::columnar::{add, guarded, united};
use super::done::Done;
use crate::import::{Format, Places, RowSink};
use crate::source::{Source, SourceFile};
use crate::{Error, Result, parallel};
use std::io::{BufRead, Read};
use std::sync::Arc;
use tlc_core::arrow::array::RecordBatch;
use tlc_core::arrow::buffer::Buffer;
use tlc_core::arrow::datatypes::SchemaRef;
use tlc_core::arrow::ipc::convert::fb_to_schema;
use tlc_core::arrow::ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use tlc_core::arrow::ipc::{Block, root_as_footer, root_as_message};

/// Names of files of the format.
const ENDINGS: [&str; 5] = ["arrow", "feather", "ipc", "arrows", "ft"];
const MAGIC: &[u8] = b"ARROW1";
const FEATHER_1: &[u8] = b"FEA1";
const TRAILER_BYTES: u64 = 10;
/// What stands before the length of a message, but in old files.
const CONTINUATION: [u8; 4] = [0xFF; 4];
/// A buffer is not unpacked to more times its size than this, and so many bytes.
const UNPACKED_TIMES: i64 = 256;
const UNPACKED_BYTES: i64 = 64 << 20;

/// Arrow IPC files (also called Feather, version 2) and streams, plain or compressed: one or
/// several with the same columns, in any order.
///
/// Types become those of [`Parquet`](crate::Parquet) files. A batch of a file is read whole.
///
/// ```
/// use tlc_core::{Columns, Table, TableOptions, Url};
/// use tlc_formats::{Arrow, ImportOptions, Rows, ToArrow, export, import};
///
/// let (root, folder) = (Url::parse("memory://docs-arrow/")?, tempfile::tempdir()?);
/// let table = Table::create(TableOptions::new("demo", "points", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("x", vec![0.5, 1.5]))
/// })?;
/// let file = folder.path().join("points.arrow");
/// export(&ToArrow::new(&file), &Rows::of(&table))?;
/// let again = import(&Arrow::new(file), ImportOptions::new("demo", "again").root(&root))?.table;
/// assert_eq!(again.fingerprint()?, table.fingerprint()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Arrow {
    source: Source,
}

impl Arrow {
    /// These files.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl Format for Arrow {
    fn describe(&self) -> String {
        format!("Arrow of {}", self.source)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let files = self.source.files(&ENDINGS)?;
        let opened = files.iter().map(opened).collect::<Result<Vec<_>>>()?;
        let done = Done::times(&files, 1)?;
        let schemas = files
            .iter()
            .zip(&opened)
            .map(|(file, batches)| (file.clone(), batches.schema()));
        let schema = united(&schemas.collect::<Vec<_>>(), rows)?;
        rows.add(
            RecordBatch::new_empty(schema.clone()),
            &Places::in_memory(0),
        )?;
        for (file, batches) in files.iter().zip(opened) {
            let mut first = 0;
            parallel::ahead(batches, |batch: RecordBatch| {
                add(rows, (file, first), &batch, &schema)?;
                first += batch.num_rows() as u64;
                done.tell(rows);
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// The batches of a file or a stream.
pub(super) enum Batches {
    File(FileBatches),
    Stream(StreamBatches),
}

impl Batches {
    pub(super) fn schema(&self) -> SchemaRef {
        match self {
            Self::File(file) => Arc::clone(&file.schema),
            Self::Stream(stream) => Arc::clone(&stream.schema),
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::File(file) => {
                let block = file.blocks.next()?;
                Some(guarded(&file.file, || file.read(&block)))
            }
            Self::Stream(stream) => {
                let next = match stream.first.take() {
                    Some(first) => Some(Ok(first)),
                    None => guarded(&stream.file.clone(), || stream.read()).transpose(),
                };
                stream.is_done |= !matches!(next, Some(Ok(_)));
                next
            }
        }
    }
}

pub(super) fn opened(file: &SourceFile) -> Result<Batches> {
    let start = file.range(0..file.len_bytes()?.min(MAGIC.len() as u64))?;
    match start.as_ref() {
        start if start.starts_with(FEATHER_1) => {
            Err(file.refused("Feather of version 1: read it with pandas and save it again"))
        }
        start if start == MAGIC => guarded(file, || FileBatches::of(file).map(Batches::File)),
        _ => guarded(file, || StreamBatches::of(file).map(Batches::Stream)),
    }
}

/// The batches that the footer of a file names.
pub(super) struct FileBatches {
    file: SourceFile,
    schema: SchemaRef,
    decoder: FileDecoder,
    blocks: std::vec::IntoIter<Block>,
}

impl FileBatches {
    fn of(file: &SourceFile) -> Result<Self> {
        let cut = || file.refused("damaged: the file is cut off");
        let trailer_start = file
            .len_bytes()?
            .checked_sub(TRAILER_BYTES)
            .ok_or_else(cut)?;
        let trailer = file.range(trailer_start..trailer_start + TRAILER_BYTES)?;
        let trailer = trailer.as_ref().try_into().map_err(|_| cut())?;
        let footer_len = read_footer_length(trailer).map_err(|error| damaged(file, &error))?;
        let footer_start = trailer_start
            .checked_sub(footer_len as u64)
            .ok_or_else(cut)?;
        let footer = file.range(footer_start..trailer_start)?;
        let footer = root_as_footer(&footer).map_err(|error| damaged(file, &error))?;
        let schema = Arc::new(fb_to_schema(footer.schema().ok_or_else(cut)?));
        let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
        for block in footer.dictionaries().iter().flatten() {
            let data = block_of(file, block)?;
            decoder
                .read_dictionary(block, &data)
                .map_err(|error| damaged(file, &error))?;
        }
        let blocks: Vec<Block> = footer.recordBatches().iter().flatten().copied().collect();
        Ok(Self {
            file: file.clone(),
            schema,
            decoder,
            blocks: blocks.into_iter(),
        })
    }

    fn read(&self, block: &Block) -> Result<RecordBatch> {
        let data = block_of(&self.file, block)?;
        let batch = self.decoder.read_record_batch(block, &data);
        let batch = batch.map_err(|error| damaged(&self.file, &error))?;
        batch.ok_or_else(|| self.file.refused("damaged: a batch is none"))
    }
}

/// The bytes of a block, whose place and sizes are checked before anything is made of them.
fn block_of(file: &SourceFile, block: &Block) -> Result<Buffer> {
    let outside = || file.refused("damaged: a batch is not in the file");
    let start = u64::try_from(block.offset()).map_err(|_| outside())?;
    let len = i64::from(block.metaDataLength()).checked_add(block.bodyLength());
    let len = len
        .and_then(|len| u64::try_from(len).ok())
        .ok_or_else(outside)?;
    let end = start
        .checked_add(len)
        .filter(|end| file.len_bytes().is_ok_and(|len| *end <= len));
    let data = Buffer::from(file.range(start..end.ok_or_else(outside)?)?);
    let metadata_len = usize::try_from(block.metaDataLength()).map_err(|_| outside())?;
    let (metadata, body) = data.split_at_checked(metadata_len).ok_or_else(outside)?;
    let metadata = metadata.strip_prefix(&CONTINUATION).unwrap_or(metadata);
    check_unpacked(file, metadata.get(4..).unwrap_or_default(), body)?;
    Ok(data)
}

/// Refuses buffers that claim to be much larger once they are unpacked.
fn check_unpacked(file: &SourceFile, metadata: &[u8], body: &[u8]) -> Result<()> {
    let outside = || file.refused("damaged: a buffer is not in its batch");
    let message = root_as_message(metadata).map_err(|error| damaged(file, &error))?;
    let batch = message.header_as_record_batch();
    let batch = batch.or_else(|| message.header_as_dictionary_batch()?.data());
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else {
        return Ok(());
    };
    for buffer in batch
        .buffers()
        .iter()
        .flatten()
        .filter(|buffer| buffer.length() > 8)
    {
        let start = usize::try_from(buffer.offset()).map_err(|_| outside())?;
        let claimed = body.get(start..).and_then(|body| body.first_chunk::<8>());
        let claimed = i64::from_le_bytes(*claimed.ok_or_else(outside)?);
        let most = buffer
            .length()
            .saturating_mul(UNPACKED_TIMES)
            .saturating_add(UNPACKED_BYTES);
        if claimed > most {
            let reason = format!("damaged: {} bytes claim to be {claimed}", buffer.length());
            return Err(file.refused(reason));
        }
    }
    Ok(())
}

/// The batches of a stream, in which each message says how long it is.
pub(super) struct StreamBatches {
    file: SourceFile,
    reader: Box<dyn BufRead + Send>,
    decoder: StreamDecoder,
    schema: SchemaRef,
    /// Read together with the schema.
    first: Option<RecordBatch>,
    is_done: bool,
}

impl StreamBatches {
    fn of(file: &SourceFile) -> Result<Self> {
        let mut stream = Self {
            file: file.clone(),
            reader: file.unpacked()?,
            decoder: StreamDecoder::new(),
            schema: Arc::new(tlc_core::arrow::datatypes::Schema::empty()),
            first: None,
            is_done: false,
        };
        stream.first = stream.read()?;
        let schema = stream.decoder.schema();
        stream.schema = schema.ok_or_else(|| file.refused("no Arrow file: it has no schema"))?;
        Ok(stream)
    }

    fn read(&mut self) -> Result<Option<RecordBatch>> {
        while !self.is_done {
            let Some(message) = self.message()? else {
                self.is_done = true;
                break;
            };
            let mut message = Buffer::from(message);
            while !message.is_empty() {
                let decoded = self.decoder.decode(&mut message);
                if let Some(batch) = decoded.map_err(|error| damaged(&self.file, &error))? {
                    return Ok(Some(batch));
                }
            }
        }
        Ok(None)
    }

    /// The bytes of the next message, whose sizes are checked before it is decoded.
    fn message(&mut self) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.more(4, &mut bytes)?;
        if bytes == CONTINUATION {
            self.more(4, &mut bytes)?;
        }
        let len = bytes.last_chunk::<4>().map(|len| u32::from_le_bytes(*len));
        let start = bytes.len();
        let len = match len {
            _ if bytes.is_empty() => return Ok(None),
            None => return Err(self.file.refused("damaged, or no Arrow file")),
            Some(0) => return Ok(None),
            Some(len) => u64::from(len),
        };
        self.more(len, &mut bytes)?;
        let metadata = bytes.get(start..).unwrap_or_default();
        let message = root_as_message(metadata).map_err(|error| damaged(&self.file, &error))?;
        let body_len = u64::try_from(message.bodyLength()).unwrap_or(u64::MAX);
        let body_start = bytes.len();
        self.more(body_len, &mut bytes)?;
        let (head, body) = bytes.split_at_checked(body_start).unwrap_or_default();
        check_unpacked(&self.file, head.get(start..).unwrap_or_default(), body)?;
        Ok(Some(bytes))
    }

    /// Reads so many bytes more, or all that there are if the stream ends with nothing read.
    fn more(&mut self, len: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let read = (&mut self.reader).take(len).read_to_end(bytes);
        let read = read.map_err(|error| self.file.failed(error))?;
        match read as u64 == len || bytes.is_empty() {
            true => Ok(()),
            false => Err(self
                .file
                .refused("damaged, or no Arrow file: it is cut off")),
        }
    }
}

fn damaged(file: &SourceFile, error: &dyn std::fmt::Display) -> Error {
    file.refused(format!("damaged, or no Arrow file ({error})"))
}

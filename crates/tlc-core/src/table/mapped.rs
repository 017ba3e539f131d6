//! A local Arrow copy of a table, memory-mapped, for tables that are larger than
//! their memory budget.
//!
//! The copy is an unnamed temporary file: the kernel keeps in memory what is
//! being used, and removes the file when the table is dropped or the process dies.
#![allow(unsafe_code)] // the one place: see `map`

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::Schema as ArrowSchema;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileDecoder, read_footer_length};
use arrow::ipc::writer::FileWriter;
use arrow::ipc::{Block, root_as_footer};
use std::fs::File;
use std::io::{BufWriter, Error, ErrorKind, Result};
use std::sync::Arc;

/// Record batches that live in a mapped file.
pub(super) struct MappedBatches {
    buffer: Buffer,
    decoder: FileDecoder,
    blocks: Vec<Block>,
}

impl std::fmt::Debug for MappedBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappedBatches")
            .field("batches", &self.blocks.len())
            .finish_non_exhaustive()
    }
}

impl MappedBatches {
    /// Copies the batches into a temporary file under `folder` and maps it.
    pub(super) fn copy<E: From<Error>>(
        folder: &std::path::Path,
        schema: &ArrowSchema,
        batches: impl Iterator<Item = std::result::Result<RecordBatch, E>>,
    ) -> std::result::Result<Self, E> {
        let file = tempfile::tempfile_in(folder)?;
        let mut writer = FileWriter::try_new(BufWriter::new(&file), schema).map_err(to_io)?;
        for batch in batches {
            writer.write(&batch?).map_err(to_io)?;
        }
        writer.finish().map_err(to_io)?;
        drop(writer);
        Ok(Self::open(&file)?)
    }

    /// The batch of this number, its arrays pointing into the map.
    pub(super) fn batch(&self, number: usize) -> Result<RecordBatch> {
        let block = self.blocks.get(number).ok_or(ErrorKind::UnexpectedEof)?;
        let start = usize::try_from(block.offset()).map_err(Error::other)?;
        let len = usize::try_from(i64::from(block.metaDataLength()) + block.bodyLength());
        let data = self
            .buffer
            .slice_with_length(start, len.map_err(Error::other)?);
        let batch = self
            .decoder
            .read_record_batch(block, &data)
            .map_err(to_io)?;
        batch.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    fn open(file: &File) -> Result<Self> {
        let buffer = map(file)?;
        let trailer_start = buffer
            .len()
            .checked_sub(10)
            .ok_or(ErrorKind::UnexpectedEof)?;
        let trailer = buffer
            .get(trailer_start..)
            .and_then(|trailer| trailer.try_into().ok());
        let footer_len =
            read_footer_length(trailer.ok_or(ErrorKind::UnexpectedEof)?).map_err(to_io)?;
        let footer_start = trailer_start
            .checked_sub(footer_len)
            .ok_or(ErrorKind::UnexpectedEof)?;
        let footer = buffer.get(footer_start..trailer_start).unwrap_or_default();
        let footer = root_as_footer(footer).map_err(|error| Error::other(error.to_string()))?;
        let schema = footer.schema().ok_or(ErrorKind::InvalidData)?;
        let schema = Arc::new(arrow::ipc::convert::fb_to_schema(schema));
        let blocks = footer
            .recordBatches()
            .map(|b| b.iter().copied().collect())
            .unwrap_or_default();
        let decoder = FileDecoder::new(schema, footer.version());
        Ok(Self {
            buffer,
            decoder,
            blocks,
        })
    }
}

fn map(file: &File) -> Result<Buffer> {
    // SAFETY: a map is undefined behaviour if the file changes under it. This file
    // has no name, was written completely by this process, and its only handle is
    // dropped after this call, so nobody can write to it or truncate it.
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(Buffer::from(bytes::Bytes::from_owner(map)))
}

fn to_io(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => Error::other(other),
    }
}

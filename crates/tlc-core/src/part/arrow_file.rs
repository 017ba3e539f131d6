//! Arrow IPC files in memory or mapped: record batches that point into the file's bytes.

use super::guard::guarded;
use crate::arrow::array::RecordBatch;
use crate::arrow::buffer::Buffer;
use crate::arrow::error::ArrowError;
use crate::arrow::ipc::reader::{FileDecoder, read_footer_length};
use crate::arrow::ipc::{Block, root_as_footer};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::sync::Arc;

const TRAILER_BYTES: usize = 10;

/// An Arrow IPC file whose batches are decoded one at a time, without a copy.
pub(crate) struct ArrowFile {
    url: Url,
    buffer: Buffer,
    decoder: FileDecoder,
    blocks: Vec<Block>,
}

impl std::fmt::Debug for ArrowFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArrowFile")
            .field("url", &self.url)
            .field("batches", &self.blocks.len())
            .finish_non_exhaustive()
    }
}

impl ArrowFile {
    /// A file of these bytes; `url` is what errors name.
    pub(crate) fn open(url: &Url, bytes: Bytes) -> Result<Self> {
        let buffer = Buffer::from(bytes);
        guarded(url, || {
            Self::read(url, buffer).map_err(|reason| corrupt(url, reason))
        })
    }

    /// Number of batches.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The batch of this number, its arrays pointing into the file.
    pub(crate) fn batch(&self, number: usize) -> Result<RecordBatch> {
        let read = || {
            self.read_batch(number)
                .map_err(|reason| corrupt(&self.url, reason))
        };
        guarded(&self.url, read)
    }

    fn read(url: &Url, buffer: Buffer) -> Result<Self, String> {
        let cut = || "the file is cut off".to_owned();
        let trailer_start = buffer.len().checked_sub(TRAILER_BYTES).ok_or_else(cut)?;
        let trailer = buffer
            .get(trailer_start..)
            .and_then(|trailer| trailer.try_into().ok());
        let footer_len = read_footer_length(trailer.ok_or_else(cut)?).map_err(shown)?;
        let footer_start = trailer_start.checked_sub(footer_len).ok_or_else(cut)?;
        let footer = buffer.get(footer_start..trailer_start).ok_or_else(cut)?;
        let footer = root_as_footer(footer).map_err(|error| error.to_string())?;
        let schema = footer.schema().ok_or_else(cut)?;
        let schema = Arc::new(crate::arrow::ipc::convert::fb_to_schema(schema));
        let blocks = footer.recordBatches();
        Ok(Self {
            url: url.clone(),
            decoder: FileDecoder::new(schema, footer.version()),
            blocks: blocks
                .map(|blocks| blocks.iter().copied().collect())
                .unwrap_or_default(),
            buffer,
        })
    }

    /// What a block says of its place is checked before anything is made of it.
    fn read_batch(&self, number: usize) -> Result<RecordBatch, String> {
        let outside = || format!("batch {number} is not in the file");
        let block = self.blocks.get(number).ok_or_else(outside)?;
        let start = usize::try_from(block.offset()).map_err(|_| outside())?;
        let len = i64::from(block.metaDataLength()).checked_add(block.bodyLength());
        let len = len
            .and_then(|len| usize::try_from(len).ok())
            .ok_or_else(outside)?;
        let end = start
            .checked_add(len)
            .filter(|end| *end <= self.buffer.len());
        end.ok_or_else(outside)?;
        let data = self.buffer.slice_with_length(start, len);
        let batch = self
            .decoder
            .read_record_batch(block, &data)
            .map_err(shown)?;
        batch.ok_or_else(outside)
    }
}

/// All batches of an Arrow IPC file that somebody else may have written: damage is an
/// error, never a panic, and costs no more memory than the file.
///
/// # Errors
/// [`Error::Corrupt`], naming `url`.
pub fn read_arrow_file(url: &Url, bytes: Bytes) -> Result<Vec<RecordBatch>> {
    let file = ArrowFile::open(url, bytes)?;
    (0..file.len()).map(|number| file.batch(number)).collect()
}

fn corrupt(url: &Url, reason: String) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason,
    }
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
fn shown(error: ArrowError) -> String {
    error.to_string()
}

//! How much of files has been read.

use crate::Result;
use crate::import::RowSink;
use crate::source::SourceFile;

/// Counts the bytes that were read of files.
pub(super) struct Done<'a> {
    files: &'a [SourceFile],
    total_bytes: u64,
}

impl<'a> Done<'a> {
    /// Of files that are read so many times.
    pub(super) fn times(files: &'a [SourceFile], times: u64) -> Result<Self> {
        let total_bytes = files
            .iter()
            .map(SourceFile::len_bytes)
            .sum::<Result<u64>>()?;
        Ok(Self {
            files,
            total_bytes: total_bytes.saturating_mul(times),
        })
    }

    pub(super) fn tell(&self, rows: &mut RowSink<'_>) {
        let done_bytes = self.files.iter().map(SourceFile::read_bytes).sum();
        rows.progress(done_bytes, self.total_bytes);
    }
}

//! Sequential reading: row ranges, projected columns, one row group at a time.

use super::source::{Chunk, Source};
use crate::arrow::array::RecordBatch;
use crate::{Error, Result, Schema, Url};
use std::collections::VecDeque;
use std::ops::{Bound, Range, RangeBounds};
use std::sync::Arc;

const BATCH_ROWS: usize = 8192;

/// What to read of a table, built by chaining; see [`Table::scan`](super::Table::scan).
#[derive(Clone, Debug)]
pub struct Scan {
    source: Arc<Source>,
    schema: Schema,
    url: Url,
    rows: (Bound<usize>, Bound<usize>),
    columns: Option<Vec<String>>,
    batch_size: usize,
}

impl Scan {
    pub(super) fn new(source: Arc<Source>, schema: Schema, url: Url) -> Self {
        Self {
            source,
            schema,
            url,
            rows: (Bound::Unbounded, Bound::Unbounded),
            columns: None,
            batch_size: BATCH_ROWS,
        }
    }

    /// Reads only these rows.
    #[must_use]
    pub fn rows(mut self, rows: impl RangeBounds<usize>) -> Self {
        self.rows = (rows.start_bound().cloned(), rows.end_bound().cloned());
        self
    }

    /// Reads only these columns, in the table's order.
    #[must_use]
    pub fn columns<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the largest number of rows of a batch; 8,192 by default.
    #[must_use]
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows.max(1);
        self
    }

    /// The batches, in row order. A batch ends where a row group does.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`] for a range that ends past the table,
    /// [`Error::NoSuchColumn`]; while iterating, storage errors and
    /// [`Error::Corrupt`], after which the iterator ends.
    pub fn batches(self) -> Result<ScanBatches> {
        let rows = self.checked_rows()?;
        for column in self.columns.iter().flatten() {
            self.schema.require(column)?;
        }
        Ok(ScanBatches {
            pending: self.pending(&rows),
            open: None,
            scan: self,
        })
    }

    fn checked_rows(&self) -> Result<Range<usize>> {
        let start = match self.rows.0 {
            Bound::Included(start) => start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match self.rows.1 {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => end,
            Bound::Unbounded => self.source.len(),
        };
        let len = self.source.len();
        if end > len || start > end {
            let row = if start > end { start } else { end };
            return Err(Error::RowOutOfRange {
                url: self.url.clone(),
                row: row as u64,
                len,
            });
        }
        Ok(start..end)
    }

    /// The chunks that hold the rows, and which rows of them.
    fn pending(&self, rows: &Range<usize>) -> VecDeque<(Chunk, Range<usize>)> {
        let overlap = |chunk: &Chunk| {
            let all = chunk.rows_in_all();
            let (start, end) = (rows.start.max(all.start), rows.end.min(all.end));
            (start < end).then(|| (chunk.clone(), start - all.start..end - all.start))
        };
        self.source.chunks().iter().filter_map(overlap).collect()
    }
}

/// Iterator over the batches of a [`Scan`].
pub struct ScanBatches {
    scan: Scan,
    pending: VecDeque<(Chunk, Range<usize>)>,
    open: Option<crate::part::Batches>,
}

impl std::fmt::Debug for ScanBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScanBatches")
            .field("scan", &self.scan)
            .finish_non_exhaustive()
    }
}

impl Iterator for ScanBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.open.as_mut().and_then(Iterator::next) {
                return Some(batch.inspect_err(|_| self.pending.clear()));
            }
            let (chunk, rows) = self.pending.pop_front()?;
            let columns = self.scan.columns.as_deref();
            let batch_size = self.scan.batch_size;
            match chunk.read(rows, columns, batch_size) {
                Ok(batches) => self.open = Some(batches),
                Err(error) => {
                    self.pending.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}

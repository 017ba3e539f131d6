//! Sequential reading: row ranges, projected columns, one row group at a time.

use crate::part::PartReader;
use crate::{Error, Result, Schema, Url};
use arrow::array::RecordBatch;
use std::collections::VecDeque;
use std::ops::{Bound, Range, RangeBounds};
use std::sync::Arc;

const BATCH_ROWS: usize = 8192;

/// What to read of a table, built by chaining; see [`Table::scan`](super::Table::scan).
#[derive(Clone, Debug)]
pub struct Scan {
    readers: Arc<Vec<PartReader>>,
    schema: Schema,
    url: Url,
    len: usize,
    rows: (Bound<usize>, Bound<usize>),
    columns: Option<Vec<String>>,
    batch_size: usize,
}

impl Scan {
    pub(crate) fn new(readers: Arc<Vec<PartReader>>, schema: Schema, url: Url) -> Self {
        let len = readers.iter().map(|reader| reader.part().rows()).sum();
        Self {
            readers,
            schema,
            url,
            len,
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
            Bound::Unbounded => self.len,
        };
        if end > self.len || start > end {
            let row = if start > end { start } else { end };
            return Err(Error::RowOutOfRange {
                url: self.url.clone(),
                row: row as u64,
                len: self.len,
            });
        }
        Ok(start..end)
    }

    /// The row groups that hold the rows: part, row group, rows within it.
    fn pending(&self, rows: &Range<usize>) -> VecDeque<(usize, usize, Range<usize>)> {
        let mut pending = VecDeque::new();
        let mut first = 0;
        for (part, reader) in self.readers.iter().enumerate() {
            for (group, len) in reader.part().row_groups.iter().enumerate() {
                let (start, end) = (rows.start.max(first), rows.end.min(first + len));
                if start < end {
                    pending.push_back((part, group, start - first..end - first));
                }
                first += len;
            }
        }
        pending
    }
}

/// Iterator over the batches of a [`Scan`].
pub struct ScanBatches {
    scan: Scan,
    pending: VecDeque<(usize, usize, Range<usize>)>,
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
            let (part, group, rows) = self.pending.pop_front()?;
            let reader = self.scan.readers.get(part)?;
            match reader.read(
                group,
                rows,
                self.scan.columns.as_deref(),
                self.scan.batch_size,
            ) {
                Ok(batches) => self.open = Some(batches),
                Err(error) => {
                    self.pending.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}

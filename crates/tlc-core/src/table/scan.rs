//! Sequential reading: row ranges, projected columns, one row group at a time.

use super::ahead::PiecesAhead;
use super::random::RandomAccess;
use super::source::{ChunkBatches, Piece, Source};
use crate::arrow::array::{BooleanArray, BooleanBufferBuilder, RecordBatch};
use crate::arrow::compute::filter_record_batch;
use crate::{Error, Result, Schema, Url};
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
    columns: Option<Arc<[String]>>,
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
    /// Rows in another order than that in which they are stored, as of a shuffled revision,
    /// are gathered as [`Table::take`](super::Table::take) does.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`] for a range that ends past the table,
    /// [`Error::NoSuchColumn`]; storage errors and [`Error::Corrupt`], while iterating, too,
    /// after which the iterator ends.
    pub fn batches(self) -> Result<ScanBatches> {
        let rows = self.checked_rows()?;
        for column in self.columns.iter().flat_map(|columns| columns.iter()) {
            self.schema.require(column)?;
        }
        let reading = match self.goes_along(&rows)? {
            true => Reading::Along {
                pieces: Box::new(PiecesAhead::new(
                    self.source.pieces(rows),
                    self.source.parallel_reads(),
                )),
                open: None,
            },
            false => Reading::Gathering {
                random: Box::new(self.random()?),
                rows,
            },
        };
        Ok(ScanBatches {
            scan: self,
            reading,
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

    /// Whether chunk after chunk is read without reading much more often than once.
    fn goes_along(&self, rows: &Range<usize>) -> Result<bool> {
        if self.source.runs()?.is_none() {
            return Ok(true);
        }
        let chunks = self.source.chunks();
        let mut is_read = vec![false; chunks.len()];
        let (mut once, mut along) = (0_usize, 0_usize);
        for piece in self.source.pieces(rows.clone()) {
            let piece = piece?;
            let positions = piece.chunk.positions();
            let place = self.source.chunk_of(positions.start);
            if let Some(is_read) = is_read.get_mut(place).filter(|is_read| !**is_read) {
                *is_read = true;
                once = once.saturating_add(positions.len());
            }
            along = along.saturating_add(piece.covered().end);
            if along > once.saturating_mul(2).saturating_add(BATCH_ROWS) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn random(&self) -> Result<RandomAccess> {
        let source = Arc::clone(&self.source);
        let random = RandomAccess::new(source, self.schema.to_arrow(), self.url.clone());
        let Some(columns) = &self.columns else {
            return Ok(random);
        };
        let schema = self.schema.only(columns)?.to_arrow();
        Ok(random.select(schema, columns))
    }
}

/// Iterator over the batches of a [`Scan`].
pub struct ScanBatches {
    scan: Scan,
    reading: Reading,
}

enum Reading {
    /// Chunk after chunk.
    Along {
        pieces: Box<PiecesAhead>,
        open: Option<Open>,
    },
    Gathering {
        random: Box<RandomAccess>,
        rows: Range<usize>,
    },
}

/// The batches of a piece, and which of their rows are wanted.
struct Open {
    batches: ChunkBatches,
    spans: Vec<Range<usize>>,
    /// Of the chunk, the first of the next batch.
    next_row: usize,
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
        let batch_size = self.scan.batch_size;
        let next = match &mut self.reading {
            Reading::Along { pieces, open } => {
                next_along(pieces, open, &self.scan.columns, batch_size)
            }
            Reading::Gathering { random, rows } => next_gathered(random, rows, batch_size),
        };
        if let Some(Err(_)) = next {
            self.reading = Reading::Along {
                pieces: Box::new(PiecesAhead::new(self.scan.source.pieces(0..0), 1)),
                open: None,
            };
        }
        next
    }
}

fn next_along(
    pieces: &mut PiecesAhead,
    open: &mut Option<Open>,
    columns: &Option<Arc<[String]>>,
    batch_size: usize,
) -> Option<Result<RecordBatch>> {
    let columns = columns.clone();
    let read = move |piece: &Piece| {
        piece
            .chunk
            .read(piece.covered(), columns.as_deref(), batch_size)
    };
    loop {
        while let Some(batch) = open.as_mut().and_then(|open| open.batches.next()) {
            let wanted = match (batch, open.as_mut()) {
                (Ok(batch), Some(open)) => open.wanted(batch),
                (batch, _) => batch,
            };
            if !wanted.as_ref().is_ok_and(|batch| batch.num_rows() == 0) {
                return Some(wanted);
            }
        }
        match pieces.next(&read)? {
            Ok((piece, batches)) => {
                *open = Some(Open {
                    batches,
                    next_row: piece.covered().start,
                    spans: piece.spans,
                });
            }
            Err(error) => return Some(Err(error)),
        }
    }
}

impl Open {
    /// The rows of a batch that are wanted.
    fn wanted(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let rows = self.next_row..self.next_row + batch.num_rows();
        self.next_row = rows.end;
        let from = self.spans.partition_point(|span| span.end <= rows.start);
        let mut kept = BooleanBufferBuilder::new(batch.num_rows());
        for span in self.spans.get(from..).unwrap_or_default() {
            let (start, end) = (span.start.max(rows.start), span.end.min(rows.end));
            if start >= end {
                break;
            }
            if start == rows.start && end == rows.end {
                return Ok(batch);
            }
            kept.append_n(start - rows.start - kept.len(), false);
            kept.append_n(end - start, true);
        }
        kept.append_n(batch.num_rows() - kept.len(), false);
        let kept = BooleanArray::new(kept.finish(), None);
        filter_record_batch(&batch, &kept).map_err(|source| Error::arrow("choose rows", source))
    }
}

fn next_gathered(
    random: &RandomAccess,
    rows: &mut Range<usize>,
    batch_size: usize,
) -> Option<Result<RecordBatch>> {
    let end = rows.end.min(rows.start.saturating_add(batch_size));
    let taken: Vec<usize> = (rows.start..end).collect();
    rows.start = end;
    (!taken.is_empty()).then(|| random.take(&taken))
}

//! What rows that are shown are read from: chunk after chunk, as far as the order goes along
//! with what is stored.

use super::{Chunk, Source};
use crate::Result;
use std::ops::Range;
use std::sync::Arc;

/// Some rows of a chunk, ascending.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) chunk: Arc<Chunk>,
    /// Counted from the first row of the chunk.
    pub(crate) spans: Vec<Range<usize>>,
}

/// The pieces that hold a range of rows, in the order of the rows.
#[derive(Debug)]
pub(crate) struct Pieces {
    source: Arc<Source>,
    rows: Range<usize>,
}

impl Piece {
    /// The rows of the chunk from the first that is wanted to the last.
    pub(crate) fn covered(&self) -> Range<usize> {
        let start = self.spans.first().map_or(0, |span| span.start);
        let end = self.spans.last().map_or(start, |span| span.end);
        start..end
    }
}

impl Pieces {
    pub(super) fn new(source: Arc<Source>, rows: Range<usize>) -> Self {
        Self { source, rows }
    }

    fn next_piece(&mut self) -> Result<Option<Piece>> {
        let mut piece: Option<Piece> = None;
        while let Some(positions) = self.positions()? {
            let place = self.source.chunk_of(positions.start);
            let Some(chunk) = self.source.chunks().get(place) else {
                break;
            };
            let held = chunk.positions();
            let span = positions.start - held.start..positions.end.min(held.end) - held.start;
            match &mut piece {
                None => {
                    piece = Some(Piece {
                        chunk: Arc::clone(chunk),
                        spans: vec![span.clone()],
                    });
                }
                Some(piece) => {
                    let goes_on =
                        Arc::ptr_eq(&piece.chunk, chunk) && piece.covered().end <= span.start;
                    if !goes_on {
                        break;
                    }
                    piece.spans.push(span.clone());
                }
            }
            self.rows.start += span.len();
            // Without an order a chunk ends where its rows do.
            if self.source.order.is_none() {
                break;
            }
        }
        Ok(piece)
    }

    /// The positions of the next rows, as far as they are in one run.
    fn positions(&self) -> Result<Option<Range<usize>>> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let run = match self.source.runs()? {
            None => Some(self.rows.clone()),
            Some(runs) => runs.starting_at(self.rows.start),
        };
        Ok(run.map(|run| run.start..run.end.min(run.start + self.rows.len())))
    }
}

impl Iterator for Pieces {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_piece().transpose();
        if matches!(next, None | Some(Err(_))) {
            self.rows = 0..0;
        }
        next
    }
}

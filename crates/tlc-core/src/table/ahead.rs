//! Pieces of rows that are read one after another, some of them ahead where the store takes
//! long to answer.

use super::source::{ChunkBatches, Piece, Pieces};
use crate::Result;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

/// Pieces, each with its batches.
pub(super) struct PiecesAhead {
    pieces: Pieces,
    /// How many are under way at once.
    at_once: usize,
    under_way: VecDeque<Result<(Piece, Reading)>>,
}

/// The batches of a piece, or where they will come from.
enum Reading {
    Now,
    UnderWay(Receiver<Result<ChunkBatches>>),
}

impl PiecesAhead {
    pub(super) fn new(pieces: Pieces, at_once: usize) -> Self {
        Self {
            pieces,
            at_once: at_once.max(1),
            under_way: VecDeque::new(),
        }
    }

    /// The next piece, read by `read`.
    pub(super) fn next<R>(&mut self, read: &R) -> Option<Result<(Piece, ChunkBatches)>>
    where
        R: Fn(&Piece) -> Result<ChunkBatches> + Clone + Send + 'static,
    {
        while self.under_way.len() < self.at_once {
            let Some(piece) = self.pieces.next() else {
                break;
            };
            let started = piece.map(|piece| {
                let reading = self.start(&piece, read);
                (piece, reading)
            });
            self.under_way.push_back(started);
        }
        let next = self.under_way.pop_front()?;
        Some(next.and_then(|(piece, reading)| {
            let batches = match reading {
                Reading::Now => read(&piece),
                // A thread that is gone has said nothing.
                Reading::UnderWay(batches) => batches.recv().unwrap_or_else(|_| read(&piece)),
            };
            Ok((piece, batches?))
        }))
    }

    fn start<R>(&self, piece: &Piece, read: &R) -> Reading
    where
        R: Fn(&Piece) -> Result<ChunkBatches> + Clone + Send + 'static,
    {
        if self.at_once == 1 {
            return Reading::Now;
        }
        let (send, batches) = sync_channel(1);
        let (piece, read) = (piece.clone(), read.clone());
        let reading = move || {
            // Nobody may want it any more.
            let _ = send.send(read(&piece));
        };
        match Builder::new()
            .name("tlc-read-ahead".to_owned())
            .spawn(reading)
        {
            Ok(_) => Reading::UnderWay(batches),
            Err(_) => Reading::Now,
        }
    }
}

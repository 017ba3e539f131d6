//! Second stage, on the caller's thread: which batch is computed when. All tensors on
//! a GPU live on this one thread, since each thread that touches it gets a stream and a
//! memory pool of its own; on the CPU, batches are computed side by side.

use super::progress::Progress;
use super::stop::Stop;
use super::tensors::{Computed, Tensors};
use super::workers::{Pending, Workers};
use crate::Result;
use crate::map::Sample;
use crate::predict::{Predict, Predictor};
use burn::data::dataloader::batcher::Batcher;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::scope;

pub(super) struct Computing<'a, 'c, M: Predict, B> {
    tensors: Tensors<'a, 'c, M, B>,
    /// Batches that a lazy device has at once.
    depth: usize,
    /// Batches that the CPU computes at once.
    side_by_side: Option<usize>,
    threads: usize,
    progress: Progress,
}

impl<'a, 'c, M: Predict, B> Computing<'a, 'c, M, B> {
    /// For at most so many batches.
    pub(super) fn new(
        tensors: Tensors<'a, 'c, M, B>,
        predictor: &Predictor<M, B>,
        batches: usize,
        progress: Progress,
    ) -> Self {
        let threads = rayon::current_num_threads();
        Self {
            tensors,
            depth: predictor.depth(),
            side_by_side: predictor
                .side_by_side(threads)
                .map(|workers| workers.min(batches).max(1)),
            threads,
            progress,
        }
    }

    /// Computes what is read, until that ends or nobody wants more.
    pub(super) fn run<I: Clone + Send>(
        &self,
        read: &Receiver<Vec<Sample<I>>>,
        to_writing: &SyncSender<Computed>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let mut way = Way {
            to_writing,
            progress: &self.progress,
            rows: 0,
        };
        match self.side_by_side {
            Some(workers) => self.side_by_side(workers, read, &mut way, stop)?,
            None => self.in_turn(read, &mut way, stop)?,
        }
        stop.check_cancelled(way.rows)
    }

    /// One batch after another, of which the device may have several at once.
    fn in_turn<I: Clone>(
        &self,
        read: impl IntoIterator<Item = Vec<Sample<I>>>,
        way: &mut Way<'_>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let mut in_flight = VecDeque::new();
        for samples in read {
            stop.check_cancelled(way.rows)?;
            in_flight.push_back(self.tensors.compute(samples)?);
            if in_flight.len() < self.depth {
                continue;
            }
            if let Some(batch) = in_flight.pop_front()
                && !way.pass(self.tensors.wait(batch)?)
            {
                return Ok(());
            }
        }
        for batch in in_flight {
            if !way.pass(self.tensors.wait(batch)?) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Several batches at once, in rounds of one a worker: while one is computed, the
    /// next is handed out. What is left at the end, if it is no more than half a round,
    /// has all cores in turn.
    fn side_by_side<I: Clone + Send>(
        &self,
        count: usize,
        read: &Receiver<Vec<Sample<I>>>,
        way: &mut Way<'_>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let compute = |samples| {
            stop.check_cancelled(0)?;
            self.tensors.compute_and_wait(samples)
        };
        scope(|threads| {
            let workers = Workers::start(threads, count, self.threads, &compute)?;
            let mut under_way = VecDeque::new();
            loop {
                let round: Vec<_> = read.iter().take(count).collect();
                if round.len() * 2 <= count || stop.is_cancelled() {
                    if pass_down_to(0, &mut under_way, way, stop)? {
                        self.in_turn(round, way, stop)?;
                    }
                    return Ok(());
                }
                under_way.extend(round.into_iter().map(|samples| workers.begin(samples)));
                if !pass_down_to(count, &mut under_way, way, stop)? {
                    return Ok(());
                }
            }
        })
    }
}

/// Waits for the oldest batches until so many are left; false if nobody wants them.
fn pass_down_to(
    left: usize,
    under_way: &mut VecDeque<Pending<Computed>>,
    way: &mut Way<'_>,
    stop: &Stop,
) -> Result<bool> {
    let done = under_way.len().saturating_sub(left);
    for batch in under_way.drain(..done) {
        let batch = batch.wait();
        if batch.is_err() {
            stop.check_cancelled(way.rows)?;
        }
        if !way.pass(batch?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The way of batches to the next stage, in order.
struct Way<'a> {
    to_writing: &'a SyncSender<Computed>,
    progress: &'a Progress,
    rows: usize,
}

impl Way<'_> {
    /// Passes a batch on to be written; false if nobody wants it.
    fn pass(&mut self, batch: Computed) -> bool {
        self.rows += batch.example_ids.len();
        let last = batch.example_ids.last();
        self.progress.set(last.map_or(0, |id| id.0 + 1));
        self.to_writing.send(batch).is_ok()
    }
}

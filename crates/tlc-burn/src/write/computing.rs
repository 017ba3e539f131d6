//! Second stage, on the caller's thread: which batch is computed when. All tensors on
//! a GPU live on this one thread, since each thread that touches it gets a stream and a
//! memory pool of its own; on the CPU, batches are computed side by side.

use super::forward::{ComputedBatch, ForwardPass};
use super::progress::Progress;
use super::stop::Stop;
use super::workers::{PendingResult, Workers};
use crate::Result;
use crate::map::Sample;
use crate::predict::{Predict, Predictor};
use burn::data::dataloader::batcher::Batcher;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::scope;

pub(super) struct Computing<'a, 'c, M: Predict, B> {
    forward: ForwardPass<'a, 'c, M, B>,
    /// Batches that a lazy device has at once.
    in_flight: usize,
    /// Batches that the CPU computes at once.
    side_by_side: Option<usize>,
    threads: usize,
    progress: Progress,
}

impl<'a, 'c, M: Predict, B> Computing<'a, 'c, M, B> {
    /// For at most so many batches.
    pub(super) fn new(
        forward: ForwardPass<'a, 'c, M, B>,
        predictor: &Predictor<M, B>,
        batches: usize,
        progress: Progress,
    ) -> Self {
        let threads = rayon::current_num_threads();
        Self {
            forward,
            in_flight: predictor.batches_in_flight(),
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
        to_writing: &SyncSender<ComputedBatch>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let mut sender = CountedSender {
            queue: to_writing,
            progress: &self.progress,
            rows: 0,
        };
        match self.side_by_side {
            Some(workers) => self.side_by_side(workers, read, &mut sender, stop)?,
            None => self.in_turn(read, &mut sender, stop)?,
        }
        stop.check_cancelled(sender.rows)
    }

    /// One batch after another, of which the device may have several at once.
    fn in_turn<I: Clone>(
        &self,
        read: impl IntoIterator<Item = Vec<Sample<I>>>,
        sender: &mut CountedSender<'_>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let mut started = VecDeque::new();
        for samples in read {
            stop.check_cancelled(sender.rows)?;
            started.push_back(self.forward.start(self.forward.next(samples))?);
            if started.len() < self.in_flight {
                continue;
            }
            if let Some(batch) = started.pop_front()
                && !sender.send(self.forward.wait(batch)?)
            {
                return Ok(());
            }
        }
        for batch in started {
            if !sender.send(self.forward.wait(batch)?) {
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
        sender: &mut CountedSender<'_>,
        stop: &Stop,
    ) -> Result<()>
    where
        B: Batcher<I, M::Batch>,
    {
        let compute = |batch| {
            stop.check_cancelled(0)?;
            self.forward.run(batch)
        };
        scope(|threads| {
            let workers = Workers::start(threads, count, self.threads, &compute)?;
            let mut under_way = VecDeque::new();
            loop {
                let round: Vec<_> = read.iter().take(count).collect();
                if round.len() * 2 <= count || stop.is_cancelled() {
                    if send_down_to(0, &mut under_way, sender, stop)? {
                        self.in_turn(round, sender, stop)?;
                    }
                    return Ok(());
                }
                let round = round.into_iter().map(|samples| self.forward.next(samples));
                under_way.extend(round.map(|batch| workers.begin(batch)));
                if !send_down_to(count, &mut under_way, sender, stop)? {
                    return Ok(());
                }
            }
        })
    }
}

/// Waits for the oldest batches until so many are left; false if nobody wants them.
fn send_down_to(
    left: usize,
    under_way: &mut VecDeque<PendingResult<ComputedBatch>>,
    sender: &mut CountedSender<'_>,
    stop: &Stop,
) -> Result<bool> {
    let done = under_way.len().saturating_sub(left);
    for batch in under_way.drain(..done) {
        let batch = batch.wait();
        if batch.is_err() {
            stop.check_cancelled(sender.rows)?;
        }
        if !sender.send(batch?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The end of the queue to the next stage that batches go into, in order; it counts rows.
struct CountedSender<'a> {
    queue: &'a SyncSender<ComputedBatch>,
    progress: &'a Progress,
    rows: usize,
}

impl CountedSender<'_> {
    /// Passes a batch on to be written; false if nobody wants it.
    fn send(&mut self, batch: ComputedBatch) -> bool {
        self.rows += batch.example_ids.len();
        self.progress.set(self.rows);
        self.queue.send(batch).is_ok()
    }
}

//! The three stages of a collection, with bounded queues between.

use super::computing::Computing;
use super::forward::{ComputedBatch, ForwardPass};
use super::options::CollectOptions;
use super::progress::Progress;
use super::reading::Reading;
use super::status;
use super::stop::Stop;
use super::writing::Writing;
use crate::collect::Collectors;
use crate::map::Samples;
use crate::predict::{Predict, Predictor};
use crate::{Error, Result};
use burn::data::dataloader::batcher::Batcher;
use serde::de::DeserializeOwned;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Scope, scope};
use tlc_core::{MetricsTable, Run, Table};

/// Batches that wait between two stages.
const QUEUED_BATCHES: usize = 2;

/// One collection about a table: what `work` writes becomes a result of the run, or is kept
/// as an unfinished table.
pub(super) fn collect<'c, B, O>(
    run: &Run,
    table: &Table,
    collectors: &Collectors<'c, B, O>,
    options: &CollectOptions,
    work: impl FnOnce(&mut Writing<'c>) -> Result<()>,
) -> Result<MetricsTable> {
    status::while_collecting(run, |before| {
        let mut writing = Writing::new(collectors, table.clone(), run.clone(), options.clone());
        let finished = work(&mut writing).and_then(|()| writing.finish(Some(before)));
        finished.inspect_err(|_| writing.keep_unfinished())
    })
}

/// Computes the first batch of the samples and what collectors make of it, and keeps nothing:
/// what is wrong with them is known before a training begins.
#[cfg(feature = "train")]
pub(crate) fn rehearse<R, I, M, B>(
    samples: &Samples<R, I>,
    collectors: &Collectors<'_, M::Batch, M::Output>,
    predictor: &Predictor<M, B>,
    options: &CollectOptions,
) -> Result<()>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict,
    B: Batcher<I, M::Batch>,
{
    let batch_size = batch_size(predictor, options);
    let first: Vec<usize> = match samples.selected() {
        Some(rows) => rows.iter().copied().take(batch_size).collect(),
        None => (0..samples.len().min(batch_size)).collect(),
    };
    let samples = samples.rows(first)?;
    let reading = Reading::new(&samples, batch_size, options.exclude_zero_weights)?;
    let (sender, read) = sync_channel(QUEUED_BATCHES);
    reading.run(&sender, &Stop::new(&options.cancellations))?;
    drop(sender);
    let forward = ForwardPass::new(
        predictor,
        collectors.as_slice(),
        batch_size,
        options.check_order,
    );
    for batch in read {
        let computed = forward.run(forward.next(batch))?;
        for (collector, batch) in collectors.as_slice().iter().zip(&computed.batches) {
            (collector.host.collect)(batch)?;
        }
    }
    Ok(())
}

/// Collects from the samples with a model, and has what is computed written.
pub(super) fn run<R, I, M, B>(
    samples: &Samples<R, I>,
    collectors: &Collectors<'_, M::Batch, M::Output>,
    predictor: &Predictor<M, B>,
    options: &CollectOptions,
    write: impl FnOnce(&Receiver<ComputedBatch>) -> Result<()> + Send,
) -> Result<()>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict,
    B: Batcher<I, M::Batch>,
{
    let batch_size = batch_size(predictor, options);
    let reading = Reading::new(samples, batch_size, options.exclude_zero_weights)?;
    let check_order = options.check_order;
    let forward = ForwardPass::new(predictor, collectors.as_slice(), batch_size, check_order);
    let batches = samples.len().div_ceil(batch_size);
    let progress = Progress::new(samples.len(), options);
    let computing = Computing::new(forward, predictor, batches, progress);
    let (to_computing, read) = sync_channel(QUEUED_BATCHES);
    let (to_writing, computed) = sync_channel(QUEUED_BATCHES);
    let stop = Stop::new(&options.cancellations);
    let stopped = &stop;
    scope(|threads| {
        start(threads, "reading", stopped, move || {
            reading.run(&to_computing, stopped)
        })?;
        start(threads, "writing", stopped, move || write(&computed))?;
        stopped.guard("computing", move || {
            computing.run(&read, &to_writing, stopped)
        });
        Ok::<(), Error>(())
    })?;
    stop.into_result()
}

pub(super) fn batch_size<M: Predict, B>(
    predictor: &Predictor<M, B>,
    options: &CollectOptions,
) -> usize {
    options
        .batch_size
        .unwrap_or_else(|| predictor.rows_of_a_batch())
}

/// Starts a stage on a thread of its own.
fn start<'s>(
    threads: &'s Scope<'s, '_>,
    stage: &'static str,
    stop: &'s Stop,
    work: impl FnOnce() -> Result<()> + Send + 's,
) -> Result<()> {
    let thread = Builder::new().name(format!("tlc-{stage}"));
    let started = thread.spawn_scoped(threads, move || stop.guard(stage, work));
    started.map(drop).map_err(|source| Error::Thread {
        thread: stage,
        source,
    })
}

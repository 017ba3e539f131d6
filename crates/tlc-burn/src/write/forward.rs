//! What is computed of one batch: the forward pass and the device phase of every
//! collector.

use super::order;
use super::stop::catch_panic;
use crate::collect::{AnyCollector, HostBatch, Readback};
use crate::map::{ExampleId, Sample};
use crate::predict::{Predict, Predictor};
use crate::tap::{Activations, tapped};
use crate::{Error, Result};
use burn::data::dataloader::batcher::Batcher;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of the first batch that show whether their order is kept.
const CHECKED_ROWS: usize = 16;

/// One batch on the host: what each collector registered, in their order.
pub(super) struct ComputedBatch {
    pub(super) example_ids: Vec<ExampleId>,
    pub(super) batches: Vec<HostBatch>,
}

/// The model and what every collector needs of its output.
pub(super) struct ForwardPass<'a, 'c, M: Predict, B> {
    predictor: &'a Predictor<M, B>,
    collectors: &'a [AnyCollector<'c, M::Batch, M::Output>],
    batch_size: usize,
    wanted: Activations,
    /// Until the rows of a batch are held against the same in reverse order.
    order_is_unchecked: AtomicBool,
}

/// A batch that the device may still compute.
pub(super) struct BatchInFlight {
    example_ids: Vec<ExampleId>,
    readback: Readback,
    order: Option<OrderInFlight>,
}

/// The samples of a batch, and whether their order is checked.
pub(super) struct NextBatch<I> {
    samples: Vec<Sample<I>>,
    checks_order: bool,
}

/// The first rows of a batch in both orders.
struct OrderInFlight {
    example_ids: Vec<ExampleId>,
    /// None if they are the whole batch, which is computed anyway.
    there: Option<Readback>,
    back: Readback,
}

impl<'a, 'c, M: Predict, B> ForwardPass<'a, 'c, M, B> {
    pub(super) fn new(
        predictor: &'a Predictor<M, B>,
        collectors: &'a [AnyCollector<'c, M::Batch, M::Output>],
        batch_size: usize,
        check_order: bool,
    ) -> Self {
        let wanted = collectors
            .iter()
            .flat_map(|collector| collector.activations.iter().cloned());
        let wanted = Activations::of(wanted);
        Self {
            predictor,
            collectors,
            batch_size,
            wanted,
            order_is_unchecked: AtomicBool::new(check_order),
        }
    }

    /// One batch, from samples to what the host reads.
    pub(super) fn run<I: Clone>(&self, batch: NextBatch<I>) -> Result<ComputedBatch>
    where
        B: Batcher<I, M::Batch>,
    {
        self.wait(self.start(batch)?)
    }

    /// Samples that are computed next: called in the order of the batches, so that no other
    /// than the first is the one whose order is checked.
    pub(super) fn next<I>(&self, samples: Vec<Sample<I>>) -> NextBatch<I> {
        let checks_order =
            samples.len() > 1 && self.order_is_unchecked.swap(false, Ordering::Relaxed);
        NextBatch {
            samples,
            checks_order,
        }
    }

    /// Starts a batch.
    pub(super) fn start<I: Clone>(&self, batch: NextBatch<I>) -> Result<BatchInFlight>
    where
        B: Batcher<I, M::Batch>,
    {
        let (example_ids, items): (Vec<_>, Vec<_>) = batch
            .samples
            .into_iter()
            .map(|sample| (sample.example_id, sample.item))
            .unzip();
        let checked = batch
            .checks_order
            .then(|| first_of(&items, self.rows_to_check(items.len())));
        let rows = items.len();
        let readback = self.compute(items, &example_ids)?;
        let order = checked.map(|items| self.start_order(items, rows, &example_ids));
        let order = order.transpose()?;
        self.submit(&example_ids)?;
        Ok(BatchInFlight {
            example_ids,
            readback,
            order,
        })
    }

    /// Some are enough, unless they were filled up to a whole batch.
    fn rows_to_check(&self, rows: usize) -> usize {
        match self.predictor.pads() || rows <= 2 * CHECKED_ROWS {
            true => rows,
            false => CHECKED_ROWS,
        }
    }

    /// Starts the first items of a batch of so many rows in reverse, and as they are if they
    /// are not all of it.
    fn start_order<I: Clone>(
        &self,
        items: Vec<I>,
        rows: usize,
        example_ids: &[ExampleId],
    ) -> Result<OrderInFlight>
    where
        B: Batcher<I, M::Batch>,
    {
        let example_ids = first_of(example_ids, items.len());
        let reversed = items.iter().rev().cloned().collect();
        let there = (items.len() < rows).then(|| self.compute(items, &example_ids));
        Ok(OrderInFlight {
            there: there.transpose()?,
            back: self.compute(reversed, &example_ids)?,
            example_ids,
        })
    }

    /// The forward pass over items, and what collectors register of its output.
    fn compute<I: Clone>(&self, items: Vec<I>, example_ids: &[ExampleId]) -> Result<Readback>
    where
        B: Batcher<I, M::Batch>,
    {
        let readback = self.try_compute(items, first(example_ids));
        readback.map_err(|error| error.with_model_on(self.predictor.target()))
    }

    fn try_compute<I: Clone>(&self, mut items: Vec<I>, first: usize) -> Result<Readback>
    where
        B: Batcher<I, M::Batch>,
    {
        self.predictor.pad(&mut items, self.batch_size);
        let mut readback = Readback::new(items.len());
        let batch = catch_panic(
            || format!("the batcher, for the batch at row {first}"),
            || self.predictor.batch(items),
        )?;
        let kept: Vec<_> = self
            .collectors
            .iter()
            .map(|collector| (collector.keep)(&batch))
            .collect();
        let mut activations = self.wanted.clone();
        let model = self.predictor.model();
        let predict = || tapped(&mut activations, |tap| model.predict(batch, tap));
        let place = || format!("the model's forward pass, for the batch at row {first}");
        let output = catch_panic(place, predict)?;
        device_phase(self.collectors, &kept, &output, &activations, &mut readback)?;
        Ok(readback)
    }

    /// Starts the work on a device that would otherwise wait for more of it.
    fn submit(&self, example_ids: &[ExampleId]) -> Result<()> {
        if self.predictor.batches_in_flight() < 2 {
            return Ok(());
        }
        let flushed = self.predictor.target().flush();
        flushed.map_err(|source| Error::Device {
            example_id: first(example_ids),
            source,
        })
    }

    /// Waits for a batch and reads it back.
    pub(super) fn wait(&self, batch: BatchInFlight) -> Result<ComputedBatch> {
        let batches = read(batch.readback, &batch.example_ids)?;
        if let Some(order) = batch.order {
            let there = order.there.map(|there| read(there, &order.example_ids));
            let there = there.transpose()?;
            let back = read(order.back, &order.example_ids)?;
            order::check(self.collectors, there.as_ref().unwrap_or(&batches), &back)?;
        }
        Ok(ComputedBatch {
            example_ids: batch.example_ids,
            batches,
        })
    }
}

/// Reads back what was registered of a batch.
fn read(readback: Readback, example_ids: &[ExampleId]) -> Result<Vec<HostBatch>> {
    let example_id = first(example_ids);
    let place = || format!("reading back the batch at row {example_id}");
    let batches = catch_panic(place, || readback.wait(example_ids.to_vec()))?;
    batches.map_err(|source| Error::Device { example_id, source })
}

/// Has every collector register what it needs of an output.
pub(super) fn device_phase<B, O>(
    collectors: &[AnyCollector<'_, B, O>],
    kept: &[Option<B>],
    output: &O,
    activations: &Activations,
    readback: &mut Readback,
) -> Result<()> {
    for (collector, batch) in collectors.iter().zip(kept) {
        let name = &collector.host.name;
        check_activations(collector, activations)?;
        readback.begin(name);
        let compute = || (collector.compute)(batch.as_ref(), output, activations, readback);
        catch_panic(
            || format!("the device phase of collector `{name}`"),
            compute,
        )??;
    }
    Ok(())
}

fn check_activations<B, O>(
    collector: &AnyCollector<'_, B, O>,
    activations: &Activations,
) -> Result<()> {
    let missing = collector
        .activations
        .iter()
        .find(|name| activations.get(name).is_none());
    missing.map_or(Ok(()), |name| {
        Err(Error::NoActivation {
            collector: collector.host.name.clone(),
            activation: name.clone(),
            available: activations.offered().to_vec(),
        })
    })
}

fn first_of<T: Clone>(items: &[T], count: usize) -> Vec<T> {
    items.iter().take(count).cloned().collect()
}

fn first(example_ids: &[ExampleId]) -> usize {
    example_ids.first().map_or(0, |id| id.0)
}

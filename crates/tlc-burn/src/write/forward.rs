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
    /// Until a batch is held against the same in reverse order.
    order_is_unchecked: AtomicBool,
}

/// A batch that the device may still compute.
pub(super) struct BatchInFlight {
    example_ids: Vec<ExampleId>,
    readback: Readback,
    /// Of the same samples in reverse order.
    reversed: Option<Readback>,
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
    pub(super) fn run<I: Clone>(&self, samples: Vec<Sample<I>>) -> Result<ComputedBatch>
    where
        B: Batcher<I, M::Batch>,
    {
        self.wait(self.start(samples)?)
    }

    /// Starts a batch.
    pub(super) fn start<I: Clone>(&self, samples: Vec<Sample<I>>) -> Result<BatchInFlight>
    where
        B: Batcher<I, M::Batch>,
    {
        let (example_ids, items): (Vec<_>, Vec<_>) = samples
            .into_iter()
            .map(|sample| (sample.example_id, sample.item))
            .unzip();
        let checks = items.len() > 1 && self.order_is_unchecked.swap(false, Ordering::Relaxed);
        let reversed = checks.then(|| items.iter().rev().cloned().collect());
        let readback = self.compute(items)?;
        let reversed = reversed.map(|items| self.compute(items)).transpose()?;
        self.submit(&example_ids)?;
        Ok(BatchInFlight {
            example_ids,
            readback,
            reversed,
        })
    }

    /// The forward pass over items, and what collectors register of its output.
    fn compute<I: Clone>(&self, mut items: Vec<I>) -> Result<Readback>
    where
        B: Batcher<I, M::Batch>,
    {
        self.predictor.pad(&mut items, self.batch_size);
        let mut readback = Readback::new(items.len());
        let batch = catch_panic(|| "the batcher".to_owned(), || self.predictor.batch(items))?;
        let kept: Vec<_> = self
            .collectors
            .iter()
            .map(|collector| (collector.keep)(&batch))
            .collect();
        let mut activations = self.wanted.clone();
        let model = self.predictor.model();
        let predict = || tapped(&mut activations, |tap| model.predict(batch, tap));
        let output = catch_panic(|| "the model's forward pass".to_owned(), predict)?;
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
        let BatchInFlight {
            example_ids,
            readback,
            reversed,
        } = batch;
        let example_id = first(&example_ids);
        let read = |readback: Readback| {
            let place = || format!("reading back the batch at row {example_id}");
            let batches = catch_panic(place, || readback.wait(example_ids.clone()))?;
            batches.map_err(|source| Error::Device { example_id, source })
        };
        let batches = read(readback)?;
        if let Some(reversed) = reversed {
            order::check(self.collectors, &batches, &read(reversed)?)?;
        }
        Ok(ComputedBatch {
            example_ids,
            batches,
        })
    }
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

fn first(example_ids: &[ExampleId]) -> usize {
    example_ids.first().map_or(0, |id| id.0)
}

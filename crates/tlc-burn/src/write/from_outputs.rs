//! The pipeline without its first stages: collectors over outputs that somebody else
//! computes, on the thread of the caller.

use super::forward::{ComputedBatch, device_phase};
use super::options::CollectOptions;
use super::writing::Writing;
use crate::batch::ExampleIds;
use crate::collect::{Collectors, Readback};
use crate::tap::Activations;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::{MetricsTable, Table};

/// One metrics table in the making, of outputs as they come.
pub(crate) struct CollectionFromOutputs<O> {
    collectors: Arc<Collectors<'static, (), O>>,
    writing: Writing<'static>,
}

impl<O> CollectionFromOutputs<O> {
    pub(crate) fn new(
        collectors: Arc<Collectors<'static, (), O>>,
        table: &Table,
        options: CollectOptions,
    ) -> Result<Self> {
        for collector in collectors.as_slice() {
            if let Some(activation) = collector.activations.first() {
                return Err(Error::NoForwardPass {
                    collector: collector.host.name.clone(),
                    activation: activation.clone(),
                });
            }
        }
        let run = super::run::of(&options, table)?;
        run.add_input_table(table)?;
        let writing = Writing::new(&collectors, table.clone(), run, options);
        Ok(Self {
            collectors,
            writing,
        })
    }

    /// Collects from the output of a batch and waits for the device to give it.
    pub(crate) fn add(&mut self, example_ids: &ExampleIds, output: &O) -> Result<()> {
        let table = self.writing.table();
        if !example_ids.may_be_of(table.id()) {
            return Err(Error::OtherTable {
                table: table.url().clone(),
            });
        }
        let collectors = self.collectors.as_slice();
        let kept: Vec<_> = collectors
            .iter()
            .map(|collector| (collector.keep)(&()))
            .collect();
        let mut readback = Readback::new(example_ids.len());
        device_phase(
            collectors,
            &kept,
            output,
            &Activations::default(),
            &mut readback,
        )?;
        let batches = readback.wait(example_ids.to_vec());
        let batches = batches.map_err(|source| Error::Device {
            example_id: example_ids.first().map_or(0, |id| id.0),
            source,
        })?;
        self.writing.add(&ComputedBatch {
            example_ids: example_ids.to_vec(),
            batches,
        })
    }

    /// Makes the table and the aggregates results of the run, both or neither; what cannot
    /// be is kept as an unfinished table.
    pub(crate) fn finish(mut self) -> Result<MetricsTable> {
        let finished = self.writing.finish(None);
        finished.inspect_err(|_| self.writing.keep_unfinished())
    }

    /// Seals what was added, as an unfinished table.
    pub(crate) fn keep_unfinished(mut self) {
        self.writing.keep_unfinished();
    }
}

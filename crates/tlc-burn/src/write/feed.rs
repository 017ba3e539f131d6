//! The pipeline without its first stages: collectors over outputs that somebody else
//! computes, on the thread of the caller.

use super::options::CollectOptions;
use super::tensors::{Computed, device_phase};
use super::writing::Writing;
use crate::collect::{Collectors, Readback};
use crate::map::ExampleId;
use crate::tap::Activations;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::{MetricsTable, Table, active_run};

/// One metrics table in the making.
pub(crate) struct Feed<O> {
    collectors: Arc<Collectors<'static, (), O>>,
    writing: Writing<'static>,
}

impl<O> Feed<O> {
    pub(crate) fn new(
        collectors: Arc<Collectors<'static, (), O>>,
        table: &Table,
        options: CollectOptions,
    ) -> Result<Self> {
        let run = options.run.clone().or_else(active_run);
        let run = run.ok_or(tlc_core::Error::NoActiveRun)?;
        run.add_input_table(table)?;
        let hosts = collectors.stages().iter();
        let hosts = hosts.map(|stage| Arc::clone(&stage.host));
        let writing = Writing::new(hosts, table.clone(), run, options);
        Ok(Self {
            collectors,
            writing,
        })
    }

    /// Collects from the output of a batch and waits for the device to give it.
    pub(crate) fn add(&mut self, example_ids: &[ExampleId], output: &O) -> Result<()> {
        let stages = self.collectors.stages();
        let kept: Vec<_> = stages.iter().map(|stage| (stage.keep)(&())).collect();
        let mut readback = Readback::new(example_ids.len());
        device_phase(
            stages,
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
        self.writing.add(&Computed {
            example_ids: example_ids.to_vec(),
            batches,
        })
    }

    /// Seals and registers the table and logs the aggregates.
    pub(crate) fn finish(self) -> Result<MetricsTable> {
        self.writing.finish()
    }

    /// Seals what was added, as an unfinished table.
    pub(crate) fn keep_unfinished(mut self) {
        self.writing.keep_unfinished();
    }
}

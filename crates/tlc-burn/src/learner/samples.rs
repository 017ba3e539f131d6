//! Per-sample metrics from the validation pass that Burn makes anyway.

use super::failure::{OnFailure, tell};
use super::output::SampleOutput;
use crate::collect::{Collectors, IntoCollectors};
use crate::write::{CollectOptions, CollectionFromOutputs};
use crate::{Error, Result};
use burn::tensor::{ExecutionError, TensorReadError};
use burn::train::metric::{Metric, MetricMetadata, MetricName, SerializedEntry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tlc_core::Table;

/// A Burn metric, for
/// [`collect_validation`](super::CollectInTraining::collect_validation), that records what
/// collectors make of each validation batch, without another forward pass: one metrics table
/// an epoch, with `epoch` as a constant, registered in the run when the epoch ends.
///
/// The validation step gives a [`SampleOutput`]. `O` is what the collectors collect
/// from, such as [`ClassificationInput`](crate::ClassificationInput). Activations are
/// not at hand here: for embeddings collect at epochs, as
/// [`CollectInTraining`](super::CollectInTraining) does.
///
/// Of the options, run, split, stream, constants and aggregates count. Epochs are
/// counted from 1; a training that resumes after a checkpoint says which
/// [`first_epoch`](Self::first_epoch) is. An error stops the training and is its
/// result's `error`. What an interrupted pass has seen is kept in the run as an
/// unfinished metrics table.
///
/// ```
/// # use serde::Serialize;
/// # use tlc_core::{Run, RunOptions, Table, TableOptions, Url};
/// use tlc_burn::{Classification, ClassificationInput, CollectOptions, SampleMetrics};
/// # #[derive(Serialize)]
/// # struct Row { label: i32 }
/// # let root = Url::parse("memory://docs-sample-metrics/")?;
/// # let options = TableOptions::new("demo", "points", "valid").root(&root);
/// # let table = Table::create(options, |writer| writer.add_row(&Row { label: 0 }))?;
/// # let run = Run::create(RunOptions::new("demo").root(&root))?;
///
/// let metric = SampleMetrics::<ClassificationInput>::new(
///     &table,
///     Classification::new(["cat", "dog"]),
///     CollectOptions::new().run(&run).split("valid"),
/// );
/// // SupervisedTraining::new(..).collect_validation(metric)
/// # Ok::<(), tlc_core::Error>(())
/// ```
pub struct SampleMetrics<O> {
    collectors: Arc<Collectors<'static, (), O>>,
    table: Table,
    options: CollectOptions,
    epoch: usize,
    /// Of the epoch under way; Burn asks that a metric be `Sync`.
    pass: Mutex<Pass<O>>,
}

/// A validation pass.
struct Pass<O> {
    /// Made with the first batch.
    collection: Option<CollectionFromOutputs<O>>,
    rows: usize,
    is_complete: bool,
    has_failed: bool,
}

impl<O> SampleMetrics<O> {
    /// Collects from the validation of samples of this table.
    pub fn new<K>(
        table: &Table,
        collectors: impl IntoCollectors<'static, (), O, K>,
        options: CollectOptions,
    ) -> Self {
        let mut list = Collectors::new();
        list.add(collectors);
        Self {
            collectors: Arc::new(list),
            table: table.clone(),
            options,
            epoch: 1,
            pass: Mutex::default(),
        }
    }

    /// Sets the number of the first epoch: after `SupervisedTraining::checkpoint(5)`
    /// it is 6.
    #[must_use]
    pub fn first_epoch(mut self, epoch: usize) -> Self {
        self.epoch = epoch;
        self
    }

    /// What Burn takes; the error is told here, since a program may never look at it.
    fn read_error(&self, error: Error) -> TensorReadError {
        tell(&error, self.options.run_of().as_ref(), OnFailure::Stop);
        read_error(error)
    }

    fn pass(&self) -> MutexGuard<'_, Pass<O>> {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, pass: &mut Pass<O>, item: &SampleOutput<O>) -> Result<()> {
        let collection = match &mut pass.collection {
            Some(collection) => collection,
            none => {
                let collectors = Arc::clone(&self.collectors);
                let epoch = i64::try_from(self.epoch).unwrap_or(i64::MAX);
                let options = self.options.clone().constant("epoch", epoch);
                none.insert(CollectionFromOutputs::new(
                    collectors,
                    &self.table,
                    options,
                )?)
            }
        };
        collection.add(&item.example_ids, &item.output)
    }
}

impl<O> Metric for SampleMetrics<O> {
    type Input = SampleOutput<O>;

    fn name(&self) -> MetricName {
        let collectors = self.collectors.as_slice().iter();
        let names: Vec<_> = collectors
            .map(|collector| collector.host.name.as_str())
            .collect();
        Arc::new(format!("Samples {}", names.join(" ")))
    }

    fn description(&self) -> Option<String> {
        Some("Per-sample metrics in the run".to_owned())
    }

    fn update(
        &mut self,
        item: &SampleOutput<O>,
        metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        let mut pass = self.pass();
        if !pass.has_failed {
            let added = self.add(&mut pass, item);
            pass.has_failed = added.is_err();
            added.map_err(|error| self.read_error(error))?;
            pass.rows += item.example_ids.len();
            pass.is_complete = metadata.progress.is_completed();
        }
        Ok(pass.entry())
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        let mut pass = self.pass();
        match pass.collection.take() {
            Some(collection) if pass.is_complete && !pass.has_failed => {
                collection
                    .finish()
                    .map_err(|error| self.read_error(error))?;
            }
            Some(collection) => {
                let (epoch, rows) = (self.epoch, pass.rows);
                tracing::warn!(epoch, rows, "an interrupted validation pass is unfinished");
                collection.keep_unfinished();
            }
            None => {}
        }
        Ok(pass.entry())
    }

    fn clear(&mut self) {
        *self.pass() = Pass::default();
        self.epoch += 1;
    }
}

/// The same metric at its first epoch.
impl<O> Clone for SampleMetrics<O> {
    fn clone(&self) -> Self {
        Self {
            collectors: Arc::clone(&self.collectors),
            table: self.table.clone(),
            options: self.options.clone(),
            epoch: self.epoch,
            pass: Mutex::default(),
        }
    }
}

impl<O> std::fmt::Debug for SampleMetrics<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SampleMetrics")
            .field("collectors", &self.collectors)
            .field("table", self.table.url())
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl<O> Pass<O> {
    fn entry(&self) -> SerializedEntry {
        SerializedEntry::new(format!("{} rows", self.rows), self.rows.to_string())
    }
}

impl<O> Default for Pass<O> {
    fn default() -> Self {
        Self {
            collection: None,
            rows: 0,
            is_complete: false,
            has_failed: false,
        }
    }
}

/// The error as Burn takes it from a metric; a poisoned device stays one.
fn read_error(error: Error) -> TensorReadError {
    match error {
        Error::Device { source, .. } if source.is_device_poisoned() => source,
        error => ExecutionError::with_context(error.to_string()),
    }
    .into()
}

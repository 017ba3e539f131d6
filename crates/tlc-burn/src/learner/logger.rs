//! Burn's own metrics in the run.

use crate::Result;
use burn::data::dataset::DatasetError;
use burn::train::Interrupter;
use burn::train::logger::MetricLogger;
use burn::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn::train::metric::{MetricAttributes, MetricDefinition, MetricId, NumericEntry};
use std::collections::{BTreeMap, HashMap};
use tlc_core::{Axis, Run};

/// Logs the numeric metrics that Burn's `Learner` computes to a run, over `epoch`:
/// its `Loss` as `burn_train_loss` and `burn_valid_loss`, its `Accuracy`, which is in
/// percent, as `burn_valid_accuracy_percent`: `train_loss` is what a collection from the
/// split `train` logs.
///
/// It answers early stopping and metric checkpoints by itself, from the values of the
/// run, so that a training that resumes with the run knows the epochs before. Burn
/// adds its file logger only where no other is named, and its `summary` shows what is in
/// those files: [`log_to`](super::CollectInTraining::log_to) names both.
///
/// A logger cannot return an error, so it stops the training by its interrupter.
#[derive(Debug)]
pub struct RunLogger {
    run: Run,
    interrupter: Stopping,
    logs_iterations: bool,
    iteration: f64,
    definitions: HashMap<MetricId, MetricDefinition>,
    /// Of the split that ends, by key.
    finals: BTreeMap<String, f64>,
    /// By key and epoch.
    values: BTreeMap<(String, usize), f64>,
}

impl RunLogger {
    /// Logs to this run, and stops the training of this interrupter, which is
    /// `SupervisedTraining::interrupter`, on an error.
    ///
    /// # Errors
    /// As [`Run::aggregates`].
    pub fn new(run: &Run, interrupter: Interrupter) -> Result<Self> {
        let mut iteration = 0.0_f64;
        let mut values = BTreeMap::new();
        for series in run.aggregates()? {
            for (at, value) in series.points {
                match series.axis {
                    Axis::Epoch => {
                        values.insert((series.key.clone(), at as usize), value);
                    }
                    Axis::Iteration => iteration = iteration.max(at),
                    _ => {}
                }
            }
        }
        Ok(Self {
            run: run.clone(),
            interrupter: Stopping(interrupter),
            logs_iterations: false,
            iteration,
            definitions: HashMap::new(),
            finals: BTreeMap::new(),
            values,
        })
    }

    /// Sets whether each training batch is logged, too, over `iteration`, which goes
    /// on from what the run holds. It is not by default.
    #[must_use]
    pub fn iterations(mut self, on: bool) -> Self {
        self.logs_iterations = on;
        self
    }

    fn log_iteration(&mut self, update: &MetricsUpdate) {
        let entries = update.entries_numeric.iter();
        let batch: Vec<_> = entries
            .filter(|entry| entry.running_entry.is_some())
            .filter_map(|entry| {
                let key = self.key(&entry.entry.metric_id, &Split::Train)?;
                Some((key, entry.numeric_entry.as_ref()?.current()))
            })
            .collect();
        if batch.is_empty() {
            return;
        }
        self.iteration += 1.0;
        let axis = ("iteration".to_owned(), self.iteration);
        let logged = self.run.log(std::iter::once(axis).chain(batch));
        self.interrupter.fail_on_error(logged);
    }

    fn key(&self, metric: &MetricId, split: &Split) -> Option<String> {
        Some(key(self.definitions.get(metric)?, split))
    }
}

impl MetricLogger for RunLogger {
    fn log(&mut self, update: MetricsUpdate, _epoch: usize, split: &Split) {
        if self.logs_iterations && *split == Split::Train {
            self.log_iteration(&update);
        }
        for entry in update.entries_numeric {
            // Burn gives a running value with each batch, and none with the last word.
            let last = entry
                .numeric_entry
                .filter(|_| entry.running_entry.is_none());
            if let (Some(last), Some(key)) = (last, self.key(&entry.entry.metric_id, split)) {
                self.finals.insert(key, last.current());
            }
        }
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let definition = self
            .definitions
            .values()
            .find(|definition| definition.name.as_str() == name);
        let value =
            definition.and_then(|definition| self.values.get(&(key(definition, split), epoch)));
        Ok(value
            .map(|value| NumericEntry::Final(*value))
            .into_iter()
            .collect())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.definitions
            .insert(definition.metric_id.clone(), definition);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        let epoch = summary.epoch_number;
        let finals = std::mem::take(&mut self.finals);
        if !finals.is_empty() {
            let axis = ("epoch".to_owned(), epoch as f64);
            let logged = self.run.log(std::iter::once(axis).chain(finals.clone()));
            self.interrupter.fail_on_error(logged);
        }
        // What an earlier training of the run has seen after this epoch is past.
        self.values.retain(|(_, other), _| *other <= epoch);
        let finals = finals.into_iter().map(|(key, value)| ((key, epoch), value));
        self.values.extend(finals);
        if summary.split != Split::Train {
            self.interrupter.fail_on_error(self.run.flush());
        }
    }
}

impl Drop for RunLogger {
    fn drop(&mut self) {
        self.interrupter.fail_on_error(self.run.flush());
    }
}

/// An interrupter that takes the errors of a run.
struct Stopping(Interrupter);

impl Stopping {
    fn fail_on_error(&self, result: tlc_core::Result<()>) {
        self.0.fail_on_error(result.map_err(DatasetError::new));
    }
}

impl std::fmt::Debug for Stopping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupter")
    }
}

/// `burn_valid_top_k_accuracy_k_2` for the metric `Top-K Accuracy @ k=2` of the validation.
fn key(definition: &MetricDefinition, split: &Split) -> String {
    let unit = match &definition.attributes {
        MetricAttributes::Numeric(attributes) => attributes.unit.as_deref(),
        MetricAttributes::None => None,
    };
    let unit = match unit {
        Some("%") => "percent",
        unit => unit.unwrap_or_default(),
    };
    let tag = match split {
        Split::Test(Some(tag)) => tag.as_str(),
        _ => "",
    };
    let words = format!("burn {split} {tag} {} {unit}", definition.name).to_lowercase();
    let words = words.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

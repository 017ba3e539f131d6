//! Training dynamics: how the model took to each sample, epoch after epoch.
//!
//! Confidence and variability follow dataset cartography (Swayamdipta et al., 2020),
//! forgetting events Toneva et al. (*An Empirical Study of Example Forgetting*, 2019), the
//! area under the margin Pleiss et al. (2020).
//!
//! The metrics tables of a run are read in order of their epoch, batch by batch. Memory
//! grows with the samples, not with the epochs.

mod epochs;
mod sample;
mod write;

pub use self::write::STREAM;

use self::epochs::Epochs;
use self::sample::Sample;
use crate::{Ranking, Result};
use tlc_core::{Run, Table};

/// Which metrics tables of a run are read, built by chaining.
#[derive(Clone, Debug, Default)]
pub struct DynamicsOptions {
    stream: Option<String>,
}

impl DynamicsOptions {
    /// All that have the columns which are needed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the stream, where several of them have these columns.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }
}

/// The dynamics of the samples of one table, one value for each sample that was seen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Dynamics {
    /// Rows of the table, ascending.
    pub example_ids: Vec<i64>,
    /// Number of epochs that saw the sample.
    pub epochs: Vec<i64>,
    /// Mean probability of the given label, `exp(-loss)`.
    pub mean_confidence: Vec<f32>,
    /// Mean cross-entropy of the given label: of labels that are likely wrong the largest, even
    /// where later epochs have learned them by heart.
    pub mean_loss: Vec<f32>,
    /// Standard deviation of the probability over the epochs.
    pub variability: Vec<f32>,
    /// Fraction of epochs that predicted the given label.
    pub correctness: Vec<f32>,
    /// How often a sample was right in one epoch and wrong in the next that saw it.
    pub forgetting_events: Vec<i64>,
    /// First epoch that was right; `None` for a sample that never was, which Toneva et
    /// al. count among the most forgotten.
    pub first_epoch_learned: Vec<Option<i64>>,
    /// Mean margin of the given label over the largest other logit, where a `margin` was
    /// collected.
    pub area_under_margin: Option<Vec<f32>>,
}

impl Dynamics {
    /// Reads the metrics tables of the run that are about `table`.
    ///
    /// They need the columns `epoch`, `accuracy` and `loss`, which must be the
    /// cross-entropy in nats; `margin` is read where it was collected. Several tables of one
    /// epoch count as one. A sample whose loss is NaN has NaN for its means.
    ///
    /// ```
    /// # use serde::Serialize;
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
    /// use tlc_findings::dynamics::{Dynamics, DynamicsOptions};
    ///
    /// # #[derive(Serialize)] struct Row { label: i32 }
    /// # let root = Url::parse("memory://docs-dynamics/")?;
    /// # let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
    /// #     writer.add_rows(&[Row { label: 1 }, Row { label: 0 }])
    /// # })?;
    /// # let run = Run::create(RunOptions::new("demo").root(&root))?;
    /// for (epoch, accuracy) in [(1, [1.0_f32, 0.0]), (2, [0.0, 0.0]), (3, [1.0, 0.0])] {
    ///     let metrics = Columns::new()
    ///         .column("loss", vec![0.7_f32, 0.7])
    ///         .column("accuracy", accuracy);
    ///     run.add_metrics(metrics, AddMetrics::new().foreign_table(&table).constant("epoch", epoch))?;
    /// }
    /// let dynamics = Dynamics::of_run(&run, &table, &DynamicsOptions::new())?;
    /// assert_eq!(dynamics.forgetting_events, [1, 0]);
    /// assert_eq!(dynamics.first_epoch_learned, [Some(1), None]);
    /// dynamics.write(&run, &table)?; // a metrics table, stream `training_dynamics`
    /// # Ok::<(), tlc_findings::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoEpochs`](crate::Error::NoEpochs) if no metrics table is about the table,
    /// [`Error::NotCollected`](crate::Error::NotCollected) for a column that is needed,
    /// [`Error::Repeated`](crate::Error::Repeated) for a sample that stands twice in an
    /// epoch, [`Error::EpochVaries`](crate::Error::EpochVaries); storage errors.
    pub fn of_run(run: &Run, table: &Table, options: &DynamicsOptions) -> Result<Self> {
        let epochs = Epochs::of_run(run, table, options.stream.as_deref())?;
        let mut samples = vec![Sample::default(); table.len()];
        epochs.for_each_row(|row| {
            let sample = usize::try_from(row.example_id).ok();
            match sample.and_then(|id| samples.get_mut(id)) {
                Some(sample) => sample.see(&row),
                // The writer of metrics refuses such an id.
                None => Ok(()),
            }
        })?;
        Ok(Self::collect(&samples, epochs.has_margin()))
    }

    /// The samples by their mean loss, which is what label issues are ranked by and needs no
    /// probabilities; the scores are `exp(-mean_loss)`. A sample whose loss is NaN is left out.
    ///
    /// # Errors
    /// As [`Ranking::new`], for fields that were changed.
    pub fn ranking(&self) -> Result<Ranking> {
        let scores = self.mean_loss.iter().map(|loss| (-f64::from(*loss)).exp());
        Ranking::new(self.example_ids.iter().copied(), scores)
    }

    fn collect(samples: &[Sample], has_margin: bool) -> Self {
        let seen: Vec<(i64, &Sample)> = (0..)
            .zip(samples)
            .filter(|(_, sample)| sample.epochs > 0)
            .collect();
        let floats = |value: fn(&Sample) -> f64| -> Vec<f32> {
            seen.iter()
                .map(|(_, sample)| value(sample) as f32)
                .collect()
        };
        let ints = |value: fn(&Sample) -> u32| -> Vec<i64> {
            let values = seen.iter().map(|(_, sample)| i64::from(value(sample)));
            values.collect()
        };
        Self {
            example_ids: seen.iter().map(|(id, _)| *id).collect(),
            epochs: ints(|sample| sample.epochs),
            mean_confidence: floats(|sample| sample.mean),
            mean_loss: floats(Sample::mean_loss),
            variability: floats(Sample::variability),
            correctness: floats(Sample::correctness),
            forgetting_events: ints(|sample| sample.forgotten),
            first_epoch_learned: seen
                .iter()
                .map(|(_, sample)| sample.first_learned)
                .collect(),
            area_under_margin: has_margin.then(|| floats(|sample| sample.margin)),
        }
    }
}

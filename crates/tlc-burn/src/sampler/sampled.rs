//! Sampled rows as Burn's `Dataset`.

use super::chosen::Sampler;
use super::epochs::Epochs;
use super::plan::Plan;
use super::weights::{Weights, weight_column};
use crate::map::{Sample, Samples};
use crate::{Error, Result};
use burn::data::dataset::{Dataset, DatasetError};
use serde::de::DeserializeOwned;

/// Samples as a sampler reads them: what Burn's `DataLoaderBuilder` takes for training, as a
/// [`Dataset`] of items or of [`Sample`]s with their `example_id` beside.
///
/// Each epoch has its own rows and order. An epoch ends when all its places were read, which is
/// what a loader does each time it is gone through, with any number of threads, and shuffled or
/// not (it need not be). A pass that was broken off goes over into the next epoch where it is
/// read from its first place again; [`begin_epoch`](Self::begin_epoch) says so for certain.
///
/// Where several devices read parts of one `Sampled` and one is ahead of the others at the end
/// of an epoch, some rows of that are read once more or less.
///
/// It keeps up to 24 bytes for each row, and 9 for each row of an epoch.
pub struct Sampled<R, I = R> {
    samples: Samples<R, I>,
    epochs: Epochs,
}

impl<R, I> Samples<R, I> {
    /// The same samples as a sampler reads them, by the weights of their rows: to train on.
    /// Metrics are collected from these samples as ever, a row once.
    ///
    /// ```
    /// # use serde::Deserialize;
    /// # use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
    /// use burn::data::dataset::Dataset;
    /// use tlc_burn::Sampler;
    /// use tlc_burn::prelude::*;
    ///
    /// # let options = TableOptions::new("demo", "pets", "train")
    /// #     .column(Column::new("weight", ValueType::SampleWeight))
    /// #     .root(Url::parse("memory://docs-sampled/")?);
    /// # let columns = Columns::new().column("label", vec![0, 1, 2]).column("weight", vec![1.0_f32, 0.0, 2.0]);
    /// # let table = Table::create(options, |writer| writer.add_batch(columns))?;
    /// #[derive(Deserialize)]
    /// struct Row { label: i32 }
    ///
    /// // Weights 1, 0 and 2.
    /// let train = table.samples::<Row>().sampled(Sampler::repeat_by_weight().seed(7))?;
    /// let mut labels: Vec<i32> = Vec::new();
    /// for sample in Dataset::<Sample<Row>>::iter(&train) {
    ///     labels.push(sample?.item.label);
    /// }
    /// labels.sort();
    /// assert_eq!(labels, [0, 2, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoWeights`] without a column of weights; [`Error::Weights`] for a weight that is
    /// negative, NaN, infinite or missing, if all are 0, and if an epoch would have no row or
    /// more than four billion; [`tlc_core::Error::NoSuchColumn`]; storage errors.
    pub fn sampled(&self, sampler: Sampler) -> Result<Sampled<R, I>> {
        let table = self.table();
        let column = match &sampler.column {
            Some(column) => column.clone(),
            None => weight_column(table)?,
        };
        let weights = Weights::read(table, &column, self.selected())?;
        let plan = Plan::new(&sampler, weights, self.len());
        let plan = plan.map_err(|reason| Error::Weights {
            table: table.url().clone(),
            column,
            reason,
        })?;
        Ok(Sampled {
            samples: self.clone(),
            epochs: Epochs::new(plan),
        })
    }
}

impl<R, I> Sampled<R, I> {
    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &Samples<R, I> {
        &self.samples
    }

    /// Number of rows of an epoch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.epochs.plan().len()
    }

    /// Whether an epoch has no row: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of the table that an epoch reads, in its order. Epochs are counted from 1, as
    /// Burn does.
    #[must_use]
    pub fn epoch_rows(&self, epoch: u64) -> Vec<usize> {
        self.epochs.plan().epoch(epoch)
    }

    /// Makes what is read next the first of this epoch: to go on after a checkpoint as if the
    /// training had not stopped, or in a loop of one's own that breaks epochs off.
    pub fn begin_epoch(&self, epoch: u64) {
        self.epochs.begin(epoch);
    }
}

impl<R: DeserializeOwned, I> Sampled<R, I> {
    fn sample(&self, place: usize) -> Result<Sample<I>, DatasetError> {
        let row = self.epochs.read(place).unwrap_or(usize::MAX);
        self.samples.trained(row).map_err(DatasetError::new)
    }
}

impl<R: DeserializeOwned, I> Dataset<I> for Sampled<R, I> {
    fn get(&self, index: usize) -> Result<I, DatasetError> {
        self.sample(index).map(|sample| sample.item)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<R: DeserializeOwned, I> Dataset<Sample<I>> for Sampled<R, I> {
    fn get(&self, index: usize) -> Result<Sample<I>, DatasetError> {
        self.sample(index)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

impl<R, I> std::fmt::Debug for Sampled<R, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampled")
            .field("samples", &self.samples)
            .field("rows_per_epoch", &self.len())
            .finish_non_exhaustive()
    }
}

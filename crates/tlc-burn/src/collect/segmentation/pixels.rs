//! The pixels of a batch on the host.

use super::NAME;
use super::counts::Counts;
use crate::collect::HostBatch;
use crate::{Error, Result};
use rayon::prelude::*;

/// Stands for a pixel that no class is predicted for.
pub(super) const NO_CLASS: i64 = -1;

/// Predicted and true class of each pixel, `[batch, height, width]`.
pub(super) struct Pixels<'a> {
    batch: &'a HostBatch,
    logits: &'a [usize],
    predicted: Vec<i64>,
    targets: Vec<i64>,
}

impl<'a> Pixels<'a> {
    pub(super) fn of(batch: &'a HostBatch) -> Result<Self> {
        Ok(Self {
            batch,
            logits: batch.dims("logits")?,
            predicted: batch.ints("predicted")?,
            targets: batch.ints("targets")?,
        })
    }

    /// Height and width of each sample.
    pub(super) fn size(&self) -> [usize; 2] {
        let size = |dim| self.logits.get(dim).copied().unwrap_or_default();
        [size(2), size(3)]
    }

    /// What is predicted, sample by sample: `[height * width]`.
    pub(super) fn predicted(&self) -> impl IndexedParallelIterator<Item = &[i64]> {
        self.predicted.par_chunks(self.pixels_of_a_sample())
    }

    /// The pixels of each sample by class.
    pub(super) fn counts(&self, classes: usize, ignore_index: Option<i64>) -> Result<Vec<Counts>> {
        let targets = self.targets.par_chunks(self.pixels_of_a_sample());
        let samples = self.predicted().zip(targets).enumerate();
        let counts = samples.map(|(at, (predicted, targets))| {
            let counts = Counts::new(classes).count(predicted, targets, ignore_index);
            counts.map_err(|label| self.no_class(at, label))
        });
        // The error of the first sample, however many threads there are.
        counts.collect::<Vec<_>>().into_iter().collect()
    }

    fn pixels_of_a_sample(&self) -> usize {
        self.size().iter().product::<usize>().max(1)
    }

    fn no_class(&self, at: usize, label: i64) -> Error {
        let example_id = self.batch.example_ids().get(at).map_or(0, |id| id.0);
        let targets = self.batch.dims("targets").unwrap_or_default();
        Error::Label {
            collector: NAME.to_owned(),
            column: "loss".to_owned(),
            example_id,
            label,
            classes: self.logits.get(1).copied().unwrap_or_default(),
            predictions: self.logits.to_vec(),
            targets: targets.to_vec(),
        }
    }
}

//! What is kept of one sample while the epochs go by.

use super::epochs::Row;
use crate::{Error, Result};

#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) epochs: u32,
    pub(super) forgotten: u32,
    pub(super) first_learned: Option<i64>,
    /// Means of the label's probability and of the margin, so far.
    pub(super) mean: f64,
    pub(super) margin: f64,
    /// Sum of squared deviations from the mean (Welford, 1962).
    squares: f64,
    losses: f64,
    right: u32,
    last_epoch: i64,
    was_right: bool,
}

impl Sample {
    /// Takes in what an epoch says of the sample; epochs come in order.
    pub(super) fn see(&mut self, row: &Row) -> Result<()> {
        if self.epochs > 0 && self.last_epoch == row.epoch {
            return Err(Error::Repeated {
                example_id: row.example_id,
                epoch: Some(row.epoch),
            });
        }
        self.epochs += 1;
        self.last_epoch = row.epoch;
        let (count, confidence) = (f64::from(self.epochs), (-row.loss).exp());
        let deviation = confidence - self.mean;
        self.mean += deviation / count;
        self.squares += deviation * (confidence - self.mean);
        self.losses += row.loss;
        self.margin += (row.margin - self.margin) / count;
        self.forgotten += u32::from(self.was_right && !row.right);
        self.right += u32::from(row.right);
        self.was_right = row.right;
        if row.right {
            self.first_learned.get_or_insert(row.epoch);
        }
        Ok(())
    }

    pub(super) fn mean_loss(&self) -> f64 {
        self.losses / f64::from(self.epochs)
    }

    pub(super) fn variability(&self) -> f64 {
        (self.squares / f64::from(self.epochs)).sqrt()
    }

    pub(super) fn correctness(&self) -> f64 {
        f64::from(self.right) / f64::from(self.epochs)
    }
}

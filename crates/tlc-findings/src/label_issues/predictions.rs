//! Labels and predicted probabilities, read as often as needed, batch by batch.

use super::memorization::Memorization;
use crate::{Error, Result};

/// Rows of a batch of predictions in memory.
const BATCH_ROWS: usize = 8192;

/// Some samples with their labels and predictions.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'b, P> {
    /// Which samples they are `[batch]`.
    pub example_ids: &'b [i64],
    /// Their given labels `[batch]`, by position among the classes.
    pub labels: &'b [i64],
    /// Their probabilities `[batch, classes]`, row-major.
    pub probabilities: &'b [P],
    /// What [`Score::SelfConfidence`](super::Score) is `[batch]`, where it is not the
    /// probability of the given label in `probabilities`.
    pub self_confidence: Option<&'b [f64]>,
}

/// What is done with each batch.
pub type Visit<'v, P> = dyn FnMut(Batch<'_, P>) -> Result<()> + 'v;

/// Given labels with the probability that a model gives each class.
///
/// The rows are read several times, so each reading must give the same ones.
pub trait Predictions {
    /// `f32` or `f64`; arithmetic is done in `f64`.
    type Value: Copy + Into<f64> + Send + Sync;

    /// Number of classes.
    fn classes(&self) -> usize;

    /// Calls `visit` with each batch in order, each sample once.
    ///
    /// # Errors
    /// Those of the reading and of `visit`.
    fn for_each_batch(&self, visit: &mut Visit<'_, Self::Value>) -> Result<()>;

    /// The id of the class at a position, which is what its labels are in the data.
    fn class_id(&self, position: usize) -> i32 {
        i32::try_from(position).unwrap_or(i32::MAX)
    }

    /// Number of samples that are left out, since their label is void.
    fn void(&self) -> usize {
        0
    }

    /// How far the model has learned these very labels by heart, where more is known of it
    /// than the probabilities.
    ///
    /// # Errors
    /// Those of the reading.
    fn memorization(&self) -> Result<Option<Memorization>> {
        Ok(None)
    }
}

/// Predictions in memory, borrowed.
///
/// ```
/// use tlc_findings::label_issues::{Predictions, Slices};
///
/// let probabilities = [0.9_f32, 0.1, 0.2, 0.8]; // [samples, classes]
/// let predictions = Slices::new(&[0, 1], &probabilities, 2)?;
/// assert_eq!(predictions.classes(), 2);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Slices<'a, P> {
    example_ids: Vec<i64>,
    labels: &'a [i64],
    probabilities: &'a [P],
    classes: usize,
}

impl<'a, P> Slices<'a, P> {
    /// From labels `[samples]` and probabilities `[samples, classes]`, row-major. The
    /// samples are numbered from 0 on.
    ///
    /// # Errors
    /// [`Error::Shape`] if they do not fit together.
    pub fn new(labels: &'a [i64], probabilities: &'a [P], classes: usize) -> Result<Self> {
        if labels.len().checked_mul(classes) != Some(probabilities.len()) {
            return Err(Error::Shape {
                what: "probabilities",
                expected: format!("[{}, {classes}] values", labels.len()),
                found: format!("{} values", probabilities.len()),
            });
        }
        Ok(Self {
            example_ids: (0..).take(labels.len()).collect(),
            labels,
            probabilities,
            classes,
        })
    }
}

impl<P: Copy + Into<f64> + Send + Sync> Predictions for Slices<'_, P> {
    type Value = P;

    fn classes(&self) -> usize {
        self.classes
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, P>) -> Result<()> {
        let batch_values = BATCH_ROWS * self.classes.max(1);
        let ids = self.example_ids.chunks(BATCH_ROWS);
        let labels = self.labels.chunks(BATCH_ROWS);
        let mut batches = ids.zip(labels).zip(self.probabilities.chunks(batch_values));
        batches.try_for_each(|((example_ids, labels), probabilities)| {
            visit(Batch {
                example_ids,
                labels,
                probabilities,
                self_confidence: None,
            })
        })
    }
}

/// The first value of a row that is no probability.
pub(super) fn check_probabilities<P: Copy + Into<f64>>(row: &[P], example_id: i64) -> Result<()> {
    let values = row.iter().map(|p| (*p).into()).enumerate();
    let mut bad = values.filter(|(_, value)| !(0.0..=1.0).contains(value));
    match bad.next() {
        None => Ok(()),
        Some((class, value)) => Err(Error::Probability {
            example_id,
            class,
            value,
        }),
    }
}

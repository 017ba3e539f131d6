//! Means of what several epochs say of some samples.

use super::score::SMALLEST;

/// Sums, until they are divided.
#[derive(Debug)]
pub(super) struct Means<'l> {
    labels: &'l [i64],
    classes: usize,
    counts: Vec<u32>,
    /// `[samples, classes]`.
    pub(super) probabilities: Vec<f64>,
    /// The geometric mean of the probability of the label `[samples]`.
    pub(super) self_confidence: Vec<f64>,
}

impl<'l> Means<'l> {
    /// Of samples with these labels.
    pub(super) fn new(labels: &'l [i64], classes: usize) -> Self {
        Self {
            labels,
            classes,
            counts: vec![0; labels.len()],
            probabilities: vec![0.0; labels.len() * classes],
            self_confidence: vec![0.0; labels.len()],
        }
    }

    /// Adds a row of probabilities to the sample at a place; past the last it is none of these.
    pub(super) fn add(&mut self, at: usize, row: &[f64]) {
        let (Some(count), Some(label)) = (self.counts.get_mut(at), self.labels.get(at)) else {
            return;
        };
        *count += 1;
        let sums = self.probabilities.iter_mut().skip(at * self.classes);
        for (sum, p) in sums.zip(row) {
            *sum += p;
        }
        let p = usize::try_from(*label)
            .ok()
            .and_then(|label| row.get(label));
        if let (Some(sum), Some(p)) = (self.self_confidence.get_mut(at), p) {
            *sum += p.max(SMALLEST).ln();
        }
    }

    /// Makes means of the sums. What one epoch alone says stays as it is.
    pub(super) fn divide(&mut self) {
        let rows = self.probabilities.chunks_exact_mut(self.classes.max(1));
        let samples = rows.zip(&mut self.self_confidence).zip(&self.counts);
        for (((row, self_confidence), count), label) in samples.zip(self.labels) {
            if *count > 1 {
                row.iter_mut().for_each(|sum| *sum /= f64::from(*count));
                *self_confidence = (*self_confidence / f64::from(*count)).exp();
            } else {
                let label = usize::try_from(*label).ok();
                let p = label.and_then(|label| row.get(label));
                *self_confidence = p.copied().unwrap_or_default();
            }
        }
    }
}

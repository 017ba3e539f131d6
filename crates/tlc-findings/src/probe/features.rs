//! Features as the probe is fitted on them: one copy, standardised, in order of the folds.

use super::folds::Folds;
use crate::Embeddings;
use std::ops::Range;

/// A feature that varies by less than this share of its mean only does so by rounding.
const CONSTANT: f64 = 1e-12;
const CONSTANT_F32: f64 = f32::EPSILON as f64;

/// Vectors `[samples, dim]`, standardised over all samples so that `f32` loses nothing. What
/// the training part of a fold differs by from all of them is taken up by the weights.
#[derive(Debug)]
pub(super) struct Features {
    values: Vec<f32>,
    dim: usize,
    moments: Moments,
}

/// Mean and standard deviation of each feature `[dim]`.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub(super) mean: Vec<f64>,
    /// 1 for a constant feature.
    pub(super) scale: Vec<f64>,
}

impl Features {
    pub(super) fn new(embeddings: &Embeddings, folds: &Folds) -> Self {
        let dim = embeddings.dim();
        let moments = Moments::of(|| embeddings.rows(), dim, CONSTANT);
        let mut values = Vec::with_capacity(embeddings.values().len());
        for row in &folds.order {
            let moments = moments.mean.iter().zip(&moments.scale);
            let row = embeddings.row(*row).iter().zip(moments);
            values.extend(row.map(|(x, (mean, scale))| ((f64::from(*x) - mean) / scale) as f32));
        }
        Self {
            values,
            dim,
            moments,
        }
    }

    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    /// Some of the vectors, row-major.
    pub(super) fn rows(&self, rows: &Range<usize>) -> &[f32] {
        let values = rows.start * self.dim..rows.end * self.dim;
        self.values.get(values).unwrap_or_default()
    }

    /// What the vectors of a training part are standardised by: as they are here, and as they
    /// were given.
    pub(super) fn moments(&self, training: &[Range<usize>]) -> (Moments, Moments) {
        let rows = || {
            let parts = training.iter();
            parts.flat_map(|part| self.rows(part).chunks_exact(self.dim))
        };
        let here = Moments::of(rows, self.dim, CONSTANT_F32);
        let all = self.moments.mean.iter().zip(&self.moments.scale);
        let both = all.zip(here.mean.iter().zip(&here.scale));
        let (mean, scale) = both
            .map(|((mean, scale), (m, s))| (mean + scale * m, scale * s))
            .unzip();
        (here, Moments { mean, scale })
    }
}

impl Moments {
    fn of<'a, I: Iterator<Item = &'a [f32]>>(
        rows: impl Fn() -> I,
        dim: usize,
        constant: f64,
    ) -> Self {
        let mut mean = vec![0.0; dim];
        let mut count = 0.0_f64;
        for row in rows() {
            count += 1.0;
            for (sum, x) in mean.iter_mut().zip(row) {
                *sum += f64::from(*x);
            }
        }
        mean.iter_mut().for_each(|sum| *sum /= count.max(1.0));
        let mut scale = vec![0.0; dim];
        for row in rows() {
            for (sum, (x, mean)) in scale.iter_mut().zip(row.iter().zip(&mean)) {
                *sum += (f64::from(*x) - mean).powi(2);
            }
        }
        for (scale, mean) in scale.iter_mut().zip(&mean) {
            let deviation = (*scale / count.max(1.0)).sqrt();
            *scale = match deviation > constant * mean.abs() {
                true => deviation,
                false => 1.0,
            };
        }
        Self { mean, scale }
    }
}

//! Vectors as matrix products take them, and how far products in `f32` can be off.

use super::Metric;
use crate::Embeddings;
use rayon::prelude::*;

/// How far products in `f32` can be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounding {
    /// A power of two that brings all values near 1, so that products stay in range.
    pub(super) scale: f64,
    /// Of the squared lengths of two vectors: a product has as many roundings as the
    /// vectors have values, each of at most half a unit.
    relative: f64,
    /// Where products are too small for a unit of their own.
    pub(super) absolute: f64,
}

impl Rounding {
    pub(super) fn new(queries: &Embeddings, embeddings: &Embeddings, metric: Metric) -> Self {
        let dim = embeddings.dim() as f64;
        let values = queries.values().iter().chain(embeddings.values());
        let largest = values.fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = match metric {
            Metric::Euclidean if largest > 0.0 => (-f64::from(largest).log2().ceil()).exp2(),
            _ => 1.0,
        };
        Self {
            scale,
            relative: (dim + 8.0) * f64::from(f32::EPSILON),
            absolute: dim * f64::from(f32::MIN_POSITIVE),
        }
    }

    /// The part of a squared length that certainly counts.
    pub(super) fn certain(&self, square: f64) -> f64 {
        square * (1.0 - self.relative)
    }
}

/// Embeddings and what is known of each: unit vectors for the cosine. The vectors that
/// products take are made as they are needed, and never kept twice.
#[derive(Debug)]
pub(super) struct Points<'a> {
    original: &'a Embeddings,
    metric: Metric,
    rounding: Rounding,
    /// Lengths of the original vectors for the cosine.
    lengths: Vec<f64>,
    /// Squared lengths of the vectors that products take.
    squares: Vec<f64>,
}

impl<'a> Points<'a> {
    pub(super) fn new(original: &'a Embeddings, metric: Metric, rounding: Rounding) -> Self {
        let rows = || original.values().par_chunks(original.dim());
        let mut points = Self {
            original,
            metric,
            rounding,
            lengths: match metric {
                Metric::Euclidean => Vec::new(),
                Metric::Cosine => rows().map(length).collect(),
            },
            squares: Vec::new(),
        };
        let square = |row| points.vector(row).map(|x| f64::from(x).powi(2)).sum();
        points.squares = (0..original.len()).into_par_iter().map(square).collect();
        points
    }

    pub(super) fn len(&self) -> usize {
        self.original.len()
    }

    pub(super) fn dim(&self) -> usize {
        self.original.dim()
    }

    /// Vectors of some rows, row-major.
    pub(super) fn vectors(&self, rows: &[u32]) -> Vec<f32> {
        let rows = rows.iter();
        rows.flat_map(|row| self.vector(*row as usize)).collect()
    }

    pub(super) fn square(&self, row: usize) -> f64 {
        self.squares.get(row).copied().unwrap_or_default()
    }

    /// Half of what is certain of the squared length, rounded down.
    pub(super) fn half(&self, row: usize) -> f32 {
        ((self.rounding.certain(self.square(row)) / 2.0) as f32).next_down()
    }

    pub(super) fn distance(&self, row: usize, others: &Self, other: usize) -> f64 {
        let (a, b) = (self.original.row(row), others.original.row(other));
        let pairs = a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        if self.metric == Metric::Euclidean {
            return pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        }
        match (self.lengths.get(row), others.lengths.get(other)) {
            (Some(p), Some(q)) if *p > 0.0 && *q > 0.0 => {
                let difference = |(a, b): (f64, f64)| a / p - b / q;
                pairs.map(|pair| difference(pair).powi(2)).sum::<f64>() / 2.0
            }
            _ => 1.0,
        }
    }

    fn vector(&self, row: usize) -> impl Iterator<Item = f32> {
        let factor = match self.lengths.get(row) {
            Some(length) if *length > 0.0 => 1.0 / length,
            _ => self.rounding.scale,
        };
        let values = self.original.row(row).iter();
        values.map(move |value| (f64::from(*value) * factor) as f32)
    }
}

fn length(row: &[f32]) -> f64 {
    let squares = row.iter().map(|value| f64::from(*value).powi(2));
    squares.sum::<f64>().sqrt()
}

//! How far each sample is from the nearest of some centres.

use crate::Embeddings;
use crate::neighbors::Metric;
use rayon::prelude::*;

/// Sums that run side by side, so that a sum waits for none of its additions.
const LANES: usize = 8;
/// Samples below which another thread is not worth it.
const ROWS_OF_A_THREAD: usize = 512;
/// In place of the distance of a centre, which is not chosen again, whatever lies upon it.
const CENTRE: f64 = -1.0;

/// Embeddings, and of each the squared distance to the nearest centre: of vectors of length 1
/// for the cosine.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    embeddings: &'a Embeddings,
    /// What brings each vector to length 1, for the cosine; 0 where there is none.
    scales: Vec<f64>,
    squares: Vec<f64>,
}

/// The sample that is farthest from all centres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Farthest {
    square: f64,
    pub(super) row: usize,
}

impl<'a> Cover<'a> {
    /// Without a centre.
    pub(super) fn new(embeddings: &'a Embeddings, metric: Metric) -> Self {
        let rows = embeddings.values().par_chunks(embeddings.dim());
        let scale = |row: &[f32]| match dot(row, &widened(row, 1.0)).sqrt() {
            0.0 => 0.0,
            length => length.recip(),
        };
        Self {
            embeddings,
            scales: match metric {
                Metric::Cosine => rows.map(scale).collect(),
                Metric::Euclidean => Vec::new(),
            },
            squares: vec![f64::INFINITY; embeddings.len()],
        }
    }

    /// Makes a sample a centre, and tells which is the farthest then: the smallest row of
    /// several.
    pub(super) fn add(&mut self, centre: usize) -> Farthest {
        let scale = |row: usize| self.scales.get(row).copied().unwrap_or(1.0);
        let (row, of_centre) = (self.embeddings.row(centre), scale(centre));
        let vector = widened(row, of_centre);
        if let Some(square) = self.squares.get_mut(centre) {
            *square = CENTRE;
        }
        let rows = self.embeddings.values().par_chunks(self.embeddings.dim());
        let squares = self.squares.par_iter_mut().zip(rows).enumerate();
        let updated = squares
            .with_min_len(ROWS_OF_A_THREAD)
            .map(|(row, (nearest, values))| {
                let square = match (scale(row), of_centre) {
                    // A vector without a direction is at the distance of right angles to all.
                    (0.0, _) | (_, 0.0) => 2.0,
                    (scale, _) => square(values, scale, &vector),
                };
                *nearest = nearest.min(square);
                let square = *nearest;
                Farthest { square, row }
            });
        let none = || Farthest {
            square: f64::NEG_INFINITY,
            row: usize::MAX,
        };
        updated.reduce(none, Farthest::or)
    }
}

impl Farthest {
    /// How far it is from the nearest centre; 0 if all samples are centres.
    pub(super) fn distance(self, metric: Metric) -> f64 {
        let square = self.square.max(0.0);
        match metric {
            Metric::Euclidean => square.sqrt(),
            Metric::Cosine => square / 2.0,
        }
    }

    fn or(self, other: Self) -> Self {
        let order = self.square.total_cmp(&other.square);
        match order.then(other.row.cmp(&self.row)).is_lt() {
            true => other,
            false => self,
        }
    }
}

fn widened(row: &[f32], scale: f64) -> Vec<f64> {
    row.iter().map(|value| f64::from(*value) * scale).collect()
}

/// The squared distance of a scaled vector from another.
fn square(values: &[f32], scale: f64, other: &[f64]) -> f64 {
    summed(values, other, |value, other| {
        (value * scale - other).powi(2)
    })
}

fn dot(values: &[f32], other: &[f64]) -> f64 {
    summed(values, other, |value, other| value * other)
}

fn summed(values: &[f32], other: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut sums, (values, rest)) = ([0.0; LANES], values.as_chunks::<LANES>());
    let (others, rest_of_other) = other.as_chunks::<LANES>();
    for (values, others) in values.iter().zip(others) {
        for ((sum, value), other) in sums.iter_mut().zip(values).zip(others) {
            *sum += term(f64::from(*value), *other);
        }
    }
    let rest = rest.iter().zip(rest_of_other);
    let rest = rest.map(|(value, other)| term(f64::from(*value), *other));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

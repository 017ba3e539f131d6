//! Outliers: samples that are far from their neighbours.

use super::Neighbors;

/// Keeps the scale from being 0 where most samples are duplicates.
const SMALLEST_SCALE: f64 = 100.0 * f64::EPSILON;

/// What [`outliers`] found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outliers {
    /// The samples, in the order of the embeddings.
    pub example_ids: Vec<i64>,
    /// Mean distance of each to its neighbours `[samples]`.
    pub mean_distances: Vec<f64>,
    /// `exp(-t * mean_distance / median)` of each: the lower, the farther out.
    pub scores: Vec<f64>,
}

impl Outliers {
    /// The samples, those farthest out first.
    #[must_use]
    pub fn ranked(&self) -> Vec<i64> {
        let samples = self.example_ids.iter().copied();
        let mut ranked: Vec<(i64, f64)> =
            samples.zip(self.mean_distances.iter().copied()).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.into_iter().map(|(id, _)| id).collect()
    }
}

/// Scores every sample by its mean distance to the neighbours that were searched, in units of
/// the median of these means, as `cleanlab`'s `OutOfDistribution` does (its `k` is 10, its
/// `t` is 1).
#[must_use]
pub fn outliers(neighbors: &Neighbors, t: f64) -> Outliers {
    let mean = |row| neighbors.distances(row).iter().sum::<f64>() / neighbors.k() as f64;
    let mean_distances: Vec<f64> = (0..neighbors.len()).map(mean).collect();
    let scale = median(&mean_distances).max(SMALLEST_SCALE);
    Outliers {
        example_ids: neighbors.example_ids().to_vec(),
        scores: mean_distances
            .iter()
            .map(|distance| (-t * distance / scale).exp())
            .collect(),
        mean_distances,
    }
}

/// The middle value, or the mean of the two in the middle; 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2);
    let lower = values
        .len()
        .checked_sub(1)
        .and_then(|last| values.get(last / 2));
    match (lower, upper) {
        (Some(lower), Some(upper)) => (lower + upper) / 2.0,
        _ => 0.0,
    }
}

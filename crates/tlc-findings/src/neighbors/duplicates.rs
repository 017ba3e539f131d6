//! Near-duplicates: samples much nearer to each other than samples usually are.

use super::Neighbors;
use super::outliers::median;

/// The threshold of `cleanlab`'s Datalab.
pub const DUPLICATE_THRESHOLD: f64 = 0.13;

/// What [`near_duplicates`] found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NearDuplicates {
    /// The samples, in the order of the embeddings.
    pub example_ids: Vec<i64>,
    /// Pairs of samples, the one of the smaller row first, with their distance; the nearest
    /// pair first.
    pub pairs: Vec<(i64, i64, f64)>,
    /// Samples that are connected by pairs, each set in the order of the rows; the largest set
    /// first.
    pub sets: Vec<Vec<i64>>,
    /// For each sample, `exp(-d / median)` of the distance to its nearest: 1 is a duplicate.
    pub similarity: Vec<f64>,
    /// Pairs are nearer than this.
    pub max_distance: f64,
}

/// Finds pairs whose distance is below `threshold` times the median distance to the nearest
/// neighbour, as `cleanlab`'s Datalab does with [`DUPLICATE_THRESHOLD`]. Pairs are looked for
/// among the neighbours that were searched.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::neighbors::{DUPLICATE_THRESHOLD, Metric, near_duplicates, nearest};
///
/// let embeddings = Embeddings::new(vec![0.0, 1.0, 2.0, 2.05, 4.0, 5.0], 1)?;
/// let neighbors = nearest(&embeddings, 2, Metric::Euclidean)?;
/// let duplicates = near_duplicates(&neighbors, DUPLICATE_THRESHOLD);
/// assert_eq!(duplicates.sets, [[2, 3]]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[must_use]
pub fn near_duplicates(neighbors: &Neighbors, threshold: f64) -> NearDuplicates {
    let nearest = (0..neighbors.len()).map(|row| neighbors.distances(row).first().copied());
    let nearest: Vec<f64> = nearest.flatten().collect();
    let scale = median(&nearest).max(f64::EPSILON);
    let max_distance = threshold.max(0.0) * scale;
    let pairs = pairs(neighbors, max_distance);
    let ids = neighbors.example_ids();
    let id = |row: usize| ids.get(row).copied().unwrap_or_default();
    let sets = sets(neighbors.len(), &pairs).into_iter();
    NearDuplicates {
        example_ids: ids.to_vec(),
        sets: sets
            .map(|rows| rows.into_iter().map(id).collect())
            .collect(),
        pairs: pairs
            .into_iter()
            .map(|(a, b, distance)| (id(a), id(b), distance))
            .collect(),
        similarity: nearest
            .iter()
            .map(|distance| (-distance / scale).exp())
            .collect(),
        max_distance,
    }
}

fn pairs(neighbors: &Neighbors, max_distance: f64) -> Vec<(usize, usize, f64)> {
    let mut pairs = Vec::new();
    for row in 0..neighbors.len() {
        let near = neighbors.rows(row).iter().zip(neighbors.distances(row));
        for (other, distance) in near.take_while(|(_, distance)| **distance < max_distance) {
            let other = *other as usize;
            pairs.push((row.min(other), row.max(other), *distance));
        }
    }
    pairs.sort_by_key(|pair| (pair.0, pair.1));
    pairs.dedup_by_key(|pair| (pair.0, pair.1));
    pairs.sort_by(|a, b| a.2.total_cmp(&b.2));
    pairs
}

/// Connected rows (Galler and Fischer, 1964).
fn sets(rows: usize, pairs: &[(usize, usize, f64)]) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..rows).collect();
    for (a, b, _) in pairs {
        let (a, b) = (root(&mut parents, *a), root(&mut parents, *b));
        if let Some(parent) = parents.get_mut(a.max(b)) {
            *parent = a.min(b);
        }
    }
    let mut members = vec![Vec::new(); rows];
    for row in 0..rows {
        if let Some(set) = members.get_mut(root(&mut parents, row)) {
            set.push(row);
        }
    }
    let mut sets: Vec<Vec<usize>> = members.into_iter().filter(|set| set.len() > 1).collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    sets
}

/// The smallest row of a set, as far as it is known; the way there is halved.
fn root(parents: &mut [usize], mut row: usize) -> usize {
    loop {
        let parent = parents.get(row).copied().unwrap_or(row);
        let grandparent = parents.get(parent).copied().unwrap_or(parent);
        if parent == row {
            return row;
        }
        if let Some(parent) = parents.get_mut(row) {
            *parent = grandparent;
        }
        row = grandparent;
    }
}

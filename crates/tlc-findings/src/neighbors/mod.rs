//! Nearest neighbours of embeddings, and what they tell: near-duplicates and outliers.
//!
//! The search is exact. Blocks of distances come from a matrix product in `f32`; whatever
//! its rounding leaves open is computed again in `f64`, so that duplicates have distance 0
//! and equal distances are ordered by row.
//!
//! Its time grows with the square of the samples, and is shared by all cores: 60,000 vectors
//! of 128 values take 12 seconds of one core with AVX-512, so 200,000 take two to three
//! minutes, and 1,000,000 an hour.

mod duplicates;
mod outliers;
mod search;
mod write;

pub use self::duplicates::{DUPLICATE_THRESHOLD, NearDuplicates, near_duplicates};
pub use self::outliers::{Outliers, outliers};

use crate::{Embeddings, Error, Result};
use serde::{Deserialize, Serialize};

/// How far two embeddings are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// 1 minus the cosine of the angle between them: 0 to 2. A zero vector has distance 1
    /// to all others.
    #[default]
    Cosine,
    /// Length of the difference.
    Euclidean,
}

/// The `k` nearest neighbours of each query, the nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    k: usize,
    /// Of the queries.
    example_ids: Vec<i64>,
    rows: Vec<u32>,
    distances: Vec<f64>,
}

impl Neighbors {
    /// Neighbours of each query.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// Number of queries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / self.k
    }

    /// Whether there is no query.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The samples that the queries are, in order.
    #[must_use]
    pub fn example_ids(&self) -> &[i64] {
        &self.example_ids
    }

    /// Rows of the neighbours of one query `[k]`; empty past the last.
    #[must_use]
    pub fn rows(&self, query: usize) -> &[u32] {
        self.rows.get(self.range(query)).unwrap_or_default()
    }

    /// Their distances `[k]`.
    #[must_use]
    pub fn distances(&self, query: usize) -> &[f64] {
        self.distances.get(self.range(query)).unwrap_or_default()
    }

    fn range(&self, query: usize) -> std::ops::Range<usize> {
        let start = query.saturating_mul(self.k);
        start..start.saturating_add(self.k)
    }
}

/// The `k` nearest other rows of each row.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::neighbors::{Metric, nearest};
///
/// let embeddings = Embeddings::new(vec![0.0, 1.0, 3.0, 3.0], 1)?;
/// let neighbors = nearest(&embeddings, 2, Metric::Euclidean)?;
/// assert_eq!(neighbors.rows(2), [3, 1]);
/// assert_eq!(neighbors.distances(2), [0.0, 2.0]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for `k` of 0 or fewer than `k + 1` rows.
pub fn nearest(embeddings: &Embeddings, k: usize, metric: Metric) -> Result<Neighbors> {
    check(embeddings.len(), k.saturating_add(1))?;
    check(k, 1)?;
    Ok(search::search(embeddings, embeddings, k, metric, true))
}

/// The `k` rows of `embeddings` that are nearest to each query.
///
/// # Errors
/// [`Error::TooFew`] for `k` of 0 or fewer than `k` rows, [`Error::Shape`] for queries of
/// another length.
pub fn nearest_to(
    queries: &Embeddings,
    embeddings: &Embeddings,
    k: usize,
    metric: Metric,
) -> Result<Neighbors> {
    check(embeddings.len(), k)?;
    check(k, 1)?;
    if queries.dim() != embeddings.dim() {
        return Err(Error::Shape {
            what: "queries",
            expected: format!("[queries, {}]", embeddings.dim()),
            found: format!("[{}, {}]", queries.len(), queries.dim()),
        });
    }
    Ok(search::search(queries, embeddings, k, metric, false))
}

fn check(found: usize, needed: usize) -> Result<()> {
    if found >= needed {
        return Ok(());
    }
    Err(Error::TooFew {
        what: "neighbours",
        needed,
        found,
    })
}

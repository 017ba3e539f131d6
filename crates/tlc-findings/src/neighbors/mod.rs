//! Nearest neighbours of embeddings, and what they tell: near-duplicates and outliers.
//!
//! Blocks of distances come from a matrix product in `f32`; whatever its rounding leaves open
//! is computed again in `f64`, so that duplicates have distance 0 and equal distances are
//! ordered by row. Small sets are searched exactly, in time that grows with the square of the
//! samples; large ones by parts of the space that are near to a query, with a recall that is
//! asked for and told: see [`Search`]. All cores share the work, and the result is the same
//! whatever their number.

mod approximate;
mod cells;
mod duplicates;
mod outliers;
mod points;
mod search;
mod write;

pub use self::duplicates::{DUPLICATE_THRESHOLD, NearDuplicates, near_duplicates};
pub use self::outliers::{Outliers, outliers};

use self::points::{Points, Rounding};
use self::search::Space;
use crate::{Embeddings, Error, Progress, Result};
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

/// How neighbours are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Search {
    /// Exactly up to 100,000 samples, or as many pairs of a query and a sample; above that as
    /// [`Approximate`](Self::Approximate) with a recall of 0.95 and seed 0.
    #[default]
    Auto,
    /// All pairs are compared.
    Exact,
    /// Each query is compared with the samples in the parts of the space nearest to it: as
    /// many parts as it takes to find this share of the neighbours, by a sample of queries
    /// whose neighbours are searched exactly. Duplicates are always found.
    Approximate {
        /// The share of the neighbours to find, above 0, at most 1.
        recall: f64,
        /// The same seed gives the same neighbours.
        seed: u64,
    },
}

/// Pairs up to which the search is exact where nothing else is asked.
const EXACT_PAIRS: usize = 100_000 * 100_000;
const RECALL: f64 = 0.95;

/// The `k` nearest neighbours of each query, the nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    k: usize,
    /// Of the queries.
    example_ids: Vec<i64>,
    rows: Vec<u32>,
    distances: Vec<f64>,
    recall: f64,
}

impl Neighbors {
    fn new(k: usize, rows: Vec<u32>, distances: Vec<f64>) -> Self {
        Self {
            k,
            example_ids: Vec::new(),
            rows,
            distances,
            recall: 1.0,
        }
    }

    fn of(self, queries: &Embeddings) -> Self {
        let example_ids = queries.example_ids().collect();
        Self {
            example_ids,
            ..self
        }
    }

    fn with_recall(self, recall: f64) -> Self {
        Self { recall, ..self }
    }

    /// The share of the true neighbours that were found: 1 of an exact search, else that of
    /// some hundred queries whose neighbours were searched exactly.
    #[must_use]
    pub fn recall(&self) -> f64 {
        self.recall
    }

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

/// The `k` nearest other rows of each row, by [`Search::Auto`].
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
    nearest_by(Search::Auto, embeddings, k, metric)
}

/// The `k` nearest other rows of each row, searched as asked.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::neighbors::{Metric, Search, nearest_by};
///
/// let values = (0..4_000).map(|at| (at as f32 * 0.1).sin() + (at % 7) as f32);
/// let embeddings = Embeddings::new(values.collect(), 4)?;
/// let search = Search::Approximate { recall: 0.9, seed: 0 };
/// let neighbors = nearest_by(search, &embeddings, 5, Metric::Cosine)?;
/// assert!(neighbors.recall() > 0.8);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for `k` of 0 or fewer than `k + 1` rows, [`Error::Setting`] for a recall
/// out of range.
pub fn nearest_by(
    search: Search,
    embeddings: &Embeddings,
    k: usize,
    metric: Metric,
) -> Result<Neighbors> {
    nearest_with(search, embeddings, k, metric, &Progress::new())
}

/// As [`nearest_by`], followed and ended by its progress.
///
/// # Errors
/// As [`nearest_by`]; [`Error::Cancelled`].
pub fn nearest_with(
    search: Search,
    embeddings: &Embeddings,
    k: usize,
    metric: Metric,
    progress: &Progress,
) -> Result<Neighbors> {
    check(embeddings.len(), k.saturating_add(1))?;
    check(k, 1)?;
    let rounding = Rounding::new(embeddings, embeddings, metric);
    let points = Points::new(embeddings, metric, rounding);
    let space = Space {
        queries: &points,
        points: &points,
        metric,
        same: true,
        rounding,
        progress,
    };
    searched(search, &space, k).map(|found| found.of(embeddings))
}

/// The `k` rows of `embeddings` that are nearest to each query, by [`Search::Auto`].
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
    nearest_to_by(Search::Auto, queries, embeddings, k, metric)
}

/// The `k` rows of `embeddings` that are nearest to each query, searched as asked.
///
/// # Errors
/// As [`nearest_to`]; [`Error::Setting`] for a recall out of range.
pub fn nearest_to_by(
    search: Search,
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
    let rounding = Rounding::new(queries, embeddings, metric);
    let space = Space {
        queries: &Points::new(queries, metric, rounding),
        points: &Points::new(embeddings, metric, rounding),
        metric,
        same: false,
        rounding,
        progress: &Progress::new(),
    };
    searched(search, &space, k).map(|found| found.of(queries))
}

fn searched(search: Search, space: &Space<'_>, k: usize) -> Result<Neighbors> {
    let pairs = space.queries.len().saturating_mul(space.points.len());
    let found = match search {
        Search::Exact => space.exact(k),
        Search::Auto if pairs <= EXACT_PAIRS => space.exact(k),
        Search::Auto => approximate::search(space, k, RECALL, 0),
        Search::Approximate { recall, seed } if recall > 0.0 && recall <= 1.0 => {
            approximate::search(space, k, recall, seed)
        }
        Search::Approximate { recall, .. } => {
            return Err(Error::Setting {
                setting: "recall",
                expected: "above 0, at most 1",
                found: recall.to_string(),
            });
        }
    };
    // What was found until then is not all.
    space.progress.check()?;
    Ok(found)
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

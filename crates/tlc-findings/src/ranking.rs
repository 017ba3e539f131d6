//! Rankings of samples by how suspicious they are, and what several of them agree on.

use crate::{Error, Result, beside};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlc_core::arrow::array::Float64Array;
use tlc_core::{Column, MetricsTable, Role, Run, Table, ValueType};

/// A score for each of some samples: the lower, the more suspicious the sample.
///
/// ```
/// use tlc_findings::Ranking;
///
/// let ranking = Ranking::new([7, 3, 5], [0.9, 0.1, 0.4])?;
/// assert_eq!(ranking.ranked(), [3, 5, 7]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Ascending.
    example_ids: Vec<i64>,
    scores: Vec<f64>,
}

impl Ranking {
    /// From samples in any order and their scores. A score that is NaN ranks nothing: its
    /// sample is left out.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are more of one than of the other, [`Error::Repeated`] for a
    /// sample that comes twice.
    pub fn new(
        example_ids: impl IntoIterator<Item = i64>,
        scores: impl IntoIterator<Item = f64>,
    ) -> Result<Self> {
        let example_ids: Vec<i64> = example_ids.into_iter().collect();
        let scores: Vec<f64> = scores.into_iter().collect();
        if example_ids.len() != scores.len() {
            return Err(Error::Shape {
                what: "scores",
                expected: format!("[{}]", example_ids.len()),
                found: format!("[{}]", scores.len()),
            });
        }
        let mut pairs: Vec<(i64, f64)> = example_ids.into_iter().zip(scores).collect();
        pairs.sort_by_key(|(id, _)| *id);
        if let Some([(id, _), _]) = pairs.array_windows().find(|[a, b]| a.0 == b.0) {
            return Err(Error::Repeated {
                example_id: *id,
                epoch: None,
            });
        }
        let pairs = pairs.into_iter().filter(|(_, score)| !score.is_nan());
        let (example_ids, scores) = pairs.unzip();
        Ok(Self {
            example_ids,
            scores,
        })
    }

    /// The samples, ascending.
    #[must_use]
    pub fn example_ids(&self) -> &[i64] {
        &self.example_ids
    }

    /// Their scores.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The samples, the most suspicious first; of equal ones the smaller id.
    #[must_use]
    pub fn ranked(&self) -> Vec<i64> {
        self.order().into_iter().map(|(id, _)| id).collect()
    }

    /// Writes the scores into the run as a metrics table about `table`: `name` is its stream
    /// and the column of the scores.
    ///
    /// # Errors
    /// As [`MetricsTableWriter`](tlc_core::MetricsTableWriter): ids that are no rows of the
    /// table, and storage errors among them.
    pub fn write(&self, run: &Run, table: &Table, name: &str) -> Result<MetricsTable> {
        let column = Column::new(name, ValueType::Float64)
            .description("rank among all samples: the lower, the more suspicious")
            .role(Role::Metric);
        let values = Arc::new(Float64Array::from(self.scores.clone())) as _;
        let about = beside::About::table(table);
        let mut writer = beside::writer(run, &about, name, &self.example_ids, &[(column, values)])?;
        Ok(writer.finish()?)
    }

    fn order(&self) -> Vec<(i64, f64)> {
        let samples = self.example_ids.iter().copied();
        let mut order: Vec<(i64, f64)> = samples.zip(self.scores.iter().copied()).collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        order
    }

    /// The rank of each sample between 0 and 1, equal scores sharing the mean of theirs.
    fn ranks(&self) -> Vec<(i64, f64)> {
        let order = self.order();
        let count = order.len() as f64;
        let mut ranks = Vec::with_capacity(order.len());
        for equal in order.chunk_by(|a, b| a.1 == b.1) {
            let rank = (ranks.len() as f64 + equal.len() as f64 / 2.0) / count;
            ranks.extend(equal.iter().map(|(id, _)| (*id, rank)));
        }
        ranks
    }
}

/// The mean of the ranks that each sample has in several rankings, as a score from 0 to 1.
/// Rankings may be of epochs, of seeds, of folds, of a probe, or of anything else that scores
/// samples; what the scores mean and how large they are does not matter.
///
/// All rankings count alike, so that one by a model that knows the labels by heart draws the
/// mean down. Of the epochs of one run alone, what label issues are ranked by is the better
/// mean.
///
/// A sample that some rankings lack has the mean of the others, in which its rank is that
/// among their samples.
///
/// ```
/// use tlc_findings::{Ranking, consensus};
///
/// let epoch = Ranking::new([0, 1, 2], [0.2, 0.1, 0.9])?;
/// let probe = Ranking::new([0, 1, 2], [0.01, 0.03, 0.02])?;
/// let other = Ranking::new([0, 1], [-7.0, 3.0])?;
/// assert_eq!(consensus([epoch, probe, other])?.ranked(), [0, 1, 2]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for none.
pub fn consensus(rankings: impl IntoIterator<Item = Ranking>) -> Result<Ranking> {
    let mut sums: BTreeMap<i64, (f64, u32)> = BTreeMap::new();
    let mut found = 0;
    for ranking in rankings {
        found += 1;
        for (id, rank) in ranking.ranks() {
            let (sum, count) = sums.entry(id).or_default();
            *sum += rank;
            *count += 1;
        }
    }
    if found == 0 {
        return Err(Error::TooFew {
            what: "a consensus: rankings",
            needed: 1,
            found,
        });
    }
    let means = sums.values().map(|(sum, count)| sum / f64::from(*count));
    Ranking::new(sums.keys().copied(), means)
}

//! How well a ranking finds the labels that are known to be wrong.

use crate::tables::labels;
use std::fmt::{Display, Formatter};
use tlc::Table;
use tlc::core::Error;
use tlc::findings::label_issues::LabelIssues;

/// How far down the list a person might look.
const FIRST: usize = 100;

/// Whether each label is wrong, in the order of the ranking.
pub struct Precision(Vec<bool>);

impl Precision {
    /// Of a ranking of a table's samples, whose right labels another table has.
    pub fn of(issues: &LabelIssues, right: &Table, table: &Table) -> Result<Self, Error> {
        let (right, given) = (labels(right)?, labels(table)?);
        let ranked = issues
            .samples
            .iter()
            .map(|sample| sample.example_id as usize);
        Ok(Self(ranked.map(|row| right[row] != given[row]).collect()))
    }

    /// The mean, over the wrong labels, of the share of wrong ones down to each of them: 1 if
    /// they come first. Not a number where none is wrong.
    fn average(&self) -> f64 {
        let wrong = (1_u32..).zip(&self.0).filter(|(_, is_wrong)| **is_wrong);
        let ranks: Vec<u32> = wrong.map(|(rank, _)| rank).collect();
        let shares = (1_u32..).zip(&ranks);
        let shares = shares.map(|(found, rank)| f64::from(found) / f64::from(*rank));
        shares.sum::<f64>() / ranks.len() as f64
    }
}

impl Display for Precision {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let count = |labels: &[bool]| labels.iter().filter(|is_wrong| **is_wrong).count();
        let first = &self.0[..FIRST.min(self.0.len())];
        write!(
            f,
            "of the first {} of the ranking {} are wrong; average precision {:.3}, where chance has {:.3}",
            first.len(),
            count(first),
            self.average(),
            count(&self.0) as f64 / self.0.len() as f64
        )
    }
}

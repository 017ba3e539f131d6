//! How likely a given label is to be right, by one row of probabilities.

/// Probabilities and scores below this count as this.
pub(super) const SMALLEST: f64 = 1e-6;

/// A label quality score between 0 and 1: the lower, the less likely the label is right.
///
/// As Kuan and Mueller (2022) define them and `cleanlab` rescales them; `p` is a row of
/// probabilities and `k` the given label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Score {
    /// `p[k]`; over several epochs its geometric mean, no `p` counting as less than `1e-6`.
    #[default]
    SelfConfidence,
    /// `(p[k] - max(p[j], j != k) + 1) / 2`.
    NormalizedMargin,
    /// `ln(1 + e) / e`, where `e` is the entropy of `p` in units of `ln(classes)`,
    /// divided by `p[k]`. The entropy counts more than the label, so a row that is
    /// sure of another class scores 0.
    ConfidenceWeightedEntropy,
}

impl Score {
    /// Of one row `[classes]` whose label is a valid index.
    pub(super) fn of<P: Copy + Into<f64>>(self, row: &[P], label: usize) -> f64 {
        let self_confidence = row.get(label).map_or(0.0, |p| (*p).into());
        match self {
            Self::SelfConfidence => self_confidence,
            Self::NormalizedMargin => (self_confidence - largest_other(row, label) + 1.0) / 2.0,
            Self::ConfidenceWeightedEntropy => {
                let weighted = normalized_entropy(row) / self_confidence.max(SMALLEST);
                (weighted + 1.0).ln() / weighted.max(SMALLEST)
            }
        }
    }
}

fn largest_other<P: Copy + Into<f64>>(row: &[P], label: usize) -> f64 {
    let others = row.iter().enumerate().filter(|(class, _)| *class != label);
    others.fold(f64::NEG_INFINITY, |largest, (_, p)| {
        largest.max((*p).into())
    })
}

fn normalized_entropy<P: Copy + Into<f64>>(row: &[P]) -> f64 {
    let terms = row
        .iter()
        .map(|p| (*p).into())
        .filter(|p: &f64| *p > 0.0)
        .map(|p| p * p.ln());
    -terms.sum::<f64>() / (row.len() as f64).ln()
}

//! Label issues: samples whose given label is probably wrong, from the probabilities that
//! a model gives, ideally one that has not seen them (out of fold).
//!
//! Confident learning (Northcutt, Jiang and Chuang, *Confident Learning: Estimating
//! Uncertainty in Dataset Labels*, JAIR 2021), with the scores of Kuan and Mueller,
//! *Model-agnostic label quality scoring to detect real-world label errors*, 2022. The same
//! probabilities, as `f64`, give the scores and the issues that `cleanlab` 2.9 gives. The order
//! of equal values, which it leaves to NumPy's default sort when it rounds the joint and takes
//! samples, is that of the stable sort here.
//!
//! Probabilities are read two or three times in batches and never kept: memory grows
//! with the samples, not with the classes.

mod calibrate;
mod joint;
mod predictions;
mod prune;
mod score;
mod survey;
mod write;

pub use self::joint::ConfidentJoint;
pub use self::predictions::{MetricsPredictions, Predictions, Slices, Visit};
pub use self::score::Score;
pub use self::survey::scores;
pub use self::write::STREAM;

use self::joint::{CONFIDENTLY_OTHER, NEARLY_PREDICTED, PREDICTED_OTHER};
use self::survey::{Survey, survey};
use crate::Result;

/// Which samples count as issues. None does whose label has the largest probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// For each label and other class, as many samples as the calibrated joint counts
    /// there, of those with the largest margin of the class over the label.
    #[default]
    PruneByNoiseRate,
    /// For each label, as many samples as the calibrated joint counts off the diagonal,
    /// of those with the smallest self-confidence.
    PruneByClass,
    /// Those of both of the above.
    Both,
    /// The samples that the confident joint counts off its diagonal.
    ConfidentLearning,
    /// The samples whose largest probability is that of another class.
    PredictedNeqGiven,
}

/// What [`find`] found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LabelIssues {
    /// Rows of the issues, the most severe first.
    pub rows: Vec<usize>,
    /// The score of every sample `[samples]`.
    pub scores: Vec<f64>,
    /// The mean self-confidence of each class `[classes]`; 2 for a class without samples.
    pub thresholds: Vec<f64>,
    /// The confident joint, calibrated to the samples of each label.
    pub joint: ConfidentJoint,
}

/// Finds the label issues and ranks them by a score.
///
/// ```
/// use tlc_findings::label_issues::{Filter, Score, Slices, find};
///
/// let probabilities = [0.9_f32, 0.1, 0.8, 0.2, 0.2, 0.8, 0.1, 0.9, 0.95, 0.05];
/// let labels = [0, 0, 1, 1, 1]; // the last one looks wrong
/// let predictions = Slices::new(&labels, &probabilities, 2)?;
/// let issues = find(&predictions, Filter::default(), Score::default())?;
/// assert_eq!(issues.rows, [4]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::Label`](crate::Error::Label),
/// [`Error::Probability`](crate::Error::Probability),
/// [`Error::Shape`](crate::Error::Shape) for fewer than two classes;
/// [`Error::Changed`](crate::Error::Changed), and what the predictions report.
pub fn find(predictions: &impl Predictions, filter: Filter, rank_by: Score) -> Result<LabelIssues> {
    let survey = survey(predictions, rank_by)?;
    let thresholds = joint::thresholds(&survey);
    let (joint, flags) = joint::judge(predictions, &survey.labels, &thresholds)?;
    let joint = calibrate::calibrated(&joint, &survey.counts);
    let flagged = |flag: u8| flags.iter().map(|flags| flags & flag != 0).collect();
    let mask: Vec<bool> = match filter {
        Filter::PruneByNoiseRate => prune::by_noise_rate(predictions, &survey, &joint)?,
        Filter::PruneByClass => prune::by_class(&survey, &joint),
        Filter::Both => {
            let by_class = prune::by_class(&survey, &joint);
            let by_noise_rate = prune::by_noise_rate(predictions, &survey, &joint)?;
            by_class
                .iter()
                .zip(by_noise_rate)
                .map(|(a, b)| *a && b)
                .collect()
        }
        Filter::ConfidentLearning => flagged(CONFIDENTLY_OTHER),
        Filter::PredictedNeqGiven => flagged(PREDICTED_OTHER),
    };
    let mask = mask.into_iter().zip(&flags);
    let mask = mask.map(|(issue, flags)| issue && flags & NEARLY_PREDICTED == 0);
    let Survey { scores, .. } = survey;
    Ok(LabelIssues {
        rows: ranked(mask, &scores),
        scores,
        thresholds,
        joint,
    })
}

fn ranked(mask: impl Iterator<Item = bool>, scores: &[f64]) -> Vec<usize> {
    let rows = mask
        .zip(scores)
        .enumerate()
        .filter(|(_, (issue, _))| *issue);
    let mut rows: Vec<(usize, f64)> = rows.map(|(row, (_, score))| (row, *score)).collect();
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    rows.into_iter().map(|(row, _)| row).collect()
}

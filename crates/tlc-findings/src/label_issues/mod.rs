//! Label issues: samples whose given label is probably wrong, from the probabilities that
//! a model gives, ideally one that has not seen them (out of fold).
//!
//! ```
//! # use serde::Serialize;
//! # use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
//! use tlc_findings::label_issues::{Filter, MetricsPredictions, Score, find};
//!
//! # #[derive(Serialize)] struct Row { label: i32 }
//! # let root = Url::parse("memory://docs-label-issues/")?;
//! # let options = TableOptions::new("demo", "points", "train").root(&root);
//! # let train = Table::create(options, |writer| writer.add_rows(&[Row { label: 1 }, Row { label: 0 }]))?;
//! # let run = Run::create(RunOptions::new("demo").root(&root))?;
//! # let values = Columns::new().column("probabilities", vec![[0.9_f32, 0.1], [0.8, 0.2]]);
//! # run.add_metrics(values, AddMetrics::new().foreign_table(&train))?;
//! let predictions = MetricsPredictions::of_run(&run, &train)?;
//! let issues = find(&predictions, Filter::default(), Score::default())?;
//! println!("{issues}"); // how many, and whether the model knows the labels by heart
//! issues.write(&run, &predictions)?;
//! # Ok::<(), tlc_findings::Error>(())
//! ```
//!
//! Every sample is ranked: by default by the probability of the given label, its geometric
//! mean over all epochs that the run has, which orders samples as their mean loss does. What
//! the last epoch says alone is worth the less the more labels the model has learned by heart;
//! this mean is hardly. What a [`Filter`] adds is a mark on those that count as issues.
//! [`LabelIssues::memorization`] says whether the model has learned the labels by heart, so
//! that no mark means nothing.
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
mod means;
mod memorization;
mod of_metrics;
mod part;
mod predictions;
mod prune;
mod samples;
mod score;
mod survey;
mod tables;
mod write;

pub use self::joint::ConfidentJoint;
pub use self::memorization::{Agreement, Fit, Memorization, Verdict};
pub use self::of_metrics::MetricsPredictions;
pub use self::predictions::{Batch, Predictions, Slices, Visit};
pub use self::score::Score;
pub use self::survey::rank;
pub use self::write::STREAM;

use self::joint::{CONFIDENTLY_OTHER, NEARLY_PREDICTED, PREDICTED_OTHER};
use self::survey::{Survey, survey};
use crate::Result;
use std::fmt::{Display, Formatter};

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
    /// Every sample, the one whose label is most likely wrong first; of equal scores the one
    /// that was read first.
    pub samples: Vec<RankedLabel>,
    /// Which of them are marked as issues.
    pub filter: Filter,
    /// What they are ranked by.
    pub score: Score,
    /// Whether the model has learned the labels by heart.
    pub memorization: Memorization,
    /// Number of samples that are not among them, since their label is void.
    pub void: usize,
    /// The mean self-confidence of each class `[classes]`; 2 for a class without samples.
    pub thresholds: Vec<f64>,
    /// The confident joint, calibrated to the samples of each label.
    pub joint: ConfidentJoint,
}

/// What is said of the label of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankedLabel {
    /// The sample.
    pub example_id: i64,
    /// The label that it has: the id of its class.
    pub label: i32,
    /// The class of the largest probability, the label itself where the model agrees.
    pub suggested: i32,
    /// That probability.
    pub probability: f64,
    /// The lower, the likelier the label is wrong.
    pub score: f64,
    /// Whether the sample counts as an issue.
    pub is_issue: bool,
}

impl LabelIssues {
    /// The samples that count as issues, the most likely wrong label first.
    pub fn issues(&self) -> impl Iterator<Item = &RankedLabel> {
        self.samples.iter().filter(|sample| sample.is_issue)
    }

    /// Number of the samples that count as issues.
    #[must_use]
    pub fn count(&self) -> usize {
        self.issues().count()
    }
}

/// How many issues there are, by which score and filter, and what the model has learned by
/// heart.
impl Display for LabelIssues {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (issues, samples) = (self.count(), self.samples.len());
        let (why, filter) = (self.ranked_by(), self.filter.name());
        writeln!(
            f,
            "{issues} of {samples} labels are marked as issues ({filter})."
        )?;
        if self.void > 0 {
            writeln!(f, "{} more are void, and not judged.", self.void)?;
        }
        writeln!(f, "Ranked by {why}.")?;
        write!(f, "{}", self.memorization)
    }
}

/// Ranks all samples by a score and marks those that a filter takes for issues.
///
/// ```
/// use tlc_findings::label_issues::{Filter, Score, Slices, find};
///
/// let probabilities = [0.9_f32, 0.1, 0.8, 0.2, 0.2, 0.8, 0.1, 0.9, 0.95, 0.05];
/// let labels = [0, 0, 1, 1, 1]; // the last one looks wrong
/// let predictions = Slices::new(&labels, &probabilities, 2)?;
/// let issues = find(&predictions, Filter::default(), Score::default())?;
/// let ids: Vec<i64> = issues.issues().map(|sample| sample.example_id).collect();
/// assert_eq!((ids, issues.samples[0].suggested), (vec![4], 0));
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// [`Error::Label`](crate::Error::Label),
/// [`Error::Probability`](crate::Error::Probability),
/// [`Error::Shape`](crate::Error::Shape) for fewer than two classes;
/// [`Error::Changed`](crate::Error::Changed), and what the predictions report.
pub fn find(predictions: &impl Predictions, filter: Filter, score: Score) -> Result<LabelIssues> {
    let survey = survey(predictions, score)?;
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
    let memorization = match predictions.memorization()? {
        Some(memorization) => memorization,
        None => Memorization::new(vec![survey.fit()], false),
    };
    Ok(LabelIssues {
        samples: ranked(&survey, mask, |class| predictions.class_id(class as usize)),
        void: predictions.void(),
        filter,
        score,
        memorization,
        thresholds,
        joint,
    })
}

fn ranked(
    survey: &Survey,
    mask: impl Iterator<Item = bool>,
    class_id: impl Fn(u32) -> i32,
) -> Vec<RankedLabel> {
    let rows = survey.example_ids.iter().zip(&survey.labels);
    let predicted = survey.predicted.iter().zip(&survey.scores);
    let mut samples: Vec<RankedLabel> = rows
        .zip(predicted)
        .zip(mask)
        .map(
            |(((id, label), ((suggested, probability), score)), is_issue)| RankedLabel {
                example_id: *id,
                label: class_id(*label),
                suggested: class_id(*suggested),
                probability: *probability,
                score: *score,
                is_issue,
            },
        )
        .collect();
    samples.sort_by(|a, b| a.score.total_cmp(&b.score));
    samples
}

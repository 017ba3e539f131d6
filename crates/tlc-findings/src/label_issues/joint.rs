//! Confident learning: thresholds of the classes, and how many samples of each given
//! label are confidently of each class (Northcutt, Jiang and Chuang, 2021).

use super::Predictions;
use super::survey::{Replay, Survey, in_chunks};
use crate::Result;

/// Slack with which a probability reaches a threshold, and a label its prediction.
const SLACK: f64 = 1e-6;
/// A threshold that no probability reaches, for a class without samples.
const UNREACHABLE: f64 = 2.0;
/// Smallest threshold.
const SMALLEST: f64 = 2.0 * SLACK;

/// The sample is confidently of a class other than its label.
pub(super) const CONFIDENTLY_OTHER: u8 = 1;
/// The largest probability is that of another class.
pub(super) const PREDICTED_OTHER: u8 = 2;
/// The label has the largest probability, but for the slack.
pub(super) const NEARLY_PREDICTED: u8 = 4;

/// Counts `[classes, classes]`: given label by the class the samples confidently are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfidentJoint {
    classes: usize,
    counts: Vec<u64>,
}

impl ConfidentJoint {
    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many samples of a label are confidently of a class; 0 for no class.
    #[must_use]
    pub fn count(&self, label: usize, class: usize) -> u64 {
        let inside = label < self.classes && class < self.classes;
        let at = label * self.classes + class;
        inside
            .then(|| self.counts.get(at).copied())
            .flatten()
            .unwrap_or_default()
    }

    pub(super) fn from_rows(classes: usize, counts: Vec<u64>) -> Self {
        Self { classes, counts }
    }
}

/// The mean self-confidence of each class `[classes]`; 2 for a class without samples.
pub(super) fn thresholds(survey: &Survey) -> Vec<f64> {
    let classes = survey.sums.iter().zip(&survey.counts);
    let mean = |(sum, count): (&f64, &u64)| match count {
        0 => UNREACHABLE,
        count => (sum / *count as f64).max(SMALLEST),
    };
    classes.map(mean).collect()
}

/// The second reading: the uncalibrated counts, and flags for each sample.
pub(super) fn judge(
    predictions: &impl Predictions,
    labels: &[u32],
    thresholds: &[f64],
) -> Result<(ConfidentJoint, Vec<u8>)> {
    let classes = thresholds.len();
    let mut counts = vec![0_u64; classes * classes];
    let mut flags = Vec::with_capacity(labels.len());
    let mut replay = Replay::new(labels);
    predictions.for_each_batch(&mut |batch| {
        let labels = replay.next(batch.labels.len())?;
        let judged = in_chunks(labels, batch.probabilities, classes, |_, labels, rows| {
            let rows = labels.iter().zip(rows.chunks_exact(classes));
            Ok(rows
                .map(|(label, row)| judge_row(row, *label as usize, thresholds))
                .collect::<Vec<_>>())
        })?;
        for (label, (class, flag)) in labels.iter().zip(judged.into_iter().flatten()) {
            let cell = class.and_then(|class| counts.get_mut(*label as usize * classes + class));
            if let Some(cell) = cell {
                *cell += 1;
            }
            flags.push(flag);
        }
        Ok(())
    })?;
    replay.finish()?;
    for class in 0..classes {
        if let Some(cell) = counts.get_mut(class * classes + class) {
            *cell = (*cell).max(1);
        }
    }
    Ok((ConfidentJoint::from_rows(classes, counts), flags))
}

/// The class a row confidently is, if any, and its flags.
fn judge_row<P: Copy + Into<f64>>(
    row: &[P],
    label: usize,
    thresholds: &[f64],
) -> (Option<usize>, u8) {
    let (mut confident, mut first_confident) = (0, None);
    let (mut predicted, mut largest) = (0, f64::NEG_INFINITY);
    let (mut raised, mut largest_raised) = (0, f64::NEG_INFINITY);
    for (class, (p, threshold)) in row.iter().zip(thresholds).enumerate() {
        let p: f64 = (*p).into();
        if p >= threshold - SLACK {
            confident += 1;
            first_confident.get_or_insert(class);
        }
        if p > largest {
            (predicted, largest) = (class, p);
        }
        let p = if class == label { p + SLACK } else { p };
        if p > largest_raised {
            (raised, largest_raised) = (class, p);
        }
    }
    let class = if confident > 1 {
        Some(predicted)
    } else {
        first_confident
    };
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let flags = flag(class.is_some_and(|class| class != label), CONFIDENTLY_OTHER)
        | flag(predicted != label, PREDICTED_OTHER)
        | flag(raised == label, NEARLY_PREDICTED);
    (class, flags)
}

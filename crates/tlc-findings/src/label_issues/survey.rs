//! The first reading: labels are checked and counted, every sample gets its score.

use super::{Predictions, Score};
use crate::{Error, Result};
use rayon::prelude::*;

/// Rows that one thread works on at a time.
const CHUNK_ROWS: usize = 512;

/// What the first reading leaves of the predictions.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) labels: Vec<u32>,
    pub(super) self_confidence: Vec<f64>,
    pub(super) scores: Vec<f64>,
    /// Samples of each class.
    pub(super) counts: Vec<u64>,
    /// Sum of the self-confidence of each class.
    pub(super) sums: Vec<f64>,
}

/// The score of each sample, in order.
///
/// ```
/// use tlc_findings::label_issues::{Score, Slices, scores};
///
/// let probabilities = [0.9_f64, 0.1, 0.8, 0.2];
/// let predictions = Slices::new(&[0, 1], &probabilities, 2)?;
/// assert_eq!(scores(&predictions, Score::SelfConfidence)?, [0.9, 0.2]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// As [`find`](super::find).
pub fn scores(predictions: &impl Predictions, score: Score) -> Result<Vec<f64>> {
    survey(predictions, score).map(|Survey { scores, .. }| scores)
}

pub(super) fn survey(predictions: &impl Predictions, score: Score) -> Result<Survey> {
    let classes = predictions.classes();
    if classes < 2 {
        return Err(Error::Shape {
            what: "probabilities",
            expected: "[samples, 2 or more classes]".to_owned(),
            found: format!("[samples, {classes}]"),
        });
    }
    let mut survey = Survey {
        labels: Vec::new(),
        self_confidence: Vec::new(),
        scores: Vec::new(),
        counts: vec![0; classes],
        sums: vec![0.0; classes],
    };
    predictions.for_each_batch(&mut |labels, probabilities| {
        let first = survey.labels.len();
        let labels = checked_labels(labels, classes, first)?;
        let scored = in_chunks(&labels, probabilities, classes, |at, labels, rows| {
            scored_rows(labels, rows, classes, score, first + at)
        })?;
        for (self_confidence, scores) in scored {
            survey.self_confidence.extend(self_confidence);
            survey.scores.extend(scores);
        }
        survey.labels.extend(labels);
        Ok(())
    })?;
    for (label, self_confidence) in survey.labels.iter().zip(&survey.self_confidence) {
        if let Some(count) = survey.counts.get_mut(*label as usize) {
            *count += 1;
        }
        if let Some(sum) = survey.sums.get_mut(*label as usize) {
            *sum += self_confidence;
        }
    }
    Ok(survey)
}

/// Calls `work` with each chunk of a batch, in parallel: first row within the batch,
/// labels `[rows]`, probabilities `[rows, classes]`. Results are in order.
pub(super) fn in_chunks<P: Sync, R: Send>(
    labels: &[u32],
    probabilities: &[P],
    classes: usize,
    work: impl Fn(usize, &[u32], &[P]) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if labels.len().checked_mul(classes) != Some(probabilities.len()) {
        return Err(Error::Shape {
            what: "probabilities of a batch",
            expected: format!("[{}, {classes}] values", labels.len()),
            found: format!("{} values", probabilities.len()),
        });
    }
    let labels = labels.par_chunks(CHUNK_ROWS);
    let rows = probabilities.par_chunks(CHUNK_ROWS * classes);
    let chunks = labels.zip(rows).enumerate();
    chunks
        .map(|(chunk, (labels, rows))| work(chunk * CHUNK_ROWS, labels, rows))
        .collect()
}

/// Hands out the labels of a later reading, batch by batch, as they were in the first.
#[derive(Debug)]
pub(super) struct Replay<'a> {
    labels: &'a [u32],
    pub(super) read: usize,
}

impl<'a> Replay<'a> {
    pub(super) fn new(labels: &'a [u32]) -> Self {
        Self { labels, read: 0 }
    }

    pub(super) fn next(&mut self, rows: usize) -> Result<&'a [u32]> {
        let end = self.read + rows;
        let labels = self.labels.get(self.read..end);
        self.read = end;
        labels.ok_or(self.changed())
    }

    pub(super) fn finish(self) -> Result<()> {
        if self.read == self.labels.len() {
            return Ok(());
        }
        Err(self.changed())
    }

    fn changed(&self) -> Error {
        Error::Changed {
            before: self.labels.len(),
            now: self.read,
        }
    }
}

fn checked_labels(labels: &[i64], classes: usize, first: usize) -> Result<Vec<u32>> {
    let check = |(at, label): (usize, &i64)| {
        let valid = u32::try_from(*label).ok();
        let valid = valid.filter(|label| (*label as usize) < classes);
        valid.ok_or(Error::Label {
            row: first + at,
            label: *label,
            classes,
        })
    };
    labels.iter().enumerate().map(check).collect()
}

fn scored_rows<P: Copy + Into<f64>>(
    labels: &[u32],
    rows: &[P],
    classes: usize,
    score: Score,
    first: usize,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut self_confidence = Vec::with_capacity(labels.len());
    let mut scores = Vec::with_capacity(labels.len());
    for (at, (label, row)) in labels.iter().zip(rows.chunks_exact(classes)).enumerate() {
        check_probabilities(row, first + at)?;
        self_confidence.push(Score::SelfConfidence.of(row, *label as usize));
        scores.push(score.of(row, *label as usize));
    }
    Ok((self_confidence, scores))
}

fn check_probabilities<P: Copy + Into<f64>>(row: &[P], number: usize) -> Result<()> {
    let values = row.iter().map(|p| (*p).into()).enumerate();
    let mut bad = values.filter(|(_, value)| !(0.0..=1.0).contains(value));
    match bad.next() {
        None => Ok(()),
        Some((class, value)) => Err(Error::Probability {
            row: number,
            class,
            value,
        }),
    }
}

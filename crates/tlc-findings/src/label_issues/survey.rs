//! The first reading: labels are checked and counted, every sample gets its score.

use super::memorization::{Agreement, Fit};
use super::predictions::{Batch, Predictions, check_probabilities};
use super::score::Score;
use crate::{Error, Ranking, Result};
use rayon::prelude::*;

/// Rows that one thread works on at a time.
const CHUNK_ROWS: usize = 512;

/// What the first reading leaves of the predictions.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) example_ids: Vec<i64>,
    pub(super) labels: Vec<u32>,
    /// The class of the largest probability, and that probability.
    pub(super) predicted: Vec<(u32, f64)>,
    pub(super) self_confidence: Vec<f64>,
    pub(super) scores: Vec<f64>,
    /// Samples of each class.
    pub(super) counts: Vec<u64>,
    /// Sum of the self-confidence of each class.
    pub(super) sums: Vec<f64>,
}

impl Survey {
    /// How well the predictions agree with the labels.
    pub(super) fn fit(&self) -> Fit {
        let mut train = Agreement::default();
        let rows = self.labels.iter().zip(&self.predicted);
        for ((label, (class, _)), confidence) in rows.zip(&self.self_confidence) {
            train.add(class == label, *confidence);
        }
        Fit {
            epoch: None,
            train,
            held_out: None,
        }
    }
}

/// Ranks all samples by a score, without looking for issues.
///
/// ```
/// use tlc_findings::label_issues::{Score, Slices, rank};
///
/// let probabilities = [0.9_f64, 0.1, 0.8, 0.2];
/// let predictions = Slices::new(&[0, 1], &probabilities, 2)?;
/// let ranking = rank(&predictions, Score::SelfConfidence)?;
/// assert_eq!((ranking.scores(), ranking.ranked()), (&[0.9, 0.2][..], vec![1, 0]));
/// # Ok::<(), tlc_findings::Error>(())
/// ```
///
/// # Errors
/// As [`find`](super::find); [`Error::Repeated`] for a sample that comes twice.
pub fn rank(predictions: &impl Predictions, score: Score) -> Result<Ranking> {
    let survey = survey(predictions, score)?;
    Ranking::new(survey.example_ids, survey.scores)
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
        example_ids: Vec::new(),
        labels: Vec::new(),
        predicted: Vec::new(),
        self_confidence: Vec::new(),
        scores: Vec::new(),
        counts: vec![0; classes],
        sums: vec![0.0; classes],
    };
    predictions.for_each_batch(&mut |batch| {
        let labels = checked_labels(&batch, classes)?;
        let scored = in_chunks(&labels, batch.probabilities, classes, |at, labels, rows| {
            let ids = batch.example_ids.get(at..).unwrap_or_default();
            scored_rows(ids, labels, rows, score)
        })?;
        for scored in scored.into_iter().flatten() {
            survey.self_confidence.push(scored.self_confidence);
            survey.scores.push(scored.score);
            survey.predicted.push(scored.predicted);
        }
        if let (Score::SelfConfidence, Some(given)) = (score, batch.self_confidence) {
            let first = survey.example_ids.len();
            for (score, given) in survey.scores.iter_mut().skip(first).zip(given) {
                *score = *given;
            }
        }
        survey.example_ids.extend(batch.example_ids);
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

fn checked_labels<P>(batch: &Batch<'_, P>, classes: usize) -> Result<Vec<u32>> {
    let rows = batch.labels.len();
    let confidences = batch.self_confidence.map_or(rows, <[f64]>::len);
    for (what, found) in [
        ("example ids of a batch", batch.example_ids.len()),
        ("self-confidences of a batch", confidences),
    ] {
        if found != rows {
            return Err(Error::Shape {
                what,
                expected: format!("[{rows}]"),
                found: format!("[{found}]"),
            });
        }
    }
    let check = |(id, label): (&i64, &i64)| {
        let valid = u32::try_from(*label).ok();
        let valid = valid.filter(|label| (*label as usize) < classes);
        valid.ok_or(Error::Label {
            example_id: *id,
            label: *label,
            classes,
        })
    };
    let rows = batch.example_ids.iter().zip(batch.labels);
    rows.map(check).collect()
}

struct Scored {
    self_confidence: f64,
    score: f64,
    predicted: (u32, f64),
}

fn scored_rows<P: Copy + Into<f64>>(
    ids: &[i64],
    labels: &[u32],
    rows: &[P],
    score: Score,
) -> Result<Vec<Scored>> {
    let classes = rows.len() / labels.len().max(1);
    let rows = labels.iter().zip(rows.chunks_exact(classes.max(1)));
    let scored = rows.zip(ids).map(|((label, row), id)| {
        check_probabilities(row, *id)?;
        Ok(Scored {
            self_confidence: Score::SelfConfidence.of(row, *label as usize),
            score: score.of(row, *label as usize),
            predicted: largest(row),
        })
    });
    scored.collect()
}

/// The first class of the largest probability, and that probability.
fn largest<P: Copy + Into<f64>>(row: &[P]) -> (u32, f64) {
    let classes = (0..).zip(row.iter().map(|p| (*p).into()));
    classes.fold((0, f64::NEG_INFINITY), |best, (class, p)| {
        if p > best.1 { (class, p) } else { best }
    })
}

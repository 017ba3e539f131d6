//! The filters that take a number of samples: those of smallest self-confidence, and
//! those of largest margin.

use super::Predictions;
use super::calibrate::prune_counts;
use super::joint::ConfidentJoint;
use super::survey::{Replay, Survey, in_chunks};
use crate::Result;
use std::cmp::Ordering;

/// Of each label, the samples of smallest self-confidence.
pub(super) fn by_class(survey: &Survey, joint: &ConfidentJoint) -> Vec<bool> {
    let numbers = survey.counts.iter().enumerate().map(|(label, count)| {
        let kept = prune_counts(joint, label).get(label).copied();
        match *count > 1 {
            true => count.saturating_sub(kept.unwrap_or_default()),
            false => 0,
        }
    });
    let mut smallest: Vec<Smallest> = numbers.map(Smallest::new).collect();
    let rows = survey.labels.iter().zip(&survey.self_confidence);
    for (row, (label, self_confidence)) in rows.enumerate() {
        if let Some(smallest) = smallest.get_mut(*label as usize) {
            smallest.push(*self_confidence, row);
        }
    }
    mask(survey.labels.len(), smallest)
}

/// Of each label and other class, the samples whose probability of the class is most
/// above that of the label: the third reading.
pub(super) fn by_noise_rate(
    predictions: &impl Predictions,
    survey: &Survey,
    joint: &ConfidentJoint,
) -> Result<Vec<bool>> {
    let classes = joint.classes();
    let mut smallest = Vec::with_capacity(classes * classes);
    for (label, count) in survey.counts.iter().enumerate() {
        let numbers = prune_counts(joint, label).into_iter().enumerate();
        smallest.extend(numbers.map(|(class, number)| {
            let prunes = *count > 1 && class != label;
            Smallest::new(if prunes { number } else { 0 })
        }));
    }
    let mut replay = Replay::new(&survey.labels);
    predictions.for_each_batch(&mut |batch| {
        let first = replay.read;
        let labels = replay.next(batch.labels.len())?;
        let candidates = in_chunks(labels, batch.probabilities, classes, |at, labels, rows| {
            Ok(candidates(labels, rows, &smallest, first + at))
        })?;
        for (cell, value, row) in candidates.into_iter().flatten() {
            if let Some(smallest) = smallest.get_mut(cell) {
                smallest.push(value, row);
            }
        }
        Ok(())
    })?;
    replay.finish()?;
    Ok(mask(survey.labels.len(), smallest))
}

/// Cell, negated margin and row of each sample that may be among the smallest of a cell.
fn candidates<P: Copy + Into<f64>>(
    labels: &[u32],
    rows: &[P],
    smallest: &[Smallest],
    first: usize,
) -> Vec<(usize, f64, usize)> {
    let classes = rows.len() / labels.len().max(1);
    let mut found = Vec::new();
    for (at, (label, row)) in labels.iter().zip(rows.chunks_exact(classes)).enumerate() {
        let start = *label as usize * classes;
        let given: f64 = row.get(*label as usize).map_or(0.0, |p| (*p).into());
        let cells = smallest.iter().skip(start).zip(row).enumerate();
        for (class, (smallest, p)) in cells {
            let value = -((*p).into() - given);
            if smallest.may_take(value, first + at) {
                found.push((start + class, value, first + at));
            }
        }
    }
    found
}

fn mask(samples: usize, smallest: Vec<Smallest>) -> Vec<bool> {
    let mut mask = vec![false; samples];
    for row in smallest.into_iter().flat_map(Smallest::into_rows) {
        if let Some(pruned) = mask.get_mut(row) {
            *pruned = true;
        }
    }
    mask
}

/// The `number` smallest of the values pushed, of equal ones those of smaller row.
#[derive(Debug)]
struct Smallest {
    number: usize,
    /// At most twice `number`, so that taking the smallest costs little for each.
    entries: Vec<(f64, usize)>,
    /// The largest of the smallest so far: nothing above it counts.
    limit: Option<(f64, usize)>,
}

impl Smallest {
    fn new(number: u64) -> Self {
        Self {
            number: usize::try_from(number).unwrap_or(usize::MAX),
            entries: Vec::new(),
            limit: None,
        }
    }

    fn may_take(&self, value: f64, row: usize) -> bool {
        let entry = (value, row);
        self.number > 0 && self.limit.is_none_or(|limit| order(&entry, &limit).is_lt())
    }

    fn push(&mut self, value: f64, row: usize) {
        if !self.may_take(value, row) {
            return;
        }
        self.entries.push((value, row));
        if self.entries.len() >= self.number.saturating_mul(2) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.entries.len() > self.number {
            self.entries.select_nth_unstable_by(self.number, order);
            self.entries.truncate(self.number);
        }
        if self.entries.len() == self.number {
            self.limit = self.entries.iter().copied().max_by(order);
        }
    }

    fn into_rows(mut self) -> impl Iterator<Item = usize> {
        self.shrink();
        self.entries.into_iter().map(|(_, row)| row)
    }
}

fn order(a: &(f64, usize), b: &(f64, usize)) -> Ordering {
    // 0 and -0 are equal margins.
    let values = a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal);
    values.then(a.1.cmp(&b.1))
}

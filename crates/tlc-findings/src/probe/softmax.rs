//! Multinomial logistic regression on the training part of a fold: its loss and gradient,
//! and the probabilities it gives.

use super::features::{Features, Moments};
use super::folds::Folds;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Rows of one product.
const BLOCK_ROWS: usize = 512;
/// Parts of the rows that are summed side by side, each in order: as many whatever the
/// number of threads, so that sums are the same.
const LANES: usize = 16;
/// Products are made of no fewer classes than this, some without weights: of fewer, `nalgebra`
/// makes them vector by vector.
const NARROWEST: usize = 6;
/// A probability counts as no less than this in the loss of samples that were held out.
const SMALLEST: f64 = 1e-15;

/// One fold: what is fitted on, and what is held out.
#[derive(Debug)]
pub(super) struct Part<'a> {
    features: &'a Features,
    /// Place of the label of each row, in order of the folds, among the classes to fit.
    places: Vec<Option<u32>>,
    /// The classes to fit: those that the training part has.
    classes: Vec<usize>,
    training: [Range<usize>; 2],
    pub(super) held_out: Range<usize>,
    /// Of the training part, as `features` are.
    moments: Moments,
    /// Of the training part, as the features were given.
    pub(super) given: Moments,
}

impl<'a> Part<'a> {
    /// Labels are those of the rows as they were given.
    pub(super) fn new(features: &'a Features, folds: &Folds, fold: usize, labels: &[u32]) -> Self {
        let start = |fold: usize| folds.starts.get(fold).copied().unwrap_or_default();
        let held_out = start(fold)..start(fold + 1);
        let training = [0..held_out.start, held_out.end..folds.order.len()];
        let ordered = folds.order.iter().map(|row| labels.get(*row).copied());
        let ordered: Vec<u32> = ordered.map(Option::unwrap_or_default).collect();
        let seen = training.iter().flat_map(|part| ordered.get(part.clone()));
        let seen: BTreeSet<u32> = seen.flatten().copied().collect();
        let places: BTreeMap<u32, u32> = seen.iter().copied().zip(0..).collect();
        let (moments, given) = features.moments(&training);
        Self {
            features,
            places: ordered
                .iter()
                .map(|label| places.get(label).copied())
                .collect(),
            classes: seen.into_iter().map(|class| class as usize).collect(),
            training,
            held_out,
            moments,
            given,
        }
    }

    /// The classes to fit, ascending.
    pub(super) fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// Weights `[classes, dim]`, then intercepts `[classes]`, all 0.
    pub(super) fn zeros(&self) -> Vec<f64> {
        vec![0.0; self.classes.len() * (self.features.dim() + 1)]
    }

    /// The mean loss of the training part with the penalty that `c` gives, and its gradient.
    pub(super) fn loss(&self, weights: &[f64], c: f64) -> (f64, Vec<f64>) {
        let scores = self.scores(weights);
        let parts = self.training.iter();
        let blocks: Vec<Range<usize>> = parts.flat_map(blocks).collect();
        let lanes = blocks.par_chunks(blocks.len().div_ceil(LANES).max(1));
        let lanes: Vec<Sums> = lanes.map(|blocks| self.sums(&scores, blocks)).collect();
        let mut lanes = lanes.into_iter();
        let mut sums = lanes.next().unwrap_or_default();
        lanes.for_each(|lane| sums.add(&lane));
        self.penalised(weights, c, sums)
    }

    /// The probabilities `[rows, classes]` of what is held out, of the classes to fit, and
    /// the sum of its losses.
    pub(super) fn held_out(&self, weights: &[f64]) -> (Vec<f32>, f64) {
        let scores = self.scores(weights);
        let blocks: Vec<Range<usize>> = blocks(&self.held_out).collect();
        let of_block = |rows: &Range<usize>| {
            let mut values = scores.of(self.features, rows);
            let mut probabilities = Vec::with_capacity(rows.len() * scores.len());
            let mut loss = 0.0;
            for (row, at) in scores.rows(&mut values).zip(rows.clone()) {
                let sum = exponentials(row);
                let place = self.places.get(at).copied().flatten();
                let own = place.and_then(|place| row.get(place as usize));
                let own = own.map_or(0.0, |value| f64::from(*value / sum));
                loss -= own.max(SMALLEST).ln();
                probabilities.extend(row.iter().map(|value| *value / sum));
            }
            (probabilities, loss)
        };
        let done: Vec<(Vec<f32>, f64)> = blocks.par_iter().map(of_block).collect();
        let loss = done.iter().map(|(_, loss)| loss).sum();
        (
            done.into_iter().flat_map(|(values, _)| values).collect(),
            loss,
        )
    }

    /// The weights as the features are kept: a feature is not centred and scaled again.
    fn scores(&self, weights: &[f64]) -> Scores {
        let (dim, classes) = (self.features.dim(), self.classes.len());
        let (weights, intercepts) = weights.split_at_checked(classes * dim).unwrap_or_default();
        let scaled = weights.chunks_exact(dim).map(|class| {
            let scaled = class.iter().zip(&self.moments.scale).map(|(w, s)| w / s);
            scaled.collect::<Vec<f64>>()
        });
        let scaled: Vec<Vec<f64>> = scaled.collect();
        let shifted = scaled.iter().zip(intercepts).map(|(class, intercept)| {
            let shift = class
                .iter()
                .zip(&self.moments.mean)
                .map(|(w, mean)| w * mean);
            (intercept - shift.sum::<f64>()) as f32
        });
        let intercepts = shifted.collect();
        let narrow = scaled.iter().flatten().map(|weight| *weight as f32);
        let narrow = narrow.chain(std::iter::repeat(0.0));
        Scores {
            weights: DMatrix::from_row_iterator(classes.max(NARROWEST), dim, narrow),
            intercepts,
        }
    }

    fn sums(&self, scores: &Scores, blocks: &[Range<usize>]) -> Sums {
        let (dim, classes) = (self.features.dim(), scores.len());
        let mut sums = Sums::new(dim, classes);
        let mut products = DMatrix::<f32>::zeros(dim, scores.weights.nrows());
        for rows in blocks {
            let mut residuals = scores.of(self.features, rows);
            for (row, at) in scores.rows(&mut residuals).zip(rows.clone()) {
                let place = self.places.get(at).copied().flatten().unwrap_or_default();
                let place = place as usize;
                let own = row.get(place).copied().unwrap_or_default();
                let largest = largest(row);
                let sum = exponentials(row);
                sums.loss += f64::from(sum).ln() + f64::from(largest - own);
                row.iter_mut().for_each(|value| *value /= sum);
                if let Some(own) = row.get_mut(place) {
                    *own -= 1.0;
                }
                for (sum, residual) in sums.intercepts.iter_mut().zip(&*row) {
                    *sum += f64::from(*residual);
                }
            }
            let vectors = self.features.rows(rows);
            let vectors = DMatrixView::from_slice(vectors, dim, rows.len());
            products.gemm(1.0, &vectors, &residuals.transpose(), 0.0);
            for (sum, product) in sums.weights.iter_mut().zip(products.as_slice()) {
                *sum += f64::from(*product);
            }
        }
        sums
    }

    /// Means of the sums, for weights of standardised features, with the penalty.
    fn penalised(&self, weights: &[f64], c: f64, sums: Sums) -> (f64, Vec<f64>) {
        let (dim, classes) = (self.features.dim(), self.classes.len());
        let rows: usize = self.training.iter().map(Range::len).sum();
        let (share, penalty) = (1.0 / rows as f64, 1.0 / (c * rows as f64));
        let mut gradient = Vec::with_capacity(weights.len());
        let mut squares = 0.0;
        let all = sums.weights.chunks_exact(dim).zip(&sums.intercepts);
        for ((sums, intercept), weights) in all.zip(weights.chunks_exact(dim)) {
            let moments = self.moments.mean.iter().zip(&self.moments.scale);
            for ((sum, weight), (mean, scale)) in sums.iter().zip(weights).zip(moments) {
                gradient.push((sum - mean * intercept) / scale * share + penalty * weight);
                squares += weight * weight;
            }
        }
        gradient.extend(sums.intercepts.iter().take(classes).map(|sum| sum * share));
        (sums.loss * share + penalty / 2.0 * squares, gradient)
    }
}

/// Weights and intercepts of features as they are kept.
struct Scores {
    /// `[classes, dim]`, with those of no class.
    weights: DMatrix<f32>,
    intercepts: Vec<f32>,
}

impl Scores {
    fn len(&self) -> usize {
        self.intercepts.len()
    }

    /// Of some rows, `[classes, rows]`, with those of no class, which are 0.
    fn of(&self, features: &Features, rows: &Range<usize>) -> DMatrix<f32> {
        let vectors = DMatrixView::from_slice(features.rows(rows), features.dim(), rows.len());
        let mut scores = DMatrix::zeros(self.weights.nrows(), rows.len());
        scores.gemm(1.0, &self.weights, &vectors, 0.0);
        for row in self.rows(&mut scores) {
            for (score, intercept) in row.iter_mut().zip(&self.intercepts) {
                *score += intercept;
            }
        }
        scores
    }

    /// The values of the classes for each row.
    fn rows<'a>(
        &self,
        values: &'a mut DMatrix<f32>,
    ) -> impl Iterator<Item = &'a mut [f32]> + use<'a> {
        let (all, classes) = (self.weights.nrows(), self.len());
        let rows = values.as_mut_slice().chunks_exact_mut(all);
        rows.map(move |row| row.get_mut(..classes).unwrap_or_default())
    }
}

/// Sums over rows.
#[derive(Debug, Default)]
struct Sums {
    loss: f64,
    /// Of residual times feature, `[classes, dim]`.
    weights: Vec<f64>,
    /// Of residuals, `[classes]`.
    intercepts: Vec<f64>,
}

impl Sums {
    fn new(dim: usize, classes: usize) -> Self {
        Self {
            loss: 0.0,
            weights: vec![0.0; dim * classes],
            intercepts: vec![0.0; classes],
        }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        let weights = self.weights.iter_mut().zip(&other.weights);
        let intercepts = self.intercepts.iter_mut().zip(&other.intercepts);
        weights.chain(intercepts).for_each(|(a, b)| *a += b);
    }
}

fn blocks(rows: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
    let end = rows.end;
    let starts = rows.clone().step_by(BLOCK_ROWS);
    starts.map(move |start| start..end.min(start + BLOCK_ROWS))
}

fn largest(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// Puts exponentials in the place of scores, 1 for the largest, and gives their sum.
fn exponentials(row: &mut [f32]) -> f32 {
    let largest = largest(row);
    row.iter_mut()
        .for_each(|score| *score = (*score - largest).exp());
    row.iter().sum()
}

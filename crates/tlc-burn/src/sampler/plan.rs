//! The rows of an epoch.

use super::chosen::{Order, Sampler};
use super::weights::Weights;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// Rows of an epoch, so that nobody fills the memory by a weight.
const MOST_ROWS: usize = u32::MAX as usize;
/// By how much sums of weights that were 32-bit floats may be above what was meant.
const ROUNDING: f64 = 1e-6;

/// What each epoch reads, given its number: nothing else changes it.
#[derive(Debug)]
pub(super) struct Plan {
    rows: Vec<usize>,
    reading: Reading,
    len: usize,
    seed: u64,
}

#[derive(Debug)]
enum Reading {
    InOrder,
    Shuffled,
    Drawn(WeightedIndex<f64>),
    Repeated {
        /// Of each row its weight.
        weights: Vec<f64>,
        /// For what the number of rows of an epoch is more than the weights.
        drawn: WeightedIndex<f64>,
    },
}

impl Plan {
    /// What the sampler reads, of as many rows as are to choose from.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(sampler: &Sampler, weights: Weights, rows: usize) -> Result<Self, String> {
        let Weights {
            rows: kept,
            weights,
        } = weights;
        // In proportion to the largest, so that the sum of any is finite.
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let chances = weights.iter().map(|weight| weight / largest);
        let drawn = || WeightedIndex::new(chances.clone()).map_err(|error| error.to_string());
        let (reading, len) = match (sampler.order, sampler.rows_per_epoch) {
            (Order::Weighted, draws) => (Reading::Drawn(drawn()?), draws.unwrap_or(rows)),
            (_, Some(_)) => {
                return Err("`rows_per_epoch` is for `Sampler::weighted` alone".to_owned());
            }
            (Order::Random, None) => (Reading::Shuffled, kept.len()),
            (Order::Sequential, None) => (Reading::InOrder, kept.len()),
            (Order::Repeated, None) => {
                let sum: f64 = weights.iter().sum();
                let len = (sum * (1.0 - ROUNDING)).ceil();
                let whole: f64 = weights.iter().map(|weight| weight.floor()).sum();
                if len.max(whole) > MOST_ROWS as f64 {
                    return Err(format!(
                        "an epoch would have {sum} rows, the sum of the weights: make them smaller"
                    ));
                }
                let drawn = drawn()?;
                (
                    Reading::Repeated { weights, drawn },
                    len.max(whole) as usize,
                )
            }
        };
        match len {
            0 => Err("an epoch would have no row".to_owned()),
            len if len > MOST_ROWS => Err(format!("an epoch would have {len} rows, too many")),
            len => Ok(Self {
                rows: kept,
                reading,
                len,
                seed: sampler.seed,
            }),
        }
    }

    /// Number of rows of an epoch.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The rows of an epoch, in the order in which they are read.
    pub(super) fn epoch(&self, number: u64) -> Vec<usize> {
        let mut random = random(self.seed, number);
        let row = |place: usize| self.rows.get(place).copied().unwrap_or(usize::MAX);
        match &self.reading {
            Reading::InOrder => self.rows.clone(),
            Reading::Shuffled => {
                let mut rows = self.rows.clone();
                rows.shuffle(&mut random);
                rows
            }
            Reading::Drawn(drawn) => (0..self.len)
                .map(|_| row(drawn.sample(&mut random)))
                .collect(),
            Reading::Repeated { weights, drawn } => {
                let mut places = Vec::with_capacity(self.len);
                for (place, weight) in weights.iter().enumerate() {
                    places.extend(std::iter::repeat_n(place, weight.floor() as usize));
                }
                self.add_parts(weights, &mut places, &mut random);
                while places.len() < self.len {
                    places.push(drawn.sample(&mut random));
                }
                places.shuffle(&mut random);
                places.into_iter().map(row).collect()
            }
        }
    }

    /// Adds rows for the parts of their weights that are not whole, each at most once and with
    /// the chance of its part, and as many in all as the parts are to less than one: systematic
    /// sampling (Madow, *On the theory of systematic sampling, II*, 1949) in a random order.
    fn add_parts(&self, weights: &[f64], places: &mut Vec<usize>, random: &mut StdRng) {
        let parts = weights.iter().map(|weight| weight.fract()).enumerate();
        let mut parts: Vec<(usize, f64)> = parts.filter(|(_, part)| *part > 0.0).collect();
        parts.shuffle(random);
        let (mut until, mut next) = (0.0, random.random::<f64>());
        for (place, part) in parts {
            until += part;
            if next < until && places.len() < self.len {
                places.push(place);
                next += 1.0;
            }
        }
    }
}

/// Random numbers of an epoch of a seed.
fn random(seed: u64, epoch: u64) -> StdRng {
    let mut bytes = [0; 32];
    for (byte, value) in bytes
        .iter_mut()
        .zip(seed.to_le_bytes().into_iter().chain(epoch.to_le_bytes()))
    {
        *byte = value;
    }
    StdRng::from_seed(bytes)
}

//! The tokens of sequences on the host, and what they say of each sequence.

use super::lists;
use crate::Result;
use std::sync::Arc;
use tlc_core::Columns;
use tlc_core::arrow::array::{ArrayRef, Float32Array};

/// Tokens that count, sequence after sequence.
#[derive(Default)]
pub(super) struct Tokens {
    losses: Vec<f32>,
    predicted: Vec<i32>,
    sequences: Vec<Sums>,
}

/// The sums over a sequence.
#[derive(Default)]
struct Sums {
    tokens: usize,
    right: usize,
    loss: f64,
}

impl Tokens {
    /// The tokens that are added from here on are of the next sequence.
    pub(super) fn begin_sequence(&mut self) {
        self.sequences.push(Sums::default());
    }

    pub(super) fn add(&mut self, loss: f32, predicted: i32, right: bool) {
        self.losses.push(loss);
        self.predicted.push(predicted);
        if let Some(sums) = self.sequences.last_mut() {
            sums.tokens += 1;
            sums.right += usize::from(right);
            sums.loss += f64::from(loss);
        }
    }

    pub(super) fn into_columns(self, collector: &str) -> Result<Columns> {
        let of_each = |value: fn(&Sums) -> Option<f64>| -> ArrayRef {
            let values = self.sequences.iter().map(value);
            let narrow = values.map(|value| value.map(|value| value as f32));
            Arc::new(narrow.collect::<Float32Array>())
        };
        let columns = Columns::new()
            .column("loss", of_each(Sums::loss))
            .column("perplexity", of_each(|sums| sums.loss().map(f64::exp)))
            .column("accuracy", of_each(Sums::accuracy));
        let lengths = || self.sequences.iter().map(|sums| sums.tokens);
        let tokens = lengths().map(|tokens| i64::try_from(tokens).unwrap_or(i64::MAX));
        let tokens: Vec<i64> = tokens.collect();
        let losses = lists::open(collector, self.losses, lengths())?;
        let predicted = lists::open(collector, self.predicted, lengths())?;
        Ok(columns
            .column("tokens", tokens)
            .column("token_loss", losses)
            .column("token_predicted", predicted))
    }
}

impl Sums {
    fn loss(&self) -> Option<f64> {
        self.mean(self.loss)
    }

    fn accuracy(&self) -> Option<f64> {
        self.mean(self.right as f64)
    }

    /// The mean over tokens; there is none where there is no token.
    fn mean(&self, sum: f64) -> Option<f64> {
        (self.tokens > 0).then(|| sum / self.tokens as f64)
    }
}

//! Statistics of numbers.

use super::histogram::Apart;
use crate::{Column, Filtered, Mask, Result};
use serde::Serialize;

/// What the finite values of a column are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// How many there are.
    pub count: u64,
    /// Rows that have none.
    pub apart: Apart,
    /// The least; `None`, as the following, if there is no finite value.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// The standard deviation of a whole population: the root of the mean squared distance
    /// from the mean.
    pub std: Option<f64>,
    /// Where so many of them are below.
    pub quantiles: Option<Quantiles>,
}

/// Quantiles, between two values interpolated linearly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[allow(missing_docs)] // the names say it
pub struct Quantiles {
    pub p05: f64,
    pub p25: f64,
    pub median: f64,
    pub p75: f64,
    pub p95: f64,
}

impl Filtered {
    /// Statistics of a column of numbers over the rows that pass.
    ///
    /// # Errors
    /// As [`histogram`](Self::histogram).
    pub fn statistics(&self, column: &str) -> Result<Statistics> {
        let column = self.view().column(column)?;
        column.require_numbers()?;
        Ok(Statistics::of(&column, self.mask()))
    }
}

impl Statistics {
    /// Over rows of a column.
    pub(crate) fn of(column: &Column, mask: &Mask) -> Self {
        let numbers = column.numbers();
        let (values, apart) = mask.fold(
            || (Vec::new(), Apart::default()),
            |(values, apart), row| apart.add(numbers(row), values),
            |(mut values, one), (others, other)| {
                values.extend(others);
                (values, one.with(other))
            },
        );
        Self::of_values(values, apart)
    }

    /// Over some rows of a column.
    pub(crate) fn of_rows(column: &Column, rows: impl Iterator<Item = usize>) -> Self {
        let mut values = Vec::new();
        let mut apart = Apart::default();
        let numbers = column.numbers();
        rows.for_each(|row| apart.add(numbers(row), &mut values));
        Self::of_values(values, apart)
    }

    fn of_values(mut values: Vec<f64>, apart: Apart) -> Self {
        let moments = Moments::of(&values);
        Self {
            count: values.len() as u64,
            apart,
            min: values.iter().copied().reduce(f64::min),
            max: values.iter().copied().reduce(f64::max),
            mean: moments.map(|moments| moments.mean),
            std: moments.map(|moments| moments.variance.sqrt()),
            quantiles: Quantiles::of(&mut values),
        }
    }
}

impl Apart {
    /// Counts a value, or takes it among the finite ones.
    fn add(&mut self, value: Option<f64>, finite: &mut Vec<f64>) {
        match value {
            None => self.missing += 1,
            Some(value) if value.is_nan() => self.nan += 1,
            Some(f64::INFINITY) => self.infinity += 1,
            Some(f64::NEG_INFINITY) => self.minus_infinity += 1,
            Some(value) => finite.push(value),
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            missing: self.missing + other.missing,
            nan: self.nan + other.nan,
            infinity: self.infinity + other.infinity,
            minus_infinity: self.minus_infinity + other.minus_infinity,
            outside: self.outside + other.outside,
        }
    }
}

#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        // Each part divided, since the sum of finite numbers may be none.
        let mean: f64 = values.iter().map(|value| value / count).sum();
        let variance = values
            .iter()
            .map(|value| (value - mean).powi(2) / count)
            .sum();
        Some(Self { mean, variance })
    }
}

impl Quantiles {
    /// Of finite values, which come out in another order.
    fn of(values: &mut [f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let mut at = |share: f64| quantile(values, share);
        Some(Self {
            p05: at(0.05),
            p25: at(0.25),
            median: at(0.5),
            p75: at(0.75),
            p95: at(0.95),
        })
    }
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * (values.len().saturating_sub(1)) as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a place among them
    let below = place.floor() as usize;
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().reduce(f64::min).unwrap_or(*low);
    let part = place - place.floor();
    *low * (1.0 - part) + high * part
}

//! The bins of a histogram.

use crate::column::{Number, with_numbers};
use crate::{Column, Error, Result};
use tlc_core::arrow::array::Array;

/// More bins than a screen has columns show nothing more.
const MOST_BINS: usize = 4_096;
const USUAL_BINS: usize = 40;
const LAST_EXACT: f64 = 9_007_199_254_740_992.0;

/// How a histogram is divided: bins of one width over all finite values, or a part of them.
/// Whole numbers, if they are few, have a bin each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    count: usize,
    range: Option<(f64, f64)>,
}

impl Default for Bins {
    fn default() -> Self {
        Self::new(USUAL_BINS)
    }
}

impl Bins {
    /// At most so many bins over all finite values; 40 by default.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, range: None }
    }

    /// Bins from `min` to `max` only, both among them.
    #[must_use]
    pub fn between(mut self, min: f64, max: f64) -> Self {
        self.range = Some((min, max));
        self
    }

    /// The edges of the bins of a column, one more than there are bins.
    pub(super) fn edges(&self, column: &Column) -> Result<Vec<f64>> {
        if !(1..=MOST_BINS).contains(&self.count) {
            return Err(Error::Setting {
                setting: "bins",
                expected: "1 to 4,096",
                found: self.count.to_string(),
            });
        }
        let Some((min, max)) = self.range.or_else(|| finite_range(column)) else {
            return Ok(Vec::new());
        };
        if !(min.is_finite() && max.is_finite() && min <= max) {
            return Err(Error::Setting {
                setting: "range of the bins",
                expected: "two finite numbers in order",
                found: format!("{min} to {max}"),
            });
        }
        // Beyond these a 64-bit float does not hold every whole number.
        let is_exact = min >= -LAST_EXACT && max <= LAST_EXACT;
        let is_whole = is_exact && !column.values().data_type().is_floating();
        Ok(match is_whole && max - min < self.count as f64 {
            true => each_number(min.floor(), max.ceil()),
            false => even(min, max, self.count),
        })
    }
}

/// A bin around each whole number.
fn each_number(min: f64, max: f64) -> Vec<f64> {
    let steps = std::iter::successors(Some(min), |number| Some(number + 1.0));
    let numbers = steps.take_while(|number| *number <= max);
    let edges = numbers.map(|number| number - 0.5);
    edges.chain([max + 0.5]).collect()
}

fn even(min: f64, max: f64, count: usize) -> Vec<f64> {
    if min == max {
        return vec![min, max];
    }
    // Shares of both, since the difference of two finite numbers may be none.
    let edge = |bin: usize| {
        let share = bin as f64 / count as f64;
        min * (1.0 - share) + max * share
    };
    (0..count).map(edge).chain([max]).collect()
}

/// The least and the greatest finite value.
fn finite_range(column: &Column) -> Option<(f64, f64)> {
    let (values, is_valid) = (column.values(), column.validity());
    let merge = |one: Option<(f64, f64)>, value: f64| {
        let (min, max) = one.unwrap_or((value, value));
        Some((min.min(value), max.max(value)))
    };
    let range = with_numbers!(values, |numbers| {
        let there = numbers.iter().enumerate();
        let there = there.filter(|(row, _)| is_valid(*row));
        let finite = there
            .map(|(_, value)| value.to_f64())
            .filter(|value| value.is_finite());
        finite.fold(None, merge)
    });
    range.unwrap_or_else(|| {
        let numbers = (0..column.len()).filter_map(column.numbers());
        numbers.fold(None, merge)
    })
}

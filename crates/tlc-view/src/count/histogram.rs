//! Histograms of numbers.

use super::bins::Bins;
use crate::codes::Codes;
use crate::{Column, Filtered, Result};
use serde::Serialize;
use std::sync::Arc;

/// How many rows have a value in each bin: of all rows, and of those that pass all filters
/// but those on the column itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Histogram {
    /// One more than there are bins; a bin has its lower edge, the last one its upper, too.
    pub edges: Vec<f64>,
    /// All rows.
    pub all: Vec<u64>,
    /// Those that pass.
    pub matching: Vec<u64>,
    /// All rows that are in no bin.
    pub all_apart: Apart,
    /// Those of them that pass.
    pub matching_apart: Apart,
}

/// Rows that are in no bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Apart {
    /// Without a value.
    pub missing: u64,
    /// Not a number.
    pub nan: u64,
    /// Infinite.
    pub infinity: u64,
    /// Infinite, below zero.
    pub minus_infinity: u64,
    /// Outside of the range that the bins are over.
    pub outside: u64,
}

/// Bins of [`Apart`], after the others.
const APART: usize = 5;

impl Filtered {
    /// The histogram of a column of numbers, flags among them.
    ///
    /// # Errors
    /// [`ColumnKind`](crate::Error::ColumnKind), [`Setting`](crate::Error::Setting) for no bin
    /// or a range that is none; as [`View::column`](crate::View::column).
    pub fn histogram(&self, column: &str, bins: Bins) -> Result<Histogram> {
        let column = self.view().column(column)?;
        column.require_numbers()?;
        let edges = bins.edges(&column)?;
        let count = edges.len().saturating_sub(1);
        let codes = self
            .view()
            .codes(&column, &format!("{bins:?}"), || codes(&column, &edges));
        let (all, all_apart) = split(codes.all().to_vec(), count);
        let (matching, matching_apart) = split(codes.count(&self.without(column.name())), count);
        Ok(Histogram {
            edges,
            all,
            matching,
            all_apart,
            matching_apart,
        })
    }
}

fn split(mut counts: Vec<u64>, bins: usize) -> (Vec<u64>, Apart) {
    let apart = counts.split_off(bins);
    let of = |place: usize| apart.get(place).copied().unwrap_or_default();
    let apart = Apart {
        missing: of(0),
        nan: of(1),
        infinity: of(2),
        minus_infinity: of(3),
        outside: of(4),
    };
    (counts, apart)
}

fn codes(column: &Arc<Column>, edges: &[f64]) -> Codes {
    let bins = edges.len().saturating_sub(1);
    let find = Finder::new(edges);
    let of_number = |value: f64| match value {
        value if value.is_nan() => bins + 1,
        f64::INFINITY => bins + 2,
        f64::NEG_INFINITY => bins + 3,
        value => find.bin(value).unwrap_or(bins + 4),
    };
    let numbers = column.numbers();
    Codes::new(column.len(), bins + APART, |row| {
        numbers(row).map_or(bins, of_number)
    })
}

/// Finds the bin of a number: by its distance from the first edge, then by the edges
/// themselves, so that a bin holds just what is between its edges.
struct Finder<'e> {
    edges: &'e [f64],
    first: f64,
    per_unit: f64,
}

impl<'e> Finder<'e> {
    fn new(edges: &'e [f64]) -> Self {
        let first = edges.first().copied().unwrap_or(f64::NAN);
        let last = edges.last().copied().unwrap_or(f64::NAN);
        let bins = edges.len().saturating_sub(1) as f64;
        Self {
            edges,
            first,
            per_unit: bins / (last - first),
        }
    }

    fn bin(&self, value: f64) -> Option<usize> {
        let last = self.edges.len().checked_sub(2)?;
        let edge = |bin: usize| self.edges.get(bin).copied().unwrap_or(f64::NAN);
        if !(self.first <= value && value <= edge(last + 1)) {
            return None;
        }
        let guess = (value - self.first) * self.per_unit;
        // A number of a distance that is none, or too large, is looked for from an end.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mut bin = (guess as usize).min(last);
        while bin > 0 && value < edge(bin) {
            bin -= 1;
        }
        while bin < last && value >= edge(bin + 1) {
            bin += 1;
        }
        Some(bin)
    }
}

//! The rows of a table, dealt to folds.

use crate::{Error, Result};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use tlc_core::Table;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::arrow::util::display::{ArrayFormatter, FormatOptions};

/// How the rows of a table are dealt to folds.
///
/// ```
/// use tlc_burn::Folds;
///
/// let folds = Folds::new(5).stratified_by("label").seed(7);
/// # let _ = folds;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    count: usize,
    by: By,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Chance,
    /// The column whose values each fold has the same share of.
    Strata(String),
    /// The column whose values each are in one fold.
    Groups(String),
}

impl Folds {
    /// So many folds, to which rows are dealt at random.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            count,
            by: By::Chance,
            seed: 0,
        }
    }

    /// Gives each fold the same share of each value of a column, such as the label.
    #[must_use]
    pub fn stratified_by(mut self, column: impl Into<String>) -> Self {
        self.by = By::Strata(column.into());
        self
    }

    /// Keeps rows that have the same value of a column, such as the patient, in one fold.
    /// The largest groups are dealt first, each to the smallest fold.
    #[must_use]
    pub fn grouped_by(mut self, column: impl Into<String>) -> Self {
        self.by = By::Groups(column.into());
        self
    }

    /// Sets the seed; the same seed deals the same rows to the same folds.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The fold of each row of a table, from 0 on.
    ///
    /// # Errors
    /// [`Error::Folds`] for fewer than two folds, or more than there are rows or groups;
    /// [`tlc_core::Error::NoSuchColumn`]; storage errors.
    pub fn assign(&self, table: &Table) -> Result<Vec<usize>> {
        let mut of_row = vec![0; table.len()];
        let folds = self.deal(table, (0..table.len()).collect())?;
        for (fold, rows) in folds.into_iter().enumerate() {
            rows.into_iter().for_each(|row| of_row[row] = fold);
        }
        Ok(of_row)
    }

    /// The rows of each fold, of these rows of a table.
    pub(crate) fn deal(&self, table: &Table, rows: Vec<usize>) -> Result<Vec<Vec<usize>>> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let len = rows.len();
        let units = match &self.by {
            By::Chance => vec![rows],
            By::Strata(column) | By::Groups(column) => rows_by_value(&table.column(column)?, rows)?,
        };
        let dealt = match &self.by {
            By::Groups(_) => units.len(),
            _ => len,
        };
        if self.count < 2 || dealt < self.count {
            return Err(Error::Folds {
                table: table.url().clone(),
                reason: format!("{} for {dealt} rows or groups", self.count),
            });
        }
        let mut folds = match &self.by {
            By::Groups(_) => self.deal_groups(units, &mut random),
            _ => self.deal_rows(units, &mut random),
        };
        folds.iter_mut().for_each(|rows| rows.sort_unstable());
        Ok(folds)
    }

    /// Deals the rows of one value after those of another, so that no fold gets more.
    fn deal_rows(&self, units: Vec<Vec<usize>>, random: &mut StdRng) -> Vec<Vec<usize>> {
        let mut folds = vec![Vec::new(); self.count];
        let mut next = random.random_range(0..self.count);
        for mut rows in units {
            rows.shuffle(random);
            for row in rows {
                folds[next].push(row);
                next = (next + 1) % self.count;
            }
        }
        folds
    }

    fn deal_groups(&self, mut units: Vec<Vec<usize>>, random: &mut StdRng) -> Vec<Vec<usize>> {
        units.shuffle(random);
        units.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
        let mut folds: Vec<Vec<usize>> = vec![Vec::new(); self.count];
        for rows in units {
            if let Some(smallest) = folds.iter_mut().min_by_key(|fold| fold.len()) {
                smallest.extend(rows);
            }
        }
        folds
    }
}

/// The rows of each value, in the order of the values as text.
fn rows_by_value(values: &ArrayRef, chosen: Vec<usize>) -> Result<Vec<Vec<usize>>> {
    let arrow = |source| tlc_core::Error::Arrow {
        doing: "show the values of a column",
        source,
    };
    let options = FormatOptions::default();
    let texts = ArrayFormatter::try_new(values, &options).map_err(arrow)?;
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in chosen {
        rows.entry(texts.value(row).to_string())
            .or_default()
            .push(row);
    }
    Ok(rows.into_values().collect())
}

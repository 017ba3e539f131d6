//! Rows in an order, and pages of it.

mod keys;
mod packed;
mod worst;

use self::keys::Keys;
use crate::{Error, Filtered, Result, View};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// More columns than an order has use for.
const MOST_COLUMNS: usize = 8;

/// A column to order by. Rows without a value come last either way, those that are not a
/// number before them; classes are in the order of their list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderBy {
    /// The column.
    pub column: String,
    /// The greatest first.
    #[serde(default)]
    pub descending: bool,
}

/// All rows of a view in an order. Rows that are equal in all columns are in the order of the
/// view.
#[derive(Clone, Debug)]
pub struct Order {
    rows: Arc<Vec<u32>>,
}

/// The rows that pass some filters, in an order.
#[derive(Clone, Debug)]
pub struct Ordered {
    rows: Arc<Vec<u32>>,
}

impl OrderBy {
    /// The least first.
    pub fn ascending(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            descending: false,
        }
    }

    /// The greatest first.
    pub fn descending(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            descending: true,
        }
    }
}

impl View {
    /// All rows in the order of some columns, the first of them before the others; in that of
    /// the view, without any.
    ///
    /// # Errors
    /// [`Error::Setting`] for more than eight columns; [`Error::ColumnKind`] for one that has
    /// no order; as [`column`](Self::column).
    pub fn order(&self, by: &[OrderBy]) -> Result<Order> {
        if by.len() > MOST_COLUMNS {
            return Err(Error::Setting {
                setting: "order",
                expected: "at most eight columns",
                found: format!("{} columns", by.len()),
            });
        }
        let keys = by
            .iter()
            .map(|by| Keys::of(&*self.column(&by.column)?, by.descending));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let rows = match keys.split_first() {
            None => (0..u32::MAX).take(self.len()).collect(),
            Some((first, others)) => sorted(first, others),
        };
        let rows = Arc::new(rows);
        Ok(Order { rows })
    }
}

impl Filtered {
    /// The first of the rows that pass, in the order of a column, and as many as asked for.
    ///
    /// # Errors
    /// As [`View::order`].
    pub fn top(&self, by: &OrderBy, count: usize) -> Result<Vec<u32>> {
        let column = self.view().column(&by.column)?;
        let keys = Keys::of(&column, by.descending)?;
        let passing = self.mask().iter().filter_map(|row| u32::try_from(row).ok());
        let mut rows: Vec<(u64, u32)> = passing.map(|row| (keys.get(row), row)).collect();
        if count == 0 {
            return Ok(Vec::new());
        }
        if count < rows.len() {
            rows.select_nth_unstable(count - 1);
            rows.truncate(count);
        }
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}

impl Order {
    /// The rows of the view in this order.
    #[must_use]
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Those of them that pass.
    #[must_use]
    pub fn under(&self, filtered: &Filtered) -> Ordered {
        if filtered.count() == self.rows.len() {
            let rows = Arc::clone(&self.rows);
            return Ordered { rows };
        }
        let mask = filtered.mask();
        let passing = self.rows.par_iter().copied();
        let passing = passing.filter(|row| mask.contains(*row as usize));
        let rows = Arc::new(passing.collect());
        Ordered { rows }
    }
}

impl Ordered {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// So many rows of the view from a place on, as many as there are.
    #[must_use]
    pub fn page(&self, start: usize, len: usize) -> &[u32] {
        let start = start.min(self.rows.len());
        let end = start.saturating_add(len).min(self.rows.len());
        self.rows.get(start..end).unwrap_or_default()
    }

    /// The place of a row of the view, if it passes.
    #[must_use]
    pub fn place(&self, row: usize) -> Option<usize> {
        let row = u32::try_from(row).ok()?;
        self.rows.par_iter().position_first(|other| *other == row)
    }
}

/// The rows by their keys; ties by the other keys, then by the row.
fn sorted(first: &Keys, others: &[Keys]) -> Vec<u32> {
    let alone = others.is_empty().then(|| packed::sorted(first));
    alone
        .flatten()
        .unwrap_or_else(|| sorted_by_all(first, others))
}

fn sorted_by_all(first: &Keys, others: &[Keys]) -> Vec<u32> {
    let first = first.as_slice().iter().copied();
    let mut rows: Vec<(u64, u32)> = first.zip(0..).collect();
    rows.par_sort_unstable_by(|(one_key, one), (other_key, other)| {
        let keys = one_key.cmp(other_key);
        let keys = others.iter().fold(keys, |order, keys| {
            order.then_with(|| keys.get(*one).cmp(&keys.get(*other)))
        });
        keys.then(one.cmp(other))
    });
    rows.into_par_iter().map(|(_, row)| row).collect()
}

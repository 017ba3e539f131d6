//! Some rows of a table.

use crate::{Error, Result};
use std::ops::Range;
use tlc_core::{RowSet, Selection, Table};

/// Some rows of a table: a range, a list of indices, a mask that says of each row whether it
/// is one of them, or a selection that was kept under a name.
///
/// ```
/// use tlc_burn::RowSelection;
///
/// let first_hundred: RowSelection = (0..100).into();
/// let these: RowSelection = vec![3_usize, 1, 4].into();
/// let every_other: RowSelection = vec![true, false, true, false].into();
/// # let _ = (first_hundred, these, every_other);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RowSelection {
    /// From one row to before another.
    Range(Range<usize>),
    /// These, in this order.
    Rows(Vec<usize>),
    /// Those that are true; of the length of the table.
    Mask(Vec<bool>),
}

impl RowSelection {
    /// The rows, each of which the table has.
    pub(crate) fn of(&self, table: &Table) -> Result<Vec<usize>> {
        let len = table.len();
        let refused = |reason: String| Error::Rows {
            table: table.url().clone(),
            reason,
        };
        match self {
            Self::Range(range) if range.start > range.end || range.end > len => {
                Err(refused(format!("the range {range:?} of {len} rows")))
            }
            Self::Range(range) => Ok(range.clone().collect()),
            Self::Rows(rows) => match rows.iter().find(|row| **row >= len) {
                Some(row) => Err(refused(format!("row {row} of {len} rows"))),
                None => Ok(rows.clone()),
            },
            Self::Mask(mask) if mask.len() != len => {
                Err(refused(format!("a mask of {} for {len} rows", mask.len())))
            }
            Self::Mask(mask) => Ok((0..len).filter(|row| mask[*row]).collect()),
        }
    }
}

impl From<Range<usize>> for RowSelection {
    fn from(range: Range<usize>) -> Self {
        Self::Range(range)
    }
}

impl From<Vec<usize>> for RowSelection {
    fn from(rows: Vec<usize>) -> Self {
        Self::Rows(rows)
    }
}

impl From<&[usize]> for RowSelection {
    fn from(rows: &[usize]) -> Self {
        Self::Rows(rows.to_vec())
    }
}

impl From<Vec<bool>> for RowSelection {
    fn from(mask: Vec<bool>) -> Self {
        Self::Mask(mask)
    }
}

/// Such as [`Table::balanced`] gives.
impl From<&RowSet> for RowSelection {
    fn from(rows: &RowSet) -> Self {
        Self::Rows(rows.iter().collect())
    }
}

/// The rows that are kept under a name, as [`Table::selection`] gives them.
impl From<&Selection> for RowSelection {
    fn from(kept: &Selection) -> Self {
        Self::Mask(kept.mask())
    }
}

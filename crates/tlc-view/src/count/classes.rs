//! Rows of each class.

use crate::codes::Codes;
use crate::{Column, Filtered, Result};
use tlc_core::Class;

/// Classes past these are counted together.
const MOST_CLASSES: usize = 60_000;

/// How many rows are of each class: of all rows, and of those that pass all filters but
/// those on the column itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClassCounts {
    /// In the order of the classes.
    pub classes: Vec<ClassCount>,
    /// Without a class: all, and those that pass.
    pub missing: [u64; 2],
    /// Of a number that is no class, or of one past the first 60,000: all, and those that pass.
    pub others: [u64; 2],
}

/// How many rows are of one class.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClassCount {
    /// The class.
    pub class: Class,
    /// Of all rows.
    pub all: u64,
    /// Of those that pass.
    pub matching: u64,
}

impl Filtered {
    /// Rows by the classes of a column; of flags, those of `false` and `true`.
    ///
    /// # Errors
    /// [`ColumnKind`](crate::Error::ColumnKind) if it has none; as
    /// [`View::column`](crate::View::column).
    pub fn class_counts(&self, column: &str) -> Result<ClassCounts> {
        let column = self.view().column(column)?;
        let classes = column.classes_or_flags()?;
        let bins = classes.len().min(MOST_CLASSES);
        let codes = self
            .view()
            .codes(&column, "classes", || codes(&column, bins));
        let all = codes.all().to_vec();
        let matching = codes.count(&self.without(column.name()));
        let both = |bin: usize| [&all, &matching].map(|of| of.get(bin).copied().unwrap_or(0));
        let counted = classes.iter().take(bins).enumerate().map(|(bin, class)| {
            let [all, matching] = both(bin);
            let class = class.clone();
            ClassCount {
                class,
                all,
                matching,
            }
        });
        Ok(ClassCounts {
            classes: counted.collect(),
            missing: both(bins),
            others: both(bins + 1),
        })
    }
}

fn codes(column: &Column, bins: usize) -> Codes {
    let (is_valid, places) = (column.validity(), column.places());
    Codes::new(column.len(), bins + 2, |row| {
        if !is_valid(row) {
            return bins;
        }
        let place = places(row);
        place.filter(|place| *place < bins).unwrap_or(bins + 1)
    })
}

//! Rows that were left out: how many, and the first of them.

use crate::BadRow;
use std::fmt::Write;

/// How many bad rows are named.
const NAMED: usize = 10;

/// Rows that were left out because they were bad.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    count: u64,
    first: Vec<BadRow>,
}

impl Skipped {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first ten, in the order in which they were found.
    #[must_use]
    pub fn first(&self) -> &[BadRow] {
        &self.first
    }

    pub(super) fn push(&mut self, row: BadRow) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(row);
        }
    }

    /// What a description says of them, a line each.
    pub(super) fn told(&self, rows: u64) -> String {
        let all = rows.saturating_add(self.count);
        let mut text = format!("{} of {all} rows skipped:", self.count);
        for row in &self.first {
            let _ = write!(text, "\n{row}");
        }
        let more = self.count - self.first.len() as u64;
        if more > 0 {
            let _ = write!(text, "\nand {more} more");
        }
        text
    }
}

//! A selection as a table has it.

use crate::{Error, Result, RowSet, Url};

/// Rows of a table that were kept under a name, or what several such amount to; see
/// [`Table::selection`](crate::Table::selection).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub(super) name: String,
    pub(super) version: Option<u64>,
    pub(super) description: String,
    pub(super) created: Option<String>,
    pub(super) rows: RowSet,
    pub(super) missing: usize,
    /// The table whose rows they are: where it is, its content and its number of rows.
    pub(super) table: (Url, String, usize),
}

impl Selection {
    /// The name; of what several amount to one that says so.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which version of the name it is, from 0 on; `None` for what was not saved.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// What was said of it.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// When this version was saved, as RFC 3339.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// Number of rows that the table has of it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table has none of its rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows were kept that the table has not: they were dropped, or came later.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// The rows as the table counts them, ascending: to train on, to collect from, to edit or
    /// [derive](crate::Table::derive) by.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter()
    }

    /// Whether a row of the table is in it.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.rows.place(row).is_some()
    }

    /// For each row of the table whether it is in it: a column, or a mask.
    #[must_use]
    pub fn mask(&self) -> Vec<bool> {
        let mut mask = vec![false; self.table.2];
        for range in self.rows.ranges() {
            if let Some(rows) = mask.get_mut(range) {
                rows.fill(true);
            }
        }
        mask
    }

    /// The rows that are in either.
    ///
    /// # Errors
    /// [`Error::Rows`] for a selection as another table has it.
    pub fn or(&self, other: &Self) -> Result<Self> {
        let rows = self.rows.iter().chain(other.rows.iter());
        self.with(other, "or", rows.collect())
    }

    /// The rows that are in both.
    ///
    /// # Errors
    /// As [`or`](Self::or).
    pub fn and(&self, other: &Self) -> Result<Self> {
        let rows = self.rows.iter().filter(|row| other.contains(*row));
        self.with(other, "and", RowSet::ascending(rows))
    }

    /// The rows that are not in the other one.
    ///
    /// # Errors
    /// As [`or`](Self::or).
    pub fn without(&self, other: &Self) -> Result<Self> {
        let rows = self.rows.iter().filter(|row| !other.contains(*row));
        self.with(other, "without", RowSet::ascending(rows))
    }

    fn with(&self, other: &Self, between: &str, rows: RowSet) -> Result<Self> {
        if self.table != other.table {
            let (one, two) = (&self.table.0, &other.table.0);
            let reason = format!(
                "`{}` counts the rows of {one}, `{}` those of {two}: ask one table for both",
                self.name, other.name
            );
            return Err(Error::Rows { reason });
        }
        Ok(Self {
            name: format!("{} {between} {}", self.name, other.name),
            version: None,
            description: String::new(),
            created: None,
            rows,
            missing: 0,
            table: self.table.clone(),
        })
    }
}

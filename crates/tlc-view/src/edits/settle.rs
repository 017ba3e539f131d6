//! What a person asks for, checked, and in the form in which it is kept.

use super::action::{ActionKind, Cells, Values, What};
use super::change::{Asked, Change, Given};
use super::pending::PendingEdits;
use super::value::{self, taken};
use crate::{Error, Result};
use tlc_core::arrow::array::{Array, ArrayRef};
use tlc_core::{Column, RowSet};

/// More values than these are kept in a file beside the documents.
const VALUES_IN_DOCUMENT: usize = 1 << 14;
/// Longer texts are kept there, too.
const CHARS_IN_DOCUMENT: usize = 1 << 20;

impl PendingEdits {
    /// What a change is, if it can be made.
    pub(super) fn settled(&self, change: &Change) -> Result<What> {
        match &change.asked {
            Asked::Cells {
                kind,
                column,
                rows,
                values,
            } => {
                let cells = self.cells(change, column, rows, values)?;
                Ok(match kind {
                    ActionKind::Accept => What::Accept(cells),
                    _ => What::Set(cells),
                })
            }
            Asked::AddColumn { column, value } => self.added(column, value),
            Asked::Review { rows, is_reviewed } => {
                let rows = self.checked(rows)?.iter().copied().collect();
                let is_reviewed = *is_reviewed;
                Ok(What::Review { rows, is_reviewed })
            }
            Asked::Discard { column, kind } => {
                if let Some(column) = column {
                    self.column(column)?;
                }
                let (column, kind) = (column.clone(), *kind);
                Ok(What::Discard { column, kind })
            }
        }
    }

    fn cells(&self, change: &Change, name: &str, given: &[usize], values: &Given) -> Result<Cells> {
        let column = self.column(name)?;
        let is_own = self.table.schema().column(name).is_some();
        if is_own && !column.writable && !change.ignores_writable {
            let (url, column) = (self.table.url().clone(), name.to_owned());
            return Err(tlc_core::Error::NotWritable { url, column }.into());
        }
        let given = self.checked(given)?;
        let at_rows = |error| self.refused(at_rows(error, given));
        let values = values.fitted(column).map_err(at_rows)?;
        let is_one = change.has_one_value();
        let expected = if is_one { 1 } else { given.len() };
        if values.len() != expected {
            return Err(Error::Setting {
                setting: "values",
                expected: "one for each row",
                found: format!("{} for {} rows", values.len(), given.len()),
            });
        }
        let (rows, places) = RowSet::sorted(given);
        let values = match places.filter(|_| !is_one) {
            Some(places) => taken(&values, places)?,
            None => values,
        };
        Ok(Cells {
            column: name.to_owned(),
            rows,
            values: self.stored(&values)?,
            reviewed: change.is_reviewed,
        })
    }

    fn added(&self, column: &Column, value: &Given) -> Result<What> {
        let is_taken = self.state.live_column(&self.table, &column.name).is_some();
        if is_taken {
            let error = tlc_core::Error::Column {
                column: column.name.clone(),
                reason: "there is a column of this name".to_owned(),
            };
            return Err(self.refused(error));
        }
        let refused = |error| self.refused(error);
        let columns = self.columns().chain([column]).cloned();
        tlc_core::Schema::new(columns).map_err(refused)?;
        let value = value.fitted(column).map_err(refused)?;
        Ok(What::AddColumn {
            column: Box::new(column.clone()),
            values: self.stored(&value)?,
        })
    }

    /// Values as documents have them.
    pub(super) fn stored(&self, values: &ArrayRef) -> Result<Values> {
        let few = values.len() <= VALUES_IN_DOCUMENT;
        let written = if few { value::to_json(values)? } else { None };
        let chars = |value: &serde_json::Value| value.as_str().map_or(0, str::len);
        match written {
            Some(written) if written.iter().map(chars).sum::<usize>() <= CHARS_IN_DOCUMENT => {
                Ok(Values::Here(written))
            }
            _ => self.journal.put_values(values),
        }
    }

    /// A column as it is now.
    pub(super) fn column(&self, name: &str) -> Result<&Column> {
        if let Some(column) = self.state.live_column(&self.table, name) {
            return Ok(column);
        }
        let missing = tlc_core::Error::NoSuchColumn {
            column: name.to_owned(),
            available: self.columns().map(|column| column.name.clone()).collect(),
        };
        Err(missing.into())
    }

    /// Rows that the table has, at least one.
    fn checked<'r>(&self, rows: &'r [usize]) -> Result<&'r [usize]> {
        if rows.is_empty() {
            return Err(Error::Setting {
                setting: "rows",
                expected: "at least one row",
                found: "none".to_owned(),
            });
        }
        self.check_rows(rows.iter().copied())?;
        Ok(rows)
    }

    pub(super) fn check_rows(&self, rows: impl IntoIterator<Item = usize>) -> Result<()> {
        let len = self.table.len();
        match rows.into_iter().find(|row| *row >= len) {
            None => Ok(()),
            Some(row) => {
                let (url, row) = (self.table.url().clone(), row as u64);
                Err(tlc_core::Error::RowOutOfRange { url, row, len }.into())
            }
        }
    }

    pub(super) fn refused(&self, source: tlc_core::Error) -> Error {
        Error::Edit {
            table: self.table.url().clone(),
            source: Box::new(source),
        }
    }
}

/// An error about a value with the row of the table that the value is for.
fn at_rows(error: tlc_core::Error, rows: &[usize]) -> tlc_core::Error {
    match error {
        tlc_core::Error::Batch {
            column,
            row: Some(row),
            value,
            reason,
        } => tlc_core::Error::Batch {
            row: Some(rows.get(row).copied().unwrap_or(row)),
            column,
            value,
            reason,
        },
        other => other,
    }
}

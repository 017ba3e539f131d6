//! Which cells an edit changes: those that it says something else of.

use super::asked::{Asked, AskedCell, at_line};
use super::text;
use crate::changes::{Changed, ColumnChanged};
use crate::rows::Value;
use crate::{Failure, print};
use tlc_core::arrow::array::{Array, ArrayRef, UInt64Array};
use tlc_core::arrow::compute::take;
use tlc_core::{Column, Editor, Error, Table};

/// Cells that are different.
pub(super) struct Edits {
    edits: Vec<Edit>,
    asked: usize,
}

struct Edit {
    column: Column,
    rows: Vec<usize>,
    before: ArrayRef,
    after: ArrayRef,
}

impl Edits {
    pub(super) fn of(table: &Table, asked: Vec<Asked>) -> Result<Self, Failure> {
        let cells = asked.iter().map(|asked| asked.cells.len()).sum();
        let edits = asked.into_iter().map(|asked| Edit::of(table, asked));
        let mut edits = edits.collect::<Result<Vec<_>, _>>()?;
        edits.retain(|edit| !edit.rows.is_empty());
        Ok(Self {
            edits,
            asked: cells,
        })
    }

    /// Cells that something was said of, different or not.
    pub(super) fn asked(&self) -> usize {
        self.asked
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many cells of each column are different.
    pub(super) fn columns(&self) -> Vec<ColumnChanged> {
        let columns = self.edits.iter().map(|edit| ColumnChanged {
            column: edit.column.name.clone(),
            cells: edit.rows.len(),
        });
        columns.collect()
    }

    /// The first of the cells.
    pub(super) fn changes(&self, most: usize) -> Vec<Changed> {
        let changes = self.edits.iter().flat_map(|edit| {
            let value =
                |values: &ArrayRef, place| Value::of(values, place, &edit.column.value, None);
            let rows = edit.rows.iter().enumerate();
            rows.map(move |(place, row)| Changed {
                row: *row,
                column: edit.column.name.clone(),
                before: value(&edit.before, place),
                after: value(&edit.after, place),
            })
        });
        changes.take(most).collect()
    }

    pub(super) fn put(&self, editor: &mut Editor) -> Result<(), Error> {
        for edit in &self.edits {
            let rows = edit.rows.iter().copied();
            editor.set_values(&edit.column.name, rows, edit.after.clone())?;
        }
        Ok(())
    }
}

impl Edit {
    fn of(table: &Table, asked: Asked) -> Result<Self, Failure> {
        let Asked {
            column,
            mut cells,
            is_of_file,
        } = asked;
        let column = table.schema().require(&column)?.clone();
        if let Some(cell) = cells.iter().find(|cell| cell.row >= table.len()) {
            let error = Error::RowOutOfRange {
                url: table.url().clone(),
                row: cell.row as u64,
                len: table.len(),
            };
            return Err(at_line(error, cell.line));
        }
        let one = table.select(std::slice::from_ref(&column.name))?;
        let current = |cells: &[AskedCell]| -> Result<ArrayRef, Error> {
            let rows: Vec<usize> = cells.iter().map(|cell| cell.row).collect();
            Ok(one.take(&rows)?.column(0).clone())
        };
        if is_of_file {
            let known = current(&cells)?;
            let mut place = 0..;
            cells.retain(|cell| {
                let place = place.next().unwrap_or_default();
                let known = Value::of(&known, place, &column.value, None);
                !cell.text.is_empty() && print::plain(&cell.text) != print::plain(known.text())
            });
        }
        let before = current(&cells)?;
        let after = text::parsed(&column, &cells, is_of_file)?;
        let differ = (0..cells.len()).filter(|at| before.slice(*at, 1) != after.slice(*at, 1));
        let places: Vec<usize> = differ.collect();
        let rows = places.iter().filter_map(|at| Some(cells.get(*at)?.row));
        let picked: UInt64Array = places.iter().map(|at| Some(*at as u64)).collect();
        Ok(Self {
            rows: rows.collect(),
            before: take(&before, &picked, None)?,
            after: take(&after, &picked, None)?,
            column,
        })
    }
}

//! Which rows of a table are meant by rows of a view.

use super::View;
use crate::source::Samples;
use crate::{Column, Mask, Result};
use std::ops::Range;
use std::sync::Arc;
use tlc_core::{EXAMPLE_ID, Table};

/// Rows of a view that one table shows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TableRows {
    /// The table.
    pub table: Table,
    /// Row of the view, and row of the table.
    pub rows: Vec<(usize, usize)>,
}

impl View {
    /// Some rows by the tables that show their samples. Those of which no table has the sample
    /// are left out.
    ///
    /// # Errors
    /// Storage errors.
    pub fn rows_by_table(&self, rows: &Mask) -> Result<Vec<TableRows>> {
        let tables = self.tables().into_iter().map(|table| {
            let rows = self.table_rows(rows, &table)?;
            Ok(TableRows { table, rows })
        });
        let mut tables = tables.collect::<Result<Vec<_>>>()?;
        tables.retain(|table| !table.rows.is_empty());
        Ok(tables)
    }

    /// Of some rows those that show samples of a table, each with its row there: what is to be
    /// edited where rows of a view are chosen. Several rows may show one sample.
    ///
    /// # Errors
    /// Storage errors.
    pub fn table_rows(&self, rows: &Mask, table: &Table) -> Result<Vec<(usize, usize)>> {
        let mut found = Vec::new();
        for shown in self.shown(table)? {
            let own = rows.iter_in(shown.rows.clone());
            found.extend(own.filter_map(|row| Some((row, shown.table_row(row)?))));
        }
        Ok(found)
    }

    /// The rows of the view that show some rows of a table.
    ///
    /// # Errors
    /// Storage errors.
    pub fn rows_showing(&self, table_rows: &Mask, table: &Table) -> Result<Mask> {
        let shown = self.shown(table)?;
        Ok(Mask::by(self.len(), |row| {
            // By their first rows: parts come in order.
            let after = shown.partition_point(|shown| shown.rows.start <= row);
            let shown = after.checked_sub(1).and_then(|place| shown.get(place));
            let shown = shown.filter(|shown| shown.rows.contains(&row));
            let there = shown.and_then(|shown| shown.table_row(row));
            there.is_some_and(|there| table_rows.contains(there))
        }))
    }

    /// The parts that show samples of a table.
    fn shown(&self, table: &Table) -> Result<Vec<Shown<'_>>> {
        let mut all = Vec::new();
        for (part, start) in self.parts.iter().zip(&self.starts) {
            let samples = part.samples.as_deref();
            let Some(samples) = samples.filter(|samples| samples.table.id() == table.id()) else {
                continue;
            };
            let ids = match &part.metrics {
                Some(metrics) if metrics.table.schema().column(EXAMPLE_ID).is_none() => continue,
                Some(_) => Some(self.column(EXAMPLE_ID)?),
                None => None,
            };
            let rows = *start..start + part.rows;
            all.push(Shown { rows, ids, samples });
        }
        Ok(all)
    }
}

/// Rows of a view that show samples.
struct Shown<'v> {
    rows: Range<usize>,
    /// Of the samples, where the rows are metrics.
    ids: Option<Arc<Column>>,
    samples: &'v Samples,
}

impl Shown<'_> {
    /// The row of the table that a row shows.
    fn table_row(&self, row: usize) -> Option<usize> {
        match &self.ids {
            Some(ids) => self.samples.row_of(ids.id(row)?),
            None => Some(row - self.rows.start),
        }
    }
}

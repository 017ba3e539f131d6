//! Which rows of a table are meant by rows of a view.

use super::View;
use crate::{Mask, Result};
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
        for (part, start) in self.parts.iter().zip(&self.starts) {
            let samples = part.samples.as_ref();
            let Some(samples) = samples.filter(|samples| samples.table.id() == table.id()) else {
                continue;
            };
            let ids = match &part.metrics {
                Some(metrics) if metrics.table.schema().column(EXAMPLE_ID).is_none() => continue,
                Some(_) => Some(self.column(EXAMPLE_ID)?),
                None => None,
            };
            let own = (*start..start + part.rows).filter(|row| rows.contains(*row));
            found.extend(own.filter_map(|row| {
                let there = match &ids {
                    Some(ids) => samples.row_of(ids.id(row)?)?,
                    None => row - start,
                };
                Some((row, there))
            }));
        }
        Ok(found)
    }
}

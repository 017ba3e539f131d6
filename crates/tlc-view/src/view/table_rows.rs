//! Which rows of a table are meant by rows of a view.

use super::View;
use crate::{Mask, Result};
use tlc_core::{EXAMPLE_ID, Table};

impl View {
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

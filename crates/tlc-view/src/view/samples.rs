//! Which sample each row is about, the same in every view of the same tables.

use super::View;
use crate::source::Part;
use crate::{Column, Result};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::{EXAMPLE_ID, TABLE_ROW};

/// Tables by the id of their content, numbered as they are met.
pub(crate) type Tables = HashMap<String, usize>;

/// A table, and a row of it.
pub(crate) type SampleKey = (usize, usize);

impl View {
    /// The sample of each row; none of those that are about none, or about one that the table
    /// beside them does not have.
    pub(crate) fn samples(&self, tables: &mut Tables) -> Result<Vec<Option<SampleKey>>> {
        let mut keys = Vec::with_capacity(self.len());
        for part in &self.parts {
            match table_of(part) {
                None => keys.resize(keys.len() + part.rows, None),
                Some(table) => {
                    let known = tables.len();
                    let table = *tables.entry(table).or_insert(known);
                    self.add_samples(part, table, &mut keys)?;
                }
            }
        }
        Ok(keys)
    }

    /// The rows that are about the same sample as a row of a view of the same tables: in a
    /// view of all epochs, say, all that was ever said of it. In the order of this view.
    ///
    /// # Errors
    /// [`NoSuchRow`](crate::Error::NoSuchRow); storage errors.
    pub fn rows_like(&self, of: &Self, row: usize) -> Result<Vec<usize>> {
        let origin = of.origin(row)?;
        let (part, _) = of.part_of(row)?;
        let Some((table, sample)) = table_of(part).zip(origin.table_row.or(id_of(&origin))) else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        let about_it = |part: &&Part| table_of(part).as_ref() == Some(&table);
        for part in self.parts.iter().filter(about_it) {
            let start = self.start_of(part);
            let all = start..start + part.rows;
            match self.ids_of(part)? {
                None => rows.extend(Some(start + sample).filter(|row| all.contains(row))),
                Some(ids) => {
                    let id = i64::try_from(sample).ok();
                    let ids = ids.ids();
                    let found = all.into_par_iter().filter(|row| ids(*row) == id);
                    rows.par_extend(found);
                }
            }
        }
        Ok(rows)
    }

    fn add_samples(
        &self,
        part: &Part,
        table: usize,
        keys: &mut Vec<Option<SampleKey>>,
    ) -> Result<()> {
        let Some(column) = self.ids_of(part)? else {
            keys.extend((0..part.rows).map(|row| Some((table, row))));
            return Ok(());
        };
        let (ids, start) = (column.ids(), self.start_of(part));
        keys.extend((start..start + part.rows).map(|row| {
            let row = usize::try_from(ids(row)?).ok()?;
            Some((table, row))
        }));
        Ok(())
    }

    /// Which samples the rows of a part are about, where it is one of metrics; of others each
    /// row is one.
    fn ids_of(&self, part: &Part) -> Result<Option<Arc<Column>>> {
        match (&part.metrics, &part.samples) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => self.column(self.name_of_table_row()).map(Some),
            (Some(_), None) => self.column(EXAMPLE_ID).map(Some),
        }
    }

    /// The column that says which row of its table a sample is.
    pub(crate) fn name_of_table_row(&self) -> &str {
        let places = self.columns.iter();
        let found = places.into_iter().find(|column| column.is_table_row());
        found.map_or(TABLE_ROW, |column| column.meaning.name.as_str())
    }
}

fn id_of(origin: &super::Origin) -> Option<usize> {
    let is_beside = origin.table.is_some();
    let id = origin.example_id.filter(|_| !is_beside)?;
    usize::try_from(id).ok()
}

/// The content that the rows of a part are about.
fn table_of(part: &Part) -> Option<String> {
    match (&part.samples, &part.metrics) {
        (Some(samples), _) => Some(samples.table.id().to_owned()),
        (None, Some(metrics)) => metrics.table.foreign_table_id().map(str::to_owned),
        (None, None) => None,
    }
}

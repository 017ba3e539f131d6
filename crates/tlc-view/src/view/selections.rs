//! Rows kept under a name, in the tables that show them.

use super::View;
use crate::{Error, Mask, Result};

impl View {
    /// Keeps the samples of some rows under a name, in each table of the view that has any of
    /// them; says how many samples. [`refresh`](Self::refresh) then has a column
    /// `selection.<name>`, which is true for them.
    ///
    /// ```
    /// # use tlc_core::{Columns, Table, TableOptions, Url};
    /// # use tlc_view::{Expression, ViewOptions};
    /// # let root = Url::parse("memory://docs-keep/")?;
    /// # let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
    /// #     writer.add_batch(Columns::new().column("loss", vec![0.1, 2.5]))
    /// # })?;
    /// let view = ViewOptions::new().table(&table).open()?;
    /// let hard = view.matching(&Expression::parse("loss > 1")?)?;
    /// assert_eq!(view.keep_selection("hard", &hard, "loss above 1")?, 1);
    /// let view = view.refresh()?.ok_or("nothing new")?;
    /// assert_eq!(view.column("selection.hard")?.number(1), Some(1.0));
    /// assert_eq!(table.selection("hard")?.rows().collect::<Vec<_>>(), [1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] if no table has any of the samples; as
    /// [`Table::save_selection`](tlc_core::Table::save_selection).
    pub fn keep_selection(&self, name: &str, rows: &Mask, description: &str) -> Result<usize> {
        let tables = self.rows_by_table(rows)?;
        if tables.is_empty() {
            let reason = "no table of the view has a sample of these rows".to_owned();
            return Err(Error::Empty { reason });
        }
        let mut samples = 0;
        for rows in tables {
            let there = rows.rows.iter().map(|(_, there)| *there);
            samples += rows.table.save_selection(name, there, description)?.len();
        }
        Ok(samples)
    }

    /// Says in each table of the view that there is no selection of a name any more.
    ///
    /// # Errors
    /// [`NoSuchSelection`](tlc_core::Error::NoSuchSelection) if none has one; as
    /// [`Table::delete_selection`](tlc_core::Table::delete_selection).
    pub fn delete_selection(&self, name: &str) -> Result<()> {
        let mut missing = None;
        let mut is_deleted = false;
        for table in self.tables() {
            match table.delete_selection(name) {
                Ok(()) => is_deleted = true,
                Err(error @ tlc_core::Error::NoSuchSelection { .. }) => missing = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match missing.filter(|_| !is_deleted) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

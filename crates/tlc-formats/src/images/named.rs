//! Rows that have names, such as those of their files, and how they are given.

use crate::{At, BadRow, Place, Places, Result, RowSink, SourceFile};
use tlc_core::{Columns, Url};

/// Rows that were made, and what could not be.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) batch: Columns,
    /// What each row is called.
    pub(crate) names: Vec<String>,
    pub(crate) bad: Vec<BadRow>,
}

impl Made {
    /// Gives the rows to the sink, and tells what is bad; the names are those in a file or folder.
    pub(crate) fn give(self, rows: &mut RowSink<'_>, file: &SourceFile) -> Result<()> {
        self.bad
            .into_iter()
            .try_for_each(|bad| rows.bad(bad.into()))?;
        let names = self.names;
        let name = move |row: usize| names.get(row).cloned().unwrap_or_default();
        rows.add(self.batch, &Places::named(file, name))
    }
}

/// A bad row, by its name in a file or folder, of a column, if one is to blame.
pub(crate) fn bad_row(
    file: &Url,
    name: impl Into<String>,
    column: Option<&str>,
    reason: impl Into<String>,
) -> BadRow {
    BadRow {
        place: Place {
            file: Some(file.clone()),
            at: At::Named(name.into()),
        },
        column: column.map(str::to_owned),
        value: None,
        reason: reason.into(),
    }
}

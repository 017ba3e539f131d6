//! Cells that are different, as `tlc edit` and `tlc diff` tell of them.

use crate::print::{Cell, Table};
use crate::rows::Value;
use serde::Serialize;

/// A cell that is different.
#[derive(Serialize)]
pub(crate) struct Changed {
    pub(crate) row: usize,
    pub(crate) column: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// How many cells of a column are different.
#[derive(Serialize)]
pub(crate) struct ColumnChanged {
    pub(crate) column: String,
    pub(crate) cells: usize,
}

/// Cells, one a line.
pub(crate) fn table(changes: &[Changed]) -> Table {
    let rows = changes.iter().map(|change| {
        let values = [&change.before, &change.after].map(|value| Cell::from(value.shown()));
        let place = vec![change.row.to_string().into(), change.column.as_str().into()];
        [place, values.into()].concat()
    });
    Table::new(["row", "column", "before", "after"]).rows(rows)
}

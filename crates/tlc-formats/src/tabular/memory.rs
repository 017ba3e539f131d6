//! Rows that are in memory.

use super::columnar::pieces;
use crate::import::{Format, Places, RowSink};
use crate::{Error, Result};
use serde::Serialize;
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{Column, Columns, ValueType};

/// Columns in memory: vectors of numbers, texts, options, lists of lists.
///
/// ```
/// use tlc_core::{Columns, Url};
/// use tlc_formats::{ImportOptions, import};
///
/// let columns = Columns::new()
///     .column("kind", vec![Some("cat"), None])
///     .column("boxes", vec![vec![[0.0, 0.5], [0.5, 1.0]], vec![]]);
/// let root = Url::parse("memory://docs-columns/")?;
/// let table = import(&columns, ImportOptions::new("pets", "boxes").root(root).label("kind"))?.table;
/// assert_eq!(table.len(), 2);
/// # Ok::<(), tlc_formats::Error>(())
/// ```
impl Format for Columns {
    fn describe(&self) -> String {
        "columns in memory".to_owned()
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        add(&RecordBatch::try_from(self.clone())?, rows)
    }
}

/// Rows in memory that are serde structs, as
/// [`TableWriter::add_rows`](tlc_core::TableWriter::add_rows) takes them.
///
/// ```
/// use serde::Serialize;
/// use tlc_core::Url;
/// use tlc_formats::{Records, ImportOptions, import};
///
/// #[derive(Serialize)]
/// struct Pet { name: &'static str, chip: Option<u64> }
///
/// let pets = [Pet { name: "Tom", chip: None }, Pet { name: "Rex", chip: Some(7) }];
/// let root = Url::parse("memory://docs-records/")?;
/// let options = ImportOptions::new("pets", "all").root(root).weight(1.0);
/// let table = import(&Records::of(&pets), options)?.table;
/// assert_eq!(table.schema().names().collect::<Vec<_>>(), ["name", "chip", "weight"]);
/// # Ok::<(), tlc_formats::Error>(())
/// ```
#[derive(Debug)]
pub struct Records<'a, T> {
    rows: &'a [T],
}

impl<'a, T> Records<'a, T> {
    /// These rows.
    #[must_use]
    pub fn of(rows: &'a [T]) -> Self {
        Self { rows }
    }
}

impl<T: Serialize> Format for Records<'_, T> {
    fn describe(&self) -> String {
        "rows in memory".to_owned()
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        if self.rows.is_empty() {
            return Err(Error::NoFiles {
                source_text: self.describe(),
                reason: "there is no row to tell the columns by".to_owned(),
            });
        }
        // Labels may be the names of their classes.
        let is_label =
            |column: &&Column| matches!(column.value, ValueType::CategoricalLabel { .. });
        let declared = rows.by_hand().iter().filter(|column| !is_label(column));
        let columns = Columns::from_rows(self.rows, &declared.cloned().collect::<Vec<_>>())?;
        add(&RecordBatch::try_from(columns)?, rows)
    }
}

fn add(batch: &RecordBatch, rows: &mut RowSink<'_>) -> Result<()> {
    rows.add(batch.slice(0, 0), &Places::in_memory(0))?;
    for (from, piece) in pieces(batch) {
        let done = from + piece.num_rows() as u64;
        rows.add(piece, &Places::in_memory(from))?;
        rows.progress(done, batch.num_rows() as u64);
    }
    Ok(())
}

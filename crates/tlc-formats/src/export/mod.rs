//! Rows become files: the mirror of import.
//!
//! [`Rows`] are what is written: of a table, a revision or the metrics tables of a stream, all
//! or chosen rows, all or chosen columns. An [`ExportFormat`] is a value that says where to
//! and how, and [`export()`] writes. A file is there whole or not at all.

mod arrow;
mod cell;
mod coco;
mod csv;
mod folder;
mod image_names;
mod images;
mod json;
mod lines;
mod parquet;
mod pictures;
mod rows;
mod target;
mod yolo;

pub use self::arrow::ToArrow;
pub use self::coco::ToCoco;
pub use self::csv::ToCsv;
pub use self::images::ToImageFolder;
pub use self::json::ToJsonLines;
pub use self::parquet::ToParquet;
pub use self::rows::{RowSource, Rows};
pub use self::yolo::ToYolo;

use crate::{At, BadRow, Error, Place, Result};
use tlc_core::Url;

/// A format that rows can be written in: where to, and how.
pub trait ExportFormat {
    /// Writes the rows.
    ///
    /// # Errors
    /// Those of reading the rows and of writing files.
    fn write(&self, rows: &Rows) -> Result<Exported>;
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The files, in the order in which they were begun.
    pub files: Vec<Url>,
    /// Number of rows.
    pub rows: u64,
    /// Numbers that are not finite and became `null`, since JSON has none.
    pub not_finite: u64,
}

impl Exported {
    /// One file, of so many rows.
    fn of_file((file, rows): (Url, u64)) -> Self {
        Self {
            files: vec![file],
            rows,
            not_finite: 0,
        }
    }
}

/// A row, from 1 on, that the format cannot say.
fn bad(row: u64, column: &str, reason: impl Into<String>) -> Error {
    Error::from(BadRow {
        place: Place {
            file: None,
            at: At::Row(row),
        },
        column: Some(column.to_owned()),
        value: None,
        reason: reason.into(),
    })
}

/// Writes rows in a format.
///
/// ```
/// use tlc_core::{Columns, Table, TableOptions, Url};
/// use tlc_formats::{Rows, ToCsv, export};
///
/// let (root, folder) = (Url::parse("memory://docs-export/")?, tempfile::tempdir()?);
/// let table = Table::create(TableOptions::new("demo", "pets", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("name", vec!["Tom", "Rex"]).column("legs", vec![4, 3]))
/// })?;
/// let file = folder.path().join("pets.csv");
/// let rows = Rows::of(&table).columns(["legs", "name"]).only(vec![1]);
/// assert_eq!(export(&ToCsv::new(&file), &rows)?.rows, 1);
/// assert_eq!(std::fs::read_to_string(&file)?, "legs,name\n3,Rex\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the format: `AlreadyExists` for a file that is there, if it is not to be
/// overwritten; storage errors.
pub fn export(format: &dyn ExportFormat, rows: &Rows) -> Result<Exported> {
    format.write(rows)
}

//! Rows as JSON lines.

use super::cell::{self, Writer};
use super::target::Target;
use super::{ExportFormat, Exported, Rows, lines};
use crate::Result;
use std::path::PathBuf;

/// A file of JSON lines: an object a row, on a line of its own. A name that ends in `.gz` makes
/// it gzipped.
///
/// Labels are written as the names of their classes, moments as texts of RFC 3339, bytes as
/// Base64, floats with the digits that are read as the same number. JSON has no number that is
/// not finite: such become `null`, and [`Exported::not_finite`] counts them.
///
/// ```
/// use tlc_core::{Columns, Table, TableOptions, Url};
/// use tlc_formats::{Rows, ToJsonLines, export};
///
/// let (root, folder) = (Url::parse("memory://docs-to-json/")?, tempfile::tempdir()?);
/// let table = Table::create(TableOptions::new("demo", "pets", "initial").root(&root), |writer| {
///     writer.add_batch(Columns::new().column("name", vec!["Tom"]).column("at", vec![[0.5, 2.0]]))
/// })?;
/// let file = folder.path().join("pets.jsonl");
/// export(&ToJsonLines::new(&file), &Rows::of(&table))?;
/// assert_eq!(std::fs::read_to_string(&file)?, "{\"name\":\"Tom\",\"at\":[0.5,2.0]}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ToJsonLines {
    target: Target,
    ids: bool,
}

impl ToJsonLines {
    /// A file of this path or URL.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        Self {
            target: Target::of(target.into()),
            ids: false,
        }
    }

    /// Writes labels as ids.
    #[must_use]
    pub fn label_ids(mut self) -> Self {
        self.ids = true;
        self
    }

    /// Takes the place of a file that is there.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.target = self.target.overwriting();
        self
    }
}

impl ExportFormat for ToJsonLines {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let schema = rows.schema()?;
        let mut writers = Vec::new();
        for (place, column) in schema.columns().iter().enumerate() {
            let mut name = if place == 0 {
                b"{".to_vec()
            } else {
                b",".to_vec()
            };
            cell::text(&column.name, &mut name)?;
            name.push(b':');
            writers.push((name, Writer::of(column, self.ids)));
        }
        let exported = lines::write(&self.target, rows, Vec::new(), |batch, row, line| {
            for ((name, writer), values) in writers.iter_mut().zip(batch.columns()) {
                line.extend_from_slice(name);
                writer.json(values, row, line)?;
            }
            line.extend_from_slice(b"}\n");
            Ok(())
        })?;
        Ok(Exported {
            not_finite: writers.iter().map(|(_, writer)| writer.not_finite).sum(),
            ..exported
        })
    }
}

//! Formats of rows, in and out.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod arrow;
mod blocks;
mod csv;
mod export;
mod foreign;
mod json;
mod memory;
mod types;

use std::path::{Path, PathBuf};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::DataType;
use tlc_core::arrow::util::display::array_value_to_string;
use tlc_core::{Table, Url, ValueType};
use tlc_formats::{Format, ImportOptions, Imported, Result, import};

/// A folder for files and projects.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn options(&self) -> ImportOptions {
        let root = Url::from_path(&self.path("projects")).unwrap();
        ImportOptions::new("p", "d").root(root)
    }

    pub(crate) fn import(&self, format: &dyn Format) -> Result<Table> {
        import(format, self.options()).map(|imported: Imported| imported.table)
    }
}

/// A file of the repository.
pub(crate) fn data(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    folder.join(name)
}

pub(crate) fn value(table: &Table, column: &str) -> ValueType {
    table.schema().require(column).unwrap().value.clone()
}

/// The values of a column as texts, `None` where one is missing.
pub(crate) fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let values = table.column(column).unwrap();
    let values = match values.data_type() {
        DataType::Timestamp(unit, _) => cast(&values, &DataType::Timestamp(*unit, None)).unwrap(),
        _ => values,
    };
    let text = |row| match values.is_null(row) {
        true => None,
        false => Some(array_value_to_string(&values, row).unwrap()),
    };
    (0..values.len()).map(text).collect()
}

/// The values of a column as texts, an empty one where one is missing.
pub(crate) fn shown(table: &Table, column: &str) -> Vec<String> {
    let texts = texts(table, column).into_iter();
    texts.map(Option::unwrap_or_default).collect()
}

//! Rows as an Arrow IPC file.

use super::target::Target;
use super::{ExportFormat, Exported, Rows};
use crate::{Error, Result};
use std::path::PathBuf;
use tlc_core::Url;
use tlc_core::arrow::error::ArrowError;
use tlc_core::arrow::ipc::writer::FileWriter;

/// An Arrow IPC file (also called Feather), not compressed, so that it can be mapped. What
/// columns mean stands in the metadata of the fields, so that [`Arrow`](crate::Arrow) brings it
/// back.
#[derive(Clone, Debug)]
pub struct ToArrow {
    target: Target,
}

impl ToArrow {
    /// A file of this path or URL.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        let target = Target::of(target.into());
        Self { target }
    }

    /// Takes the place of a file that is there.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.target = self.target.overwriting();
        self
    }
}

impl ExportFormat for ToArrow {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let schema = rows.schema()?.to_arrow();
        let written = self.target.write(|file, url| {
            let failed = |error| refused(url, error);
            let mut writer = FileWriter::try_new(file, &schema).map_err(failed)?;
            let count = rows.each(|batch| writer.write(batch).map_err(failed))?;
            writer.finish().map_err(failed)?;
            Ok(count)
        })?;
        Ok(Exported::of_file(written))
    }
}

fn refused(url: &Url, error: ArrowError) -> Error {
    let source = match error {
        ArrowError::IoError(_, source) => source,
        other => std::io::Error::other(other),
    };
    Error::io(url, source)
}

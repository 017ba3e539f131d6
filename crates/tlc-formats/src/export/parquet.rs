//! Rows as a Parquet file.

use super::target::Target;
use super::{ExportFormat, Exported, Rows};
use crate::{Error, Result};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::path::PathBuf;
use tlc_core::Url;

/// A row group is closed at this size in memory, or at so many rows.
const GROUP_BYTES: usize = 64 << 20;
const GROUP_ROWS: usize = 1 << 17;

/// A Parquet file that any reader of Parquet opens, Zstandard inside. What columns mean stands
/// in the metadata of the fields, so that [`Parquet`](crate::Parquet) brings it back.
#[derive(Clone, Debug)]
pub struct ToParquet {
    target: Target,
}

impl ToParquet {
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

impl ExportFormat for ToParquet {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let schema = rows.schema()?.to_arrow();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .build();
        let written = self.target.write(|file, url| {
            let failed = |error| refused(url, error);
            let mut writer =
                ArrowWriter::try_new(file, schema, Some(properties)).map_err(failed)?;
            let count = rows.each(|batch| writer.write(batch).map_err(failed))?;
            writer.close().map_err(failed)?;
            Ok(count)
        })?;
        Ok(Exported::of_file(written))
    }
}

fn refused(url: &Url, error: ParquetError) -> Error {
    let source = match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => *source,
            Err(source) => std::io::Error::other(source),
        },
        other => std::io::Error::other(other),
    };
    Error::io(url, source)
}

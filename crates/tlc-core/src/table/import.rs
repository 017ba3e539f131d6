//! Tables from Parquet files that others wrote.

use super::{Table, TableOptions, TableWriter};
use crate::{Error, Result, Url};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

impl Table {
    /// A table with the rows of a Parquet file, copied into the project.
    ///
    /// Foreign files carry no checksum, so each value is checked as it is decoded
    /// and a damaged file is an error, never a panic.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be opened, [`Error::Corrupt`] if it is no
    /// sound Parquet file, [`Error::Column`] for a type that is not supported or a
    /// column of the options that contradicts the data; as [`Table::create`].
    pub fn from_parquet(path: impl AsRef<Path>, options: TableOptions) -> Result<Self> {
        let path = path.as_ref();
        Self::create(options, |writer| copy_rows(path, writer))
    }
}

fn copy_rows(path: &Path, writer: &mut TableWriter) -> Result<()> {
    let url = Url::from_path(path)?;
    let file = File::open(path).map_err(|source| Error::Io {
        url: url.clone(),
        source,
    })?;
    let corrupt = |reason: String| Error::Corrupt {
        url: url.clone(),
        reason,
    };
    let mut reader = guarded(&url, || {
        ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(|error| corrupt(error.to_string()))
    })?;
    while let Some(batch) = guarded(&url, || {
        reader
            .next()
            .transpose()
            .map_err(|error| corrupt(error.to_string()))
    })? {
        writer.add_batch(&batch)?;
    }
    Ok(())
}

/// The decoders panic on some damaged files; that must not reach the caller.
fn guarded<T>(url: &Url, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(Error::Corrupt {
            url: url.clone(),
            reason: "the Parquet decoder gave up on it".to_owned(),
        })
    })
}

//! Files of Arrow's columns, for formats that keep theirs in them.

use super::arrow::{Batches, opened};
use super::parquet::Opened;
use crate::{Result, SourceFile};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::arrow::datatypes::SchemaRef;

/// A Parquet file, or one of Arrow.
pub(crate) enum ColumnFile {
    Parquet(Opened),
    Arrow(SourceFile, SchemaRef),
}

impl ColumnFile {
    /// By its first bytes.
    pub(crate) fn open(file: &SourceFile) -> Result<Self> {
        let start = file.range(0..file.len_bytes()?.min(4))?;
        match start.as_ref() {
            b"PAR1" => Opened::of(file).map(Self::Parquet),
            _ => Ok(Self::Arrow(file.clone(), opened(file)?.schema())),
        }
    }

    /// Its columns, with the metadata of the file.
    pub(crate) fn schema(&self) -> SchemaRef {
        match self {
            Self::Parquet(opened) => opened.schema(),
            Self::Arrow(_, schema) => SchemaRef::clone(schema),
        }
    }

    /// Its rows.
    pub(crate) fn batches(
        &self,
    ) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>> + Send + '_>> {
        Ok(match self {
            Self::Parquet(opened) => Box::new(opened.batches()),
            Self::Arrow(file, _) => {
                let batches: Batches = opened(file)?;
                Box::new(batches)
            }
        })
    }
}

//! Where rows are stored, in their order, chunk after chunk: what scans and random access read.

use crate::arrow::datatypes::SchemaRef;
use crate::part::{Batches, Part, PartReader};
use crate::storage::Store;
use crate::{Result, Url};
use std::ops::Range;
use std::sync::Arc;

/// The rows of part files.
#[derive(Debug)]
pub(super) struct Source {
    readers: Vec<Arc<PartReader>>,
    chunks: Vec<Chunk>,
}

/// What is decoded at once: a row group of a part.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    reader: Arc<PartReader>,
    row_group: usize,
    first_row: usize,
    rows: usize,
}

impl Source {
    /// The rows of parts that are named relative to a folder; no file is touched yet.
    pub(super) fn open(
        folder: &Url,
        store: &Arc<dyn Store>,
        schema: &SchemaRef,
        parts: &[Part],
    ) -> Result<Self> {
        let reader = |part| PartReader::new(Arc::clone(store), folder, part, schema).map(Arc::new);
        let readers = parts.iter().map(reader).collect::<Result<Vec<_>>>()?;
        let mut chunks = Vec::new();
        let mut first_row = 0;
        for reader in &readers {
            for (row_group, rows) in reader.part().row_groups.iter().copied().enumerate() {
                chunks.push(Chunk {
                    reader: Arc::clone(reader),
                    row_group,
                    first_row,
                    rows,
                });
                first_row += rows;
            }
        }
        Ok(Self { readers, chunks })
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.chunks
            .last()
            .map_or(0, |chunk| chunk.rows_in_all().end)
    }

    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// What all rows take in memory as Arrow arrays.
    pub(super) fn decoded_bytes(&self) -> u64 {
        let parts = self.readers.iter().map(|reader| reader.part());
        parts.fold(0, |sum, part| sum.saturating_add(part.decoded_bytes))
    }

    pub(super) fn readers(&self) -> &[Arc<PartReader>] {
        &self.readers
    }
}

impl Chunk {
    /// Which of all rows it has.
    pub(super) fn rows_in_all(&self) -> Range<usize> {
        self.first_row..self.first_row + self.rows
    }

    /// Some of its rows, counted from its first, of the named columns or all.
    pub(super) fn read(
        &self,
        rows: Range<usize>,
        columns: Option<&[String]>,
        batch_size: usize,
    ) -> Result<Batches> {
        self.reader.read(self.row_group, rows, columns, batch_size)
    }
}

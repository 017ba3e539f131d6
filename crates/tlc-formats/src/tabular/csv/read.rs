//! Blocks of records become batches of rows.

use super::super::blocks::Block;
use super::cell::Missing;
use super::columns::{Builder, Target};
use super::header::Head;
use super::infer::Seen;
use crate::import::{Places, batch_of};
use crate::{BadRow, Error, Place, Result};
use std::sync::Arc;
use tlc_core::Column;
use tlc_core::arrow::array::{BooleanArray, RecordBatch};
use tlc_core::arrow::compute::filter;
use tlc_core::arrow::datatypes::{Field, Schema as ArrowSchema, SchemaRef};

/// What the columns are read as.
pub(super) struct Plan<'a> {
    schema: SchemaRef,
    targets: Vec<Target>,
    missing: &'a Missing<'a>,
}

/// The rows of a block.
pub(super) struct Read {
    pub(super) batch: RecordBatch,
    pub(super) places: Places,
    pub(super) bad: Vec<Error>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        names: &[String],
        declared: &[Option<&Column>],
        seen: &[Seen],
        missing: &'a Missing<'a>,
        has_empty_texts: bool,
    ) -> Result<Self> {
        let columns = names.iter().zip(declared).zip(seen);
        let targets = columns
            .map(|((name, declared), seen)| Target::of(name, *declared, seen, has_empty_texts));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let fields = targets
            .iter()
            .zip(names)
            .map(|(target, name)| target.field(name));
        Ok(Self {
            schema: Arc::new(ArrowSchema::new(fields.collect::<Vec<Field>>())),
            targets,
            missing,
        })
    }

    /// A batch without rows.
    pub(super) fn no_rows(&self) -> RecordBatch {
        RecordBatch::new_empty(Arc::clone(&self.schema))
    }

    pub(super) fn read(&self, block: &Block, head: &Head) -> Result<Read> {
        let mut builders: Vec<Builder> =
            self.targets.iter().map(|target| target.builder()).collect();
        let (mut lines, mut keep, mut bad) = (Vec::new(), Vec::new(), Vec::new());
        head.records(block, |line, record| {
            let record = match record {
                Ok(record) => record,
                Err(reason) => return bad.push(bad_row(head, line, None, reason)),
            };
            let mut is_good = true;
            for ((builder, field), column) in builders
                .iter_mut()
                .zip(&head.fields)
                .zip(self.schema.fields())
            {
                let text = record.get(*field).unwrap_or_default();
                if let Err(reason) = builder.push(text, self.missing)
                    && std::mem::take(&mut is_good)
                {
                    bad.push(bad_row(head, line, Some((column.name(), text)), reason));
                }
            }
            lines.push(line);
            keep.push(is_good);
        });
        let batch = self.batch(builders, &keep)?;
        let kept = lines.iter().zip(&keep).filter(|(_, keep)| **keep);
        Ok(Read {
            batch,
            places: Places::lines(&head.file, kept.map(|(line, _)| *line).collect()),
            bad,
        })
    }

    /// The columns of the rows that are kept.
    fn batch(&self, builders: Vec<Builder>, keep: &[bool]) -> Result<RecordBatch> {
        let rows = keep.iter().filter(|keep| **keep).count();
        let mut arrays: Vec<_> = builders.into_iter().map(Builder::finish).collect();
        if rows < keep.len() {
            let keep = BooleanArray::from(keep.to_vec());
            let kept = arrays.iter().map(|array| filter(array, &keep));
            let kept = kept.collect::<Result<_, _>>();
            arrays = kept.map_err(|source| Error::arrow("leave rows out", source))?;
        }
        batch_of(self.schema.fields().iter().cloned(), arrays, rows)
    }
}

fn bad_row(head: &Head, line: u64, cell: Option<(&str, &str)>, reason: impl Into<String>) -> Error {
    BadRow::at(Place::line(head.file.url(), line), cell, reason).into()
}

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
    /// What is known of the columns, if that is not all of their fields.
    begun: Option<Begun>,
}

/// Columns of which the first fields have been looked at.
struct Begun {
    seen: Vec<Seen>,
    is_declared: Vec<bool>,
}

/// The rows of a block.
pub(super) struct Read {
    pub(super) batch: RecordBatch,
    pub(super) places: Places,
    pub(super) bad: Vec<Error>,
    /// What the fields look like, if not all were looked at before.
    pub(super) seen: Vec<Seen>,
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
            begun: None,
        })
    }

    /// The same of columns of which only the first fields have been looked at: reading looks
    /// at each.
    pub(super) fn of_first(self, seen: &[Seen], declared: &[Option<&Column>]) -> Self {
        let begun = Begun {
            seen: seen.iter().map(Seen::begun).collect(),
            is_declared: declared.iter().map(Option::is_some).collect(),
        };
        Self {
            begun: Some(begun),
            ..self
        }
    }

    /// Whether the columns are read in the same way.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.targets == other.targets
    }

    /// A batch without rows.
    pub(super) fn no_rows(&self) -> RecordBatch {
        RecordBatch::new_empty(Arc::clone(&self.schema))
    }

    pub(super) fn read(&self, block: &Block, head: &Head) -> Result<Read> {
        let mut builders: Vec<Builder> =
            self.targets.iter().map(|target| target.builder()).collect();
        let (mut lines, mut keep, mut bad) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = match &self.begun {
            Some(begun) => begun.seen.clone(),
            None => Vec::new(),
        };
        head.records(block, |line, record| {
            let record = match record {
                Ok(record) => record,
                Err(reason) => return bad.push(bad_row(head, line, None, reason)),
            };
            let mut is_good = true;
            for (place, (builder, field)) in builders.iter_mut().zip(&head.fields).enumerate() {
                let text = record.get(*field).unwrap_or_default();
                let looked = seen.get_mut(place).map(|seen| seen.add(text, self.missing));
                let pushed = match looked.filter(|_| !self.is_declared(place)) {
                    Some(looked) => {
                        builder.push_looked(looked, text);
                        Ok(())
                    }
                    None => builder.push(text, self.missing),
                };
                if let Err(reason) = pushed
                    && std::mem::take(&mut is_good)
                {
                    bad.push(bad_row(head, line, Some((self.name(place), text)), reason));
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
            seen,
        })
    }

    fn is_declared(&self, place: usize) -> bool {
        let begun = self.begun.as_ref();
        begun.is_some_and(|begun| begun.is_declared.get(place) == Some(&true))
    }

    fn name(&self, place: usize) -> &str {
        let field = self.schema.fields().get(place);
        field.map_or("", |field| field.name())
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

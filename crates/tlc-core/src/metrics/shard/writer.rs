//! Writing one shard.

use super::receipt::next_try;
use super::{MetricsShard, ShardedMetrics};
use crate::arrow::array::{AsArray, RecordBatch};
use crate::arrow::datatypes::Int64Type;
use crate::metrics::check::EXAMPLE_ID;
use crate::metrics::fit::Fitting;
use crate::part::{EncodedPart, Part, PartEncoder, slices};
use crate::{Columns, Error, Result};
use serde::Serialize;
use std::collections::VecDeque;
use std::ops::Range;

/// A file of a shard is closed at this size.
const PART_BYTES: usize = 32 << 20;

/// Writes the rows of one shard, all of them and in order. What one that is dropped has written
/// is not part of anything.
#[derive(Debug)]
pub struct MetricsShardWriter {
    metrics: ShardedMetrics,
    rows: Range<usize>,
    /// Of the try that this is: whoever else makes it, one of them gets it.
    number: u32,
    next_row: usize,
    fitting: Fitting,
    encoder: Option<PartEncoder>,
    /// Closed and not published yet: publishing may be tried again.
    closed: VecDeque<(String, EncodedPart)>,
    parts: Vec<Part>,
    is_broken: bool,
}

impl MetricsShardWriter {
    pub(super) fn new(
        metrics: &ShardedMetrics,
        rows: Range<usize>,
        fitting: Fitting,
    ) -> Result<Self> {
        Ok(Self {
            number: next_try(metrics.run(), metrics.name(), &rows)?,
            metrics: metrics.clone(),
            next_row: rows.start,
            rows,
            fitting,
            encoder: None,
            closed: VecDeque::new(),
            parts: Vec::new(),
            is_broken: false,
        })
    }

    /// Adds the next rows of the shard.
    ///
    /// # Errors
    /// [`Error::Batch`] for an `example_id` that is not the next row; as
    /// [`MetricsTableWriter::add_batch`](crate::MetricsTableWriter::add_batch). The batch is not
    /// taken then, and the call can be repeated, unless rows could not be encoded
    /// ([`Error::Broken`]).
    pub fn add_batch(&mut self, batch: impl Into<Columns>) -> Result<()> {
        self.check()?;
        self.publish()?;
        let rows = self.fitting.fit(batch.into())?;
        let next_row = self.row_after(&rows)?;
        self.is_broken = true;
        for rows in slices(&rows) {
            self.encode(&rows)?;
        }
        self.is_broken = false;
        self.next_row = next_row;
        Ok(())
    }

    /// Makes the shard durable, with a note for whoever reads it. If another process has
    /// written it meanwhile, that one's is the shard, and this one's rows are deleted.
    ///
    /// # Errors
    /// [`Error::Shards`] if rows are missing; storage errors, after which the call can be
    /// repeated.
    pub fn finish(&mut self, note: &impl Serialize) -> Result<MetricsShard> {
        self.check()?;
        if self.next_row != self.rows.end {
            return Err(Error::Shards {
                url: self.metrics.folder()?,
                reason: format!("rows {:?} end before row {}", self.rows, self.next_row),
            });
        }
        self.close()?;
        self.publish()?;
        let schema = self
            .fitting
            .head(self.metrics.run(), self.metrics.name())?
            .schema;
        let own = MetricsShard::new(self.rows.clone(), schema, self.parts.clone(), note)?;
        let shard = own.publish(self.metrics.run(), self.metrics.name(), self.number)?;
        if shard.parts != self.parts {
            self.delete_own();
        }
        Ok(shard)
    }

    fn encode(&mut self, rows: &RecordBatch) -> Result<()> {
        let Some(schema) = self.fitting.schema() else {
            return Ok(());
        };
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => self.encoder.insert(PartEncoder::new(schema)),
        };
        encoder.push(rows)?;
        // It is published by the next call, which can be repeated.
        match encoder.len_bytes() >= PART_BYTES {
            true => self.close(),
            false => Ok(()),
        }
    }

    fn close(&mut self) -> Result<()> {
        if let Some(encoder) = self.encoder.take_if(|encoder| encoder.rows() > 0) {
            let (metrics, id) = (self.metrics.name(), uuid::Uuid::now_v7());
            let relative = format!("metrics/{metrics}/{id}.parquet");
            let was_broken = std::mem::replace(&mut self.is_broken, true);
            self.closed.push_back((relative, encoder.finish()?));
            self.is_broken = was_broken;
        }
        Ok(())
    }

    fn publish(&mut self) -> Result<()> {
        while let Some((relative, part)) = self.closed.front() {
            self.metrics.run().publish(relative, part)?;
            self.parts.push(part.describe(relative.clone()));
            self.closed.pop_front();
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        match self.is_broken {
            true => Err(Error::Broken {
                url: self.metrics.folder()?,
            }),
            false => Ok(()),
        }
    }

    /// The row after these, which are the next ones.
    fn row_after(&self, rows: &RecordBatch) -> Result<usize> {
        let ids = rows.column_by_name(EXAMPLE_ID);
        let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int64Type>());
        let ids = ids.map_or(&[][..], |ids| ids.values());
        let mut expected = self.next_row..self.rows.end;
        let is_next = |id: &i64| {
            let next = expected.next();
            usize::try_from(*id).is_ok_and(|id| Some(id) == next)
        };
        match ids.iter().map(is_next).position(|is_next| !is_next) {
            None if ids.len() == rows.num_rows() => Ok(self.next_row + ids.len()),
            at => {
                let row = at.unwrap_or_default();
                Err(Error::Batch {
                    column: EXAMPLE_ID.to_owned(),
                    row: Some(row),
                    value: ids.get(row).map(i64::to_string),
                    reason: format!(
                        "the next row of the shard of rows {:?} is {}",
                        self.rows,
                        self.next_row + row
                    ),
                })
            }
        }
    }

    fn delete_own(&self) {
        let run = self.metrics.run();
        for part in &self.parts {
            let url = run.url().join(&part.url);
            if let Err(error) = url.and_then(|url| run.store().delete(&url)) {
                tracing::warn!(%error, "rows that nothing needs are left for `vacuum`");
            }
        }
    }
}

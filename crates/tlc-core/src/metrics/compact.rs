//! Few segments in the place of many.

use crate::part::{Part, PartEncoder, PartReader, slices};
use crate::run::{Action, Compaction, Run, log_schema};
use crate::{Result, Schema};
use std::ops::Range;
use std::sync::Arc;

/// A part is closed at this size; one of half of it is not worth rewriting.
const PART_BYTES: usize = 32 << 20;
const SMALL_BYTES: u64 = 16 << 20;
const BATCH_ROWS: usize = 8192;

impl Run {
    /// Joins the small segments of each metrics table, and of the logged values, to few:
    /// a run that was flushed at every step reads as quickly as any other then.
    ///
    /// Other processes may write to the run meanwhile. What is replaced stays on disk for
    /// those who read it, until [`vacuum`](crate::vacuum) is asked for old contents.
    /// Until then a tool that reads all Parquet files of the folder finds its rows twice.
    ///
    /// ```
    /// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, Run, RunOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-compact/")?;
    /// let run = Run::create(RunOptions::new("demo").root(&root))?;
    /// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
    /// for loss in [0.1_f32, 0.2, 0.3] {
    ///     writer.add_batch(Columns::new().column("loss", vec![loss]))?;
    ///     writer.flush()?;
    /// }
    /// writer.finalize()?;
    /// assert_eq!(run.compact()?, 2); // of three segments one is left
    /// assert_eq!(run.unfinished_metrics()?[0].len(), 3);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// Gives the number of parts that the run has fewer.
    ///
    /// # Errors
    /// As [`flush`](Self::flush); [`Error::Corrupt`](crate::Error::Corrupt) for a segment
    /// that cannot be read. Nothing is replaced then, and the call can be repeated.
    pub fn compact(&self) -> Result<usize> {
        self.refresh()?;
        let tables: Vec<_> = {
            let state = self.state();
            let tables = state.metrics.iter().map(|metrics| {
                let head = &metrics.head;
                (
                    Some(head.name.clone()),
                    head.schema.clone(),
                    metrics.parts.clone(),
                )
            });
            let values = (None, log_schema()?, state.aggregates.clone());
            tables.chain([values]).collect()
        };
        let mut fewer = 0;
        for (name, schema, parts) in tables {
            // From the last on, so that the places of those before stay what they are.
            for small in small_parts(&parts).into_iter().rev() {
                fewer += self.compact_parts(name.as_deref(), &schema, &parts, small)?;
            }
        }
        Ok(fewer)
    }

    fn compact_parts(
        &self,
        name: Option<&str>,
        schema: &Schema,
        parts: &[Part],
        small: Range<usize>,
    ) -> Result<usize> {
        let start = small.start;
        let small = parts.get(small).unwrap_or_default();
        let [first, .., last] = small else {
            return Ok(0);
        };
        let folder = match name {
            Some(name) => format!("metrics/{name}"),
            None => "aggregates".to_owned(),
        };
        let compaction = Compaction {
            start,
            count: small.len(),
            first: first.url.clone(),
            last: last.url.clone(),
            parts: self.rewrite(&folder, schema, small)?,
        };
        let fewer = small.len().saturating_sub(compaction.parts.len());
        let mut is_done = false;
        self.append(|state| {
            let parts = match name {
                Some(name) => state.metrics(name).map(|metrics| &metrics.parts),
                None => Some(&state.aggregates),
            };
            // Another process may have compacted it by now.
            is_done = fewer > 0 && parts.is_some_and(|parts| compaction.fits(parts));
            let action = || Action::Compact {
                metrics: name.map(str::to_owned),
                compaction: compaction.clone(),
            };
            Ok(is_done.then(action).into_iter().collect())
        })?;
        if is_done {
            return Ok(fewer);
        }
        // No commit names them, and none will.
        for part in &compaction.parts {
            self.store().delete(&self.url().join(&part.url)?)?;
        }
        Ok(0)
    }

    /// Writes the rows of some parts to as few as they need.
    fn rewrite(&self, folder: &str, schema: &Schema, parts: &[Part]) -> Result<Vec<Part>> {
        let arrow_schema = schema.to_arrow();
        let mut encoder = PartEncoder::new(schema);
        let mut rewritten = Vec::new();
        for part in parts {
            let reader =
                PartReader::new(Arc::clone(self.store()), self.url(), part, &arrow_schema)?;
            for (group, rows) in part.row_groups.iter().copied().enumerate() {
                for batch in reader.read(group, 0..rows, None, BATCH_ROWS)? {
                    for rows in slices(&batch?) {
                        encoder.push(&rows)?;
                    }
                    if encoder.len_bytes() >= PART_BYTES {
                        let full = std::mem::replace(&mut encoder, PartEncoder::new(schema));
                        rewritten.push(self.publish_rewritten(folder, full)?);
                    }
                }
            }
        }
        if encoder.rows() > 0 {
            rewritten.push(self.publish_rewritten(folder, encoder)?);
        }
        Ok(rewritten)
    }

    fn publish_rewritten(&self, folder: &str, encoder: PartEncoder) -> Result<Part> {
        let url = format!("{folder}/{}.parquet", uuid::Uuid::now_v7());
        let part = encoder.finish()?;
        self.publish(&url, &part)?;
        Ok(part.describe(url))
    }
}

/// Places of the parts that are small, and beside each other.
fn small_parts(parts: &[Part]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match runs.last_mut() {
            _ if part.file.len_bytes >= SMALL_BYTES => {}
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

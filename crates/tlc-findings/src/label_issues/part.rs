//! One of the metrics tables that predictions are read from: which rows hold which samples.

use super::predictions::check_probabilities;
use crate::{Error, Result, column};
use std::ops::{Range, RangeInclusive};
use tlc_core::arrow::array::RecordBatch;
use tlc_core::arrow::datatypes::Float64Type;
use tlc_core::{EXAMPLE_ID, MetricsTable, ScanBatches};

const EPOCH: &str = "epoch";

/// Rows, and probabilities, of a batch that is read.
const BATCH_ROWS: usize = 8192;
const BATCH_VALUES: usize = 1 << 22;

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) table: MetricsTable,
    chunks: Vec<Chunk>,
}

/// Rows that are read together, and their smallest and largest id.
#[derive(Clone, Debug)]
struct Chunk {
    rows: Range<usize>,
    ids: (i64, i64),
}

/// What the rows of a metrics table are about, in their order.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) epoch: Option<i64>,
    pub(super) example_ids: Vec<i64>,
    /// Where the metrics table has them itself.
    pub(super) labels: Option<Vec<i64>>,
}

impl Part {
    /// Reads all but the probabilities. Rows of a table without `example_id` are numbered.
    pub(super) fn open(table: &MetricsTable, label: &str) -> Result<(Self, Keys)> {
        let name = table.name();
        let has = |column: &str| table.schema().column(column).is_some();
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut keys = Keys {
            labels: has(label).then(Vec::new),
            ..Keys::default()
        };
        let columns = [EXAMPLE_ID, label, EPOCH].into_iter();
        let columns = columns.filter(|column| has(column));
        for batch in numbered(table.scan().columns(columns).batches()?, 0) {
            let (start, batch) = batch?;
            let ids = example_ids(name, &batch, start)?;
            if let Some(labels) = &mut keys.labels {
                labels.extend(column::integers(name, label, column::of(&batch, label)?)?);
            }
            if has(EPOCH) {
                let epochs = column::integers(name, EPOCH, column::of(&batch, EPOCH)?)?;
                let first = keys.epoch.or(epochs.first().copied());
                keys.epoch = first;
                if let Some(found) = epochs.into_iter().find(|epoch| Some(*epoch) != first) {
                    return Err(Error::EpochVaries {
                        metrics: name.to_owned(),
                        first: first.unwrap_or_default(),
                        found,
                    });
                }
            }
            if let (Some(smallest), Some(largest)) = (ids.iter().min(), ids.iter().max()) {
                chunks.push(Chunk {
                    rows: start..start + ids.len(),
                    ids: (*smallest, *largest),
                });
            }
            keys.example_ids.extend(ids);
        }
        let table = table.clone();
        Ok((Self { table, chunks }, keys))
    }

    /// Calls `visit` with the id and the probabilities of each row, in order, of chunks that
    /// hold ids of a range; there may be others among them.
    pub(super) fn for_each_row(
        &self,
        ids: &RangeInclusive<i64>,
        (probabilities, classes): (&str, usize),
        mut visit: impl FnMut(i64, &[f64]),
    ) -> Result<()> {
        let name = self.table.name();
        let has_ids = self.table.schema().column(EXAMPLE_ID).is_some();
        let columns = has_ids.then_some(EXAMPLE_ID).into_iter();
        let columns = columns.chain([probabilities]);
        let batch_rows = (BATCH_VALUES / classes.max(1)).clamp(1, BATCH_ROWS);
        for rows in self.rows_with(ids) {
            let (scan, start) = (self.table.scan().columns(columns.clone()), rows.start);
            let scan = scan.rows(rows).batch_size(batch_rows);
            for batch in numbered(scan.batches()?, start) {
                let (start, batch) = batch?;
                let lists = column::of(&batch, probabilities)?;
                let values = column::list_values::<Float64Type>(name, probabilities, lists)?;
                let ids = example_ids(name, &batch, start)?;
                for (id, row) in ids.into_iter().zip(values.chunks_exact(classes.max(1))) {
                    check_probabilities(row, id)?;
                    visit(id, row);
                }
            }
        }
        Ok(())
    }

    /// Ranges of rows whose chunks hold ids of a range, neighbours joined.
    fn rows_with(&self, ids: &RangeInclusive<i64>) -> Vec<Range<usize>> {
        let overlaps = |chunk: &&Chunk| chunk.ids.0 <= *ids.end() && chunk.ids.1 >= *ids.start();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for chunk in self.chunks.iter().filter(overlaps) {
            match ranges.last_mut() {
                Some(last) if last.end == chunk.rows.start => last.end = chunk.rows.end,
                _ => ranges.push(chunk.rows.clone()),
            }
        }
        ranges
    }
}

/// The batches of a scan, each with the row that it starts at.
fn numbered(
    batches: ScanBatches,
    mut start: usize,
) -> impl Iterator<Item = Result<(usize, RecordBatch)>> {
    batches.map(move |batch| {
        let batch = batch?;
        let first = start;
        start += batch.num_rows();
        Ok((first, batch))
    })
}

fn example_ids(name: &str, batch: &RecordBatch, start: usize) -> Result<Vec<i64>> {
    match batch.column_by_name(EXAMPLE_ID) {
        Some(ids) => column::integers(name, EXAMPLE_ID, ids),
        None => {
            let first = i64::try_from(start).unwrap_or(i64::MAX);
            Ok((first..).take(batch.num_rows()).collect())
        }
    }
}

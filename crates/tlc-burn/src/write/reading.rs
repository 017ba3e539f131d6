//! First stage: rows of the table become samples, in parallel, in order.

use super::stop::{Stop, catch_panic};
use crate::map::{Purpose, Sample, Samples};
use crate::sampler::weight_column;
use crate::{Error, Result};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::mpsc::SyncSender;
use tlc_core::arrow::array::{AsArray, BooleanArray, RecordBatch};
use tlc_core::arrow::compute::filter_record_batch;
use tlc_core::arrow::datatypes::Float32Type;
use tlc_core::read_rows;

/// Rows a worker maps at once. Flex computes on the same workers: small pieces keep
/// its kernels from waiting.
const ROWS_OF_A_PIECE: usize = 16;

/// Takes rows and their ids; false if it wants no more.
type TakeRows<'a> = dyn FnMut(RecordBatch, Vec<usize>) -> Result<bool> + 'a;

pub(super) struct Reading<'a, R, I> {
    samples: &'a Samples<R, I>,
    /// The columns that are needed, if not all.
    columns: Option<Vec<String>>,
    batch_size: usize,
    /// Column of the weights, if rows of weight 0 are left out.
    weights: Option<String>,
}

impl<'a, R: DeserializeOwned, I: Send> Reading<'a, R, I> {
    pub(super) fn new(
        samples: &'a Samples<R, I>,
        batch_size: usize,
        exclude_zero_weights: bool,
    ) -> Result<Self> {
        let table = samples.table();
        let weights = if exclude_zero_weights {
            Some(weight_column(table)?)
        } else {
            None
        };
        let columns = samples.columns().map(|mut columns| {
            let known = columns.clone();
            columns.extend(weights.iter().filter(|name| !known.contains(name)).cloned());
            columns
        });
        Ok(Self {
            samples,
            columns,
            batch_size,
            weights,
        })
    }

    /// Sends batches of samples, all full but the last, until the rows end or
    /// nobody wants more.
    pub(super) fn run(self, to_computing: &SyncSender<Vec<Sample<I>>>, stop: &Stop) -> Result<()> {
        let mut pending = Vec::new();
        let mut send = |batch: RecordBatch, ids: Vec<usize>| -> Result<bool> {
            pending.extend(self.map(batch, ids)?);
            while pending.len() >= self.batch_size {
                let rest = pending.split_off(self.batch_size);
                let full = std::mem::replace(&mut pending, rest);
                if stop.is_stopped() || to_computing.send(full).is_err() {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let wanted = match self.samples.selected() {
            None => self.read_range(0..self.samples.table().len(), &mut send)?,
            Some(rows) => match as_range(rows) {
                Some(rows) => self.read_range(rows, &mut send)?,
                None => self.read_selected(rows, &mut send)?,
            },
        };
        if wanted && !pending.is_empty() {
            // It fails if nobody wants it.
            drop(to_computing.send(pending));
        }
        Ok(())
    }

    /// Gives batches of rows with their ids to `take`, until that wants no more.
    fn read_range(&self, rows: Range<usize>, take: &mut TakeRows<'_>) -> Result<bool> {
        let scan = self.samples.table().scan().rows(rows.clone());
        let mut scan = scan.batch_size(self.batch_size);
        if let Some(columns) = &self.columns {
            scan = scan.columns(columns.iter().cloned());
        }
        let mut first_row = rows.start;
        for batch in scan.batches()? {
            let batch = batch?;
            let ids = first_row..first_row + batch.num_rows();
            first_row = ids.end;
            if !take(batch, ids.collect())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same of any rows, in any order.
    fn read_selected(&self, rows: &[usize], take: &mut TakeRows<'_>) -> Result<bool> {
        let table = self.samples.table();
        let table = match &self.columns {
            Some(columns) => table.select(columns)?,
            None => table.clone(),
        };
        for ids in rows.chunks(self.batch_size) {
            if !take(table.take(ids)?, ids.to_vec())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn map(&self, batch: RecordBatch, ids: Vec<usize>) -> Result<Vec<Sample<I>>> {
        let (batch, ids) = self.without_zero_weights(batch, ids)?;
        let pieces: Vec<Result<Vec<Sample<I>>>> = ids
            .par_chunks(ROWS_OF_A_PIECE)
            .enumerate()
            .map(|(piece, ids)| {
                self.map_piece(&batch.slice(piece * ROWS_OF_A_PIECE, ids.len()), ids)
            })
            .collect();
        let mut samples = Vec::with_capacity(ids.len());
        for piece in pieces {
            samples.extend(piece?);
        }
        Ok(samples)
    }

    fn map_piece(&self, rows: &RecordBatch, ids: &[usize]) -> Result<Vec<Sample<I>>> {
        let rows = catch_panic(|| "deserializing a row".to_owned(), || read_rows::<R>(rows))?;
        let mapped = rows.into_iter().zip(ids).map(|(row, id)| {
            let row = row.map_err(|source| Error::Map {
                example_id: *id,
                source: source.into(),
            })?;
            let map = || self.samples.map_row(row, *id, Purpose::Collection);
            catch_panic(|| format!("the map of row {id}"), map)?
        });
        mapped.collect()
    }

    fn without_zero_weights(
        &self,
        mut batch: RecordBatch,
        ids: Vec<usize>,
    ) -> Result<(RecordBatch, Vec<usize>)> {
        let Some(name) = &self.weights else {
            return Ok((batch, ids));
        };
        let weights = batch.column_by_name(name);
        let Some(weights) = weights.and_then(|array| array.as_primitive_opt::<Float32Type>())
        else {
            return Ok((batch, ids));
        };
        let keep: BooleanArray = weights
            .iter()
            .map(|weight| Some(weight != Some(0.0)))
            .collect();
        batch = filter_record_batch(&batch, &keep).map_err(arrow_error)?;
        let ids = ids
            .into_iter()
            .zip(keep.values())
            .filter_map(|(id, keep)| keep.then_some(id));
        Ok((batch, ids.collect()))
    }
}

/// Rows that follow one another.
fn as_range(rows: &[usize]) -> Option<Range<usize>> {
    let (first, last) = (*rows.first()?, *rows.last()?);
    let mut pairs = rows.windows(2);
    let follow = pairs.all(|pair| matches!(pair, [row, next] if *next == row + 1));
    follow.then_some(first..last + 1)
}

fn arrow_error(source: tlc_core::arrow::error::ArrowError) -> Error {
    tlc_core::Error::Arrow {
        doing: "leave out rows of weight 0",
        source,
    }
    .into()
}

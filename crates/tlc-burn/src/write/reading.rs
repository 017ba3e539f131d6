//! First stage: rows of the table become samples, in parallel, in order.

use super::stop::{Stop, catch_panic};
use crate::map::{Purpose, Sample, Samples};
use crate::{Error, Result};
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Float32Type;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::sync::mpsc::SyncSender;
use tlc_core::{Scan, Table, ValueType, read_rows};

/// Rows a worker maps at once. Flex computes on the same workers: small pieces keep
/// its kernels from waiting.
const ROWS_OF_A_PIECE: usize = 16;

pub(super) struct Reading<'a, R, I> {
    samples: &'a Samples<R, I>,
    scan: Scan,
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
        let mut scan = table.scan().batch_size(batch_size);
        if let Some(columns) = samples.columns() {
            let extra = weights
                .iter()
                .filter(|name| !columns.contains(name))
                .cloned();
            scan = scan.columns(columns.iter().cloned().chain(extra.collect::<Vec<_>>()));
        }
        Ok(Self {
            samples,
            scan,
            batch_size,
            weights,
        })
    }

    /// Sends batches of samples, all full but the last, until the rows end or
    /// nobody wants more.
    pub(super) fn run(self, to_computing: &SyncSender<Vec<Sample<I>>>, stop: &Stop) -> Result<()> {
        let mut pending = Vec::new();
        let mut first_row = 0;
        for batch in self.scan.clone().batches()? {
            let batch = batch?;
            let rows = batch.num_rows();
            pending.extend(self.map(batch, first_row)?);
            first_row += rows;
            while pending.len() >= self.batch_size {
                let rest = pending.split_off(self.batch_size);
                let full = std::mem::replace(&mut pending, rest);
                if stop.is_stopped() || to_computing.send(full).is_err() {
                    return Ok(());
                }
            }
        }
        if !pending.is_empty() && to_computing.send(pending).is_err() {
            return Ok(());
        }
        Ok(())
    }

    fn map(&self, batch: RecordBatch, first_row: usize) -> Result<Vec<Sample<I>>> {
        let ids: Vec<usize> = (first_row..first_row + batch.num_rows()).collect();
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

fn weight_column(table: &Table) -> Result<String> {
    let columns = table.schema().columns();
    let weights = columns
        .iter()
        .find(|column| column.value == ValueType::SampleWeight);
    match weights {
        Some(column) => Ok(column.name.clone()),
        None => Err(Error::NoWeights {
            table: table.url().clone(),
        }),
    }
}

fn arrow_error(source: arrow::error::ArrowError) -> Error {
    tlc_core::Error::Arrow {
        doing: "leave out rows of weight 0",
        source,
    }
    .into()
}

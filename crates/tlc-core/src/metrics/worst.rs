//! The rows of a metrics table with the largest or smallest values.

use super::join::{beside, sample_rows};
use super::table::MetricsTable;
use super::text::{LABEL, write_rows};
use crate::arrow::array::{ArrayRef, AsArray, RecordBatch, UInt64Array};
use crate::arrow::compute::{cast, interleave_record_batch, take_record_batch};
use crate::arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef, UInt64Type};
use crate::schema::Shown;
use crate::table::Scan;
use crate::{Error, Result, Role, Schema};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::{Display, Formatter};
use std::ops::Deref;
use std::sync::Arc;

/// Rows that are no farther apart are read together.
const WINDOW_ROWS: usize = 8192;

/// Rows of a metrics table with columns of their samples beside them, the first in rank
/// first: a [`RecordBatch`] that shows itself as a table, classes by their names.
#[derive(Clone, Debug)]
pub struct Worst {
    batch: RecordBatch,
}

impl MetricsTable {
    /// The `count` rows with the largest values of a column, largest first, with columns of
    /// their samples beside them as [`join`](Self::join) has them: those named, or with none
    /// named the labels, which a column called `label` is where no role says otherwise. NaN
    /// counts as larger than any number; a row without a value does not count. Of equal values
    /// the row that was written first comes first.
    ///
    /// Memory holds these rows and a batch, whatever the size of the table.
    ///
    /// ```
    /// use serde::Serialize;
    /// use tlc_core::{AddMetrics, Column, Columns, Run, RunOptions, Table, TableOptions, Url, ValueType};
    ///
    /// #[derive(Serialize)]
    /// struct Row { label: i32 }
    ///
    /// let root = Url::parse("memory://docs-worst/")?;
    /// let options = TableOptions::new("demo", "train", "initial").root(&root);
    /// let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    /// let table = Table::create(options.column(label), |writer| {
    ///     writer.add_rows(&[Row { label: 0 }, Row { label: 1 }, Row { label: 0 }])
    /// })?;
    /// let run = Run::create(RunOptions::new("demo").root(&root))?;
    /// let values = Columns::new().column("loss", vec![0.1_f32, 2.5, 0.7]);
    /// let metrics = run.add_metrics(values, AddMetrics::new().foreign_table(&table))?;
    /// assert_eq!(metrics.worst("loss", 2, &[])?.to_string(), "\
    /// example_id    loss  label
    ///          1  2.5000  dog
    ///          2  0.7000  cat
    /// ");
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], also for a column of the foreign table; [`Error::Column`] if
    /// the values are no numbers; [`Error::NoForeignTable`] if columns are named and there
    /// is none; storage errors and [`Error::Corrupt`].
    pub fn worst(&self, column: &str, count: usize, join: &[&str]) -> Result<Worst> {
        self.ranked(column, count, join, |key| key)
    }

    /// The `count` rows with the smallest values of a column, smallest first; else as
    /// [`worst`](Self::worst).
    ///
    /// # Errors
    /// As [`worst`](Self::worst).
    pub fn best(&self, column: &str, count: usize, join: &[&str]) -> Result<Worst> {
        self.ranked(column, count, join, |key| !key)
    }

    fn ranked(
        &self,
        column: &str,
        count: usize,
        join: &[&str],
        rank: impl Fn(u64) -> u64,
    ) -> Result<Worst> {
        self.schema().require(column)?;
        let mut kept = BinaryHeap::new();
        let mut row = 0;
        for batch in self.scan().columns([column]).batches()? {
            for key in sort_keys(column, batch?.column(0))? {
                if let Some(key) = key.filter(|_| count > 0) {
                    let candidate = Reverse((rank(key), Reverse(row)));
                    if kept.len() < count {
                        kept.push(candidate);
                    } else if let Some(mut least) = kept.peek_mut()
                        && candidate < *least
                    {
                        *least = candidate;
                    }
                }
                row += 1;
            }
        }
        let kept = kept.into_sorted_vec().into_iter();
        let rows: Vec<usize> = kept.map(|Reverse((_, Reverse(row)))| row).collect();
        let batch = gather(&rows, self.arrow_schema(), || self.scan())?;
        let batch = self.with_samples(batch, join)?;
        Ok(Worst { batch })
    }

    fn with_samples(&self, batch: RecordBatch, join: &[&str]) -> Result<RecordBatch> {
        let table = match self.foreign_table()? {
            Some(table) => table,
            None if join.is_empty() => return Ok(batch),
            None => self.required_foreign_table()?,
        };
        let columns: Vec<String> = match join {
            [] => labels_of(table.schema()),
            named => named.iter().map(|name| (*name).to_owned()).collect(),
        };
        let selected = table.stored().select(&columns)?;
        let samples = gather(&sample_rows(&batch)?, selected.arrow_schema(), || {
            table.scan().columns(columns.clone())
        })?;
        beside(&batch, &samples, &columns)
    }
}

/// The columns that are labels; where none is said to be, the one of that name.
fn labels_of(schema: &Schema) -> Vec<String> {
    let columns = schema.columns().iter();
    let labels = columns.filter(|column| column.role == Some(Role::Label));
    let mut labels: Vec<String> = labels.map(|column| column.name.clone()).collect();
    if labels.is_empty() && schema.column(LABEL).is_some() {
        labels.push(LABEL.to_owned());
    }
    labels
}

impl Worst {
    /// The rows.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.batch
    }
}

impl Deref for Worst {
    type Target = RecordBatch;

    fn deref(&self) -> &RecordBatch {
        &self.batch
    }
}

impl Display for Worst {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write_rows(f, &self.batch)
    }
}

/// Numbers that are ordered as the values are, NaN above all.
fn sort_keys(name: &str, values: &ArrayRef) -> Result<Vec<Option<u64>>> {
    let failed = |source| Error::arrow("rank values", source);
    match values.data_type() {
        DataType::UInt64 => {
            let values = values.as_primitive_opt::<UInt64Type>();
            Ok(values.into_iter().flatten().collect())
        }
        number if number.is_integer() || *number == DataType::Boolean => {
            let wide = cast(values, &DataType::Int64).map_err(failed)?;
            let wide = wide.as_primitive_opt::<Int64Type>().into_iter().flatten();
            let key = |value: i64| value.cast_unsigned() ^ (1 << 63);
            Ok(wide.map(|value| value.map(key)).collect())
        }
        number if number.is_floating() => {
            let wide = cast(values, &DataType::Float64).map_err(failed)?;
            let wide = wide.as_primitive_opt::<Float64Type>().into_iter().flatten();
            Ok(wide.map(|value| value.map(float_key)).collect())
        }
        other => {
            let reason = format!("{} cannot be ranked, only numbers", Shown(other));
            Err(Error::column(name, reason))
        }
    }
}

fn float_key(value: f64) -> u64 {
    if value.is_nan() {
        return u64::MAX;
    }
    let bits = (value + 0.0).to_bits(); // -0 and 0 are equal
    match value < 0.0 {
        true => !bits,
        false => bits | (1 << 63),
    }
}

/// Rows of a scan in this order. Memory holds them and a batch.
fn gather(rows: &[usize], schema: &SchemaRef, scan: impl Fn() -> Scan) -> Result<RecordBatch> {
    let mut sorted: Vec<(usize, usize)> = rows.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut found = Vec::new();
    let mut places = vec![(0, 0); rows.len()];
    let mut left = &sorted[..];
    while let Some((first, _)) = left.first() {
        let near = left.partition_point(|(row, _)| row - first < WINDOW_ROWS);
        let (window, others) = left.split_at(near);
        let last = window.last().map_or(*first, |(row, _)| *row);
        let mut start = *first;
        let mut window = window;
        for batch in scan().rows(*first..=last).batches()? {
            let batch = batch?;
            let end = start + batch.num_rows();
            let (here, later) = window.split_at(window.partition_point(|(row, _)| *row < end));
            let picked =
                UInt64Array::from_iter_values(here.iter().map(|(row, _)| (row - start) as u64));
            for (number, (_, rank)) in here.iter().enumerate() {
                if let Some(place) = places.get_mut(*rank) {
                    *place = (found.len(), number);
                }
            }
            let picked = take_record_batch(&batch, &picked);
            found.push(picked.map_err(|source| Error::arrow("pick rows", source))?);
            (start, window) = (end, later);
        }
        left = others;
    }
    if found.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::clone(schema)));
    }
    let found: Vec<&RecordBatch> = found.iter().collect();
    interleave_record_batch(&found, &places)
        .map_err(|source| Error::arrow("put rows in order", source))
}

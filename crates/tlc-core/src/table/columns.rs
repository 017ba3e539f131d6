//! Columns of values as callers hand them in: Rust vectors or Arrow arrays.

use super::cells::IntoArray;
use super::fields;
use crate::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use crate::arrow::datatypes::{Field, Schema as ArrowSchema};
use crate::{Column, Error, Result};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Named columns of one batch, in order.
///
/// ```
/// use tlc_core::Columns;
///
/// let batch = Columns::new()
///     .column("example_id", vec![0_i64, 1])
///     .column("loss", vec![0.1_f32, 0.2])
///     .column("logits", vec![[0.3_f32, 0.7], [0.9, 0.1]]);
/// assert_eq!(batch.names().collect::<Vec<_>>(), ["example_id", "loss", "logits"]);
///
/// let from_pairs: Columns = [("first", vec![1, 2]), ("second", vec![3, 4])].into_iter().collect();
/// assert_eq!(from_pairs.len(), 2);
/// ```
///
/// A column of options stays one that may lack values, though a batch lacks none. Maps
/// become columns in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    columns: Vec<NamedColumn>,
    /// What the columns are, if they came as a batch.
    batch: Option<RecordBatch>,
}

#[derive(Clone, Debug)]
struct NamedColumn {
    name: String,
    values: ArrayRef,
    is_nullable: bool,
}

impl Columns {
    /// No column yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, values: impl IntoArray) -> Self {
        self.push(name, values);
        self
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, values: impl IntoArray) {
        let column = NamedColumn::new(name, values);
        self.columns.push(column);
        self.batch = None;
    }

    /// The fields of rows that are serde structs, as
    /// [`TableWriter::add_rows`](crate::TableWriter::add_rows) takes them; `declared` are
    /// columns that are what they say.
    ///
    /// # Errors
    /// [`Error::Batch`] for a value that is none of its column, [`Error::Rows`] for values
    /// without an Arrow type.
    pub fn from_rows<T: Serialize>(rows: &[T], declared: &[Column]) -> Result<Self> {
        let fields = fields::of_rows(rows, None, declared)?;
        Ok(fields::to_batch(&fields, rows, declared)?.into())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The values of a column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ArrayRef> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| &column.values)
    }

    /// Number of rows, that of the first column.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts values in the place of a column's.
    pub(crate) fn replace(&mut self, name: &str, values: ArrayRef) {
        let known = self.columns.iter_mut().find(|column| column.name == name);
        if let Some(known) = known {
            known.values = values;
            self.batch = None;
        }
    }

    /// Puts a column before the others.
    pub(crate) fn push_front(&mut self, name: &str, values: impl IntoArray) {
        self.columns.insert(0, NamedColumn::new(name, values));
        self.batch = None;
    }

    /// Refuses columns of different lengths and names that appear twice.
    pub(crate) fn check(&self) -> Result<()> {
        let rows = self.len();
        let mut names = HashSet::new();
        for NamedColumn { name, values, .. } in &self.columns {
            if values.len() != rows {
                let first = self.names().next().unwrap_or_default();
                let reason = format!("{} values, column `{first}` has {rows}", values.len());
                return Err(Error::Batch {
                    column: name.clone(),
                    row: None,
                    value: None,
                    reason,
                });
            }
            if !names.insert(name) {
                return Err(Error::column(name, "the name appears twice in the batch"));
            }
        }
        Ok(())
    }

    /// The columns as a batch, if they are of one length and their names differ; what a
    /// batch said of its columns is kept if it was not changed.
    pub(crate) fn into_batch(self) -> Result<RecordBatch> {
        if let Some(batch) = self.batch {
            return Ok(batch);
        }
        self.into_plain_batch()
    }

    /// The columns as a batch that says nothing but their names and types.
    pub(crate) fn into_plain_batch(self) -> Result<RecordBatch> {
        self.check()?;
        let rows = self.len();
        let field = |column: &NamedColumn| {
            let nullable = column.is_nullable || column.values.null_count() > 0;
            Field::new(&column.name, column.values.data_type().clone(), nullable)
        };
        let fields: Vec<_> = self.columns.iter().map(field).collect();
        let arrays = self.columns.into_iter().map(|column| column.values);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::new(ArrowSchema::new(fields));
        RecordBatch::try_new_with_options(schema, arrays.collect(), &options)
            .map_err(|source| Error::arrow("a batch of columns", source))
    }
}

impl NamedColumn {
    fn new(name: impl Into<String>, values: impl IntoArray) -> Self {
        Self {
            name: name.into(),
            is_nullable: values.is_nullable(),
            values: values.into_array(),
        }
    }
}

impl From<RecordBatch> for Columns {
    fn from(batch: RecordBatch) -> Self {
        let schema = batch.schema_ref();
        let names = schema.fields().iter().map(|field| field.name());
        let columns = names.zip(batch.columns().iter().cloned());
        Self {
            columns: columns
                .map(|(name, values)| NamedColumn::new(name, values))
                .collect(),
            batch: Some(batch),
        }
    }
}

impl TryFrom<Columns> for RecordBatch {
    type Error = Error;

    /// Refuses columns of different lengths and names that appear twice.
    fn try_from(columns: Columns) -> Result<Self> {
        columns.into_batch()
    }
}

impl From<&RecordBatch> for Columns {
    fn from(batch: &RecordBatch) -> Self {
        Self::from(batch.clone())
    }
}

impl<N: Into<String>, V: IntoArray> FromIterator<(N, V)> for Columns {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(columns: I) -> Self {
        let columns = columns.into_iter();
        Self {
            columns: columns
                .map(|(name, values)| NamedColumn::new(name, values))
                .collect(),
            batch: None,
        }
    }
}

impl<N: Into<String>, V: IntoArray> From<BTreeMap<N, V>> for Columns {
    fn from(columns: BTreeMap<N, V>) -> Self {
        columns.into_iter().collect()
    }
}

impl<N: Into<String>, V: IntoArray, S> From<HashMap<N, V, S>> for Columns {
    fn from(columns: HashMap<N, V, S>) -> Self {
        let mut columns: Self = columns.into_iter().collect();
        // A map has another order each time, and tables of a stream have the same.
        columns.columns.sort_by(|a, b| a.name.cmp(&b.name));
        columns
    }
}

//! Values for a column: as it has them, or with a reason why it cannot.

use super::labels::{classes, places};
use crate::arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch};
use crate::schema::conform;
use crate::table::{Columns, IntoArray};
use crate::{Column, Error, Result, Schema};
use std::sync::Arc;

impl Column {
    /// Values as the column has them, as an [`Editor`](crate::Editor) takes them: text for a
    /// [label](crate::ValueType::CategoricalLabel) is the name of its class.
    ///
    /// ```
    /// use tlc_core::{Column, IntoArray, ValueType};
    ///
    /// let label = Column::new("label", ValueType::labels(["cat", "dog"]));
    /// assert_eq!(&label.fitted(vec!["dog"])?, &vec![1_i32].into_array());
    /// assert!(label.fitted(vec![2]).is_err());
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Batch`] for a value that the column cannot have, with its place;
    /// [`Error::Column`] for a column that cannot be.
    pub fn fitted(&self, values: impl IntoArray) -> Result<ArrayRef> {
        fitting(self, &values.into_array())
    }
}

/// Values as the column has them.
pub(super) fn fitting(column: &Column, values: &ArrayRef) -> Result<ArrayRef> {
    let schema = Schema::new([column.clone()])?;
    let values = Columns::new().column(&column.name, Arc::clone(values));
    let batch = named_labels(&values.into_plain_batch()?, &schema)?;
    let batch = conform(&batch, &schema, schema.columns())?;
    Ok(Arc::clone(batch.column(0)))
}

/// Rows as a schema has them.
pub(super) fn fitting_rows(rows: &RecordBatch, schema: &Schema) -> Result<RecordBatch> {
    conform(&named_labels(rows, schema)?, schema, schema.columns())
}

/// An error about a value with the row of the table that the value is for.
pub(super) fn at_rows(error: Error, rows: &[usize]) -> Error {
    match error {
        Error::Batch {
            column,
            row: Some(row),
            value,
            reason,
        } => Error::Batch {
            row: Some(rows.get(row).copied().unwrap_or(row)),
            column,
            value,
            reason,
        },
        other => other,
    }
}

/// Labels that are given as texts, by the names of their classes.
fn named_labels(batch: &RecordBatch, schema: &Schema) -> Result<RecordBatch> {
    let mut columns = Columns::from(batch);
    for column in schema.columns() {
        let given = batch.column_by_name(&column.name);
        let texts = given.and_then(|given| given.as_string_opt::<i32>());
        let (Some(classes), Some(texts)) = (classes(column), texts) else {
            continue;
        };
        let places = places(classes);
        let labels = texts.iter().enumerate().map(|(row, text)| {
            let Some(text) = text else { return Ok(None) };
            places
                .get(text)
                .copied()
                .map(Some)
                .ok_or_else(|| Error::Batch {
                    column: column.name.clone(),
                    row: Some(row),
                    value: Some(format!("{text:?}")),
                    reason: format!("no class of this name, there are: {}", few(classes)),
                })
        });
        let labels: Vec<Option<i32>> = labels.collect::<Result<_>>()?;
        columns.replace(&column.name, Arc::new(Int32Array::from(labels)));
    }
    columns.into_batch()
}

/// The first names of many.
fn few(names: &[String]) -> String {
    let first = names
        .iter()
        .take(20)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() > 20 {
        true => format!("{first}, ..."),
        false => first,
    }
}

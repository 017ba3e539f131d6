//! Whether a batch fits what was added before it and the table it is about.

use super::columns::Columns;
use super::writer::EXAMPLE_ID;
use crate::schema::equal_types;
use crate::{Error, Result, Table};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type};
use std::sync::Arc;

/// Names and types must be those of the first batch.
pub(super) fn check_same_columns(
    given: &arrow::datatypes::SchemaRef,
    batch: &RecordBatch,
) -> Result<()> {
    for field in given.fields() {
        let Some(array) = batch.column_by_name(field.name()) else {
            return Err(Error::column(
                field.name(),
                "missing, but the first batch has it",
            ));
        };
        if !equal_types(field.data_type(), array.data_type()) {
            let reason = format!(
                "of type {}, but {} in the first batch",
                array.data_type(),
                field.data_type()
            );
            return Err(Error::column(field.name(), reason));
        }
    }
    let schema = batch.schema();
    match schema
        .fields()
        .iter()
        .find(|field| given.field_with_name(field.name()).is_err())
    {
        Some(extra) => Err(Error::column(
            extra.name(),
            "the first batch has no such column",
        )),
        None => Ok(()),
    }
}

/// The batch with `example_id` as Int64, each id within the foreign table.
pub(super) fn with_checked_ids(batch: &RecordBatch, table: &Table) -> Result<RecordBatch> {
    let bad = |row: Option<usize>, value: Option<String>, reason: &str| Error::Batch {
        column: EXAMPLE_ID.to_owned(),
        row,
        value,
        reason: reason.to_owned(),
    };
    let Some(ids) = batch.column_by_name(EXAMPLE_ID) else {
        return Err(bad(
            None,
            None,
            "is required, since the metrics have a foreign table",
        ));
    };
    if !ids.data_type().is_integer() {
        return Err(bad(
            None,
            None,
            &format!("is {}, not an integer", ids.data_type()),
        ));
    }
    if let Some(row) = (0..ids.len()).find(|row| ids.is_null(*row)) {
        return Err(bad(Some(row), None, "is null"));
    }
    let wide = cast_with_options(ids, &DataType::Int64, &CastOptions::default())
        .map_err(|source| Error::arrow("widen example ids", source))?;
    let checked = wide
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| bad(None, None, "is no integer"))?;
    let len = table.len();
    for (row, id) in checked.iter().enumerate() {
        if !id.is_some_and(|id| usize::try_from(id).is_ok_and(|id| id < len)) {
            let value = arrow::util::display::array_value_to_string(ids, row).ok();
            return Err(bad(
                Some(row),
                value,
                &format!("is not a row of the foreign table, which has {len}"),
            ));
        }
    }
    let mut columns = Columns::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let array = if field.name() == EXAMPLE_ID {
            &wide
        } else {
            array
        };
        columns.push(field.name(), Arc::clone(array));
    }
    columns.into_batch()
}

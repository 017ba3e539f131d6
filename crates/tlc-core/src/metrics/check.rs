//! Whether a batch fits what was added before it and the table it is about.

use crate::arrow::array::{Array, ArrayRef, AsArray};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::{DataType, Fields, Int64Type};
use crate::schema::{Shown, equal_types};
use crate::{Columns, Error, Result, Table};

/// Name of the column that says which sample a row is about.
pub const EXAMPLE_ID: &str = "example_id";

/// Names and types must be those of the first batch.
pub(super) fn check_same_columns(first: &Fields, batch: &Columns) -> Result<()> {
    for field in first {
        let Some(array) = batch.get(field.name()) else {
            let reason = "missing, but the first batch has it";
            return Err(Error::column(field.name(), reason));
        };
        if !equal_types(field.data_type(), array.data_type()) {
            let reason = format!(
                "of type {}, but {} in the first batch",
                Shown(array.data_type()),
                Shown(field.data_type())
            );
            return Err(Error::column(field.name(), reason));
        }
    }
    match batch.names().find(|name| first.find(name).is_none()) {
        Some(extra) => Err(Error::column(extra, "the first batch has no such column")),
        None => Ok(()),
    }
}

/// The `example_id` of a batch as Int64, each within the foreign table.
pub(super) fn checked_ids(batch: &Columns, table: &Table) -> Result<ArrayRef> {
    let Some(ids) = batch.get(EXAMPLE_ID) else {
        return Err(bad(
            None,
            None,
            "is required, since the metrics have a foreign table",
        ));
    };
    if !ids.data_type().is_integer() {
        let reason = format!("is {}, not an integer", Shown(ids.data_type()));
        return Err(bad(None, None, &reason));
    }
    if let Some(row) = (0..ids.len()).find(|row| ids.is_null(*row)) {
        return Err(bad(Some(row), None, "is null"));
    }
    let wide =
        cast(ids, &DataType::Int64).map_err(|source| Error::arrow("widen example ids", source))?;
    let len = table.len();
    let is_row =
        |id: Option<i64>| id.is_some_and(|id| usize::try_from(id).is_ok_and(|id| id < len));
    let mut checked = wide.as_primitive::<Int64Type>().iter();
    match checked.position(|id| !is_row(id)) {
        None => Ok(wide),
        Some(row) => {
            let value = crate::arrow::util::display::array_value_to_string(ids, row).ok();
            let reason = format!("is not a row of the foreign table, which has {len}");
            Err(bad(Some(row), value, &reason))
        }
    }
}

fn bad(row: Option<usize>, value: Option<String>, reason: &str) -> Error {
    Error::Batch {
        column: EXAMPLE_ID.to_owned(),
        row,
        value,
        reason: reason.to_owned(),
    }
}

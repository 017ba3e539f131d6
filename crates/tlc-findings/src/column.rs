//! Columns of batches as plain vectors, with an error that names what does not fit.

use crate::{Error, Result};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{ArrowPrimitiveType, DataType, Float64Type, Int64Type};
use tlc_core::{EXAMPLE_ID, MetricsTable};

/// Refuses a metrics table that lacks a column, with a hint what to collect.
pub(crate) fn require(metrics: &MetricsTable, column: &str, hint: &'static str) -> Result<()> {
    if metrics.schema().column(column).is_some() {
        return Ok(());
    }
    Err(Error::NotCollected {
        metrics: metrics.name().to_owned(),
        column: column.to_owned(),
        hint,
    })
}

/// The length of the lists of a column of fixed-size lists of floats.
pub(crate) fn list_len(metrics: &MetricsTable, column: &str, hint: &'static str) -> Result<usize> {
    require(metrics, column, hint)?;
    let arrow = metrics.schema().require(column)?.value.to_arrow();
    match &arrow {
        DataType::FixedSizeList(item, len) if item.data_type().is_floating() => {
            Ok(usize::try_from(*len).unwrap_or_default())
        }
        other => Err(unexpected(
            metrics.name(),
            column,
            "a fixed-size list of floats",
            other,
        )),
    }
}

/// A column of a batch that was asked for.
pub(crate) fn of<'a>(batch: &'a RecordBatch, column: &str) -> Result<&'a ArrayRef> {
    let schema = batch.schema();
    let missing = || tlc_core::Error::NoSuchColumn {
        column: column.to_owned(),
        available: schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect(),
    };
    Ok(batch.column_by_name(column).ok_or_else(missing)?)
}

/// The samples of the rows of a metrics table; numbers, where it does not say.
pub(crate) fn example_ids(metrics: &MetricsTable) -> Result<Vec<i64>> {
    if metrics.schema().column(EXAMPLE_ID).is_none() {
        return Ok((0..).take(metrics.len()).collect());
    }
    integers(metrics.name(), EXAMPLE_ID, &metrics.column(EXAMPLE_ID)?)
}

/// Integers of any width.
pub(crate) fn integers(table: &str, column: &str, array: &ArrayRef) -> Result<Vec<i64>> {
    if !array.data_type().is_integer() {
        return Err(unexpected(table, column, "integers", array.data_type()));
    }
    values::<Int64Type>(table, column, array)
}

/// Numbers of any width, booleans as 0 and 1.
pub(crate) fn numbers(table: &str, column: &str, array: &ArrayRef) -> Result<Vec<f64>> {
    let data_type = array.data_type();
    if !data_type.is_numeric() && *data_type != DataType::Boolean {
        return Err(unexpected(table, column, "numbers", data_type));
    }
    values::<Float64Type>(table, column, array)
}

/// The values of fixed-size lists of floats, row-major.
pub(crate) fn list_values<T: ArrowPrimitiveType>(
    table: &str,
    column: &str,
    array: &ArrayRef,
) -> Result<Vec<T::Native>> {
    let Some(lists) = array.as_fixed_size_list_opt() else {
        let expected = "a fixed-size list of floats";
        return Err(unexpected(table, column, expected, array.data_type()));
    };
    refuse_nulls(table, column, array)?;
    let len = usize::try_from(lists.value_length()).unwrap_or_default();
    let start = usize::try_from(lists.value_offset(0)).unwrap_or_default();
    let items = lists.values().slice(start, lists.len() * len);
    values::<T>(table, column, &items)
}

fn values<T: ArrowPrimitiveType>(
    table: &str,
    column: &str,
    array: &ArrayRef,
) -> Result<Vec<T::Native>> {
    refuse_nulls(table, column, array)?;
    let array = cast(array, &T::DATA_TYPE).map_err(|source| tlc_core::Error::Arrow {
        doing: "read a column of numbers",
        source,
    })?;
    Ok(array.as_primitive::<T>().values().to_vec())
}

fn refuse_nulls(table: &str, column: &str, array: &ArrayRef) -> Result<()> {
    // Without nulls there is nothing to go through, however many rows an array says it has.
    let rows = match array.null_count() {
        0 => 0..0,
        _ => 0..array.len(),
    };
    match rows.into_iter().find(|row| array.is_null(*row)) {
        None => Ok(()),
        Some(row) => Err(Error::Null {
            table: table.to_owned(),
            column: column.to_owned(),
            row,
        }),
    }
}

fn unexpected(table: &str, column: &str, expected: &'static str, found: &DataType) -> Error {
    Error::ColumnType {
        table: table.to_owned(),
        column: column.to_owned(),
        expected,
        found: found.to_string(),
    }
}

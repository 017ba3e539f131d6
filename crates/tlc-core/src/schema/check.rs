//! Whether data fit a schema, and the lossless casts that make them fit.

use super::arrow::time_unit;
use super::cast::{Refused, cast};
use super::shown::value_text;
use super::{ClassMap, Column, Schema, ValueType};
use crate::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use crate::arrow::datatypes::{DataType, Int32Type};
use crate::{Error, Result};

/// The columns of `schema` in its order, cast where that loses nothing.
///
/// Refuses a missing column, a column the schema lacks, nulls in a non-null
/// column, a lossy cast and a label without a class. A column that is `declared`
/// as float32 takes numbers rounded to the nearest; any other keeps them exactly.
pub(crate) fn conform(
    batch: &RecordBatch,
    schema: &Schema,
    declared: &[Column],
) -> Result<RecordBatch> {
    let given = batch.schema();
    if let Some(unknown) = given
        .fields()
        .iter()
        .find(|f| schema.column(f.name()).is_none())
    {
        return Err(Error::column(
            unknown.name(),
            "the schema has no such column",
        ));
    }
    let arrays = schema.columns().iter().map(|column| {
        let array = batch
            .column_by_name(&column.name)
            .ok_or_else(|| Error::column(&column.name, "the column is missing from the batch"))?;
        let rounds = declared.iter().any(|given| given.name == column.name);
        conform_column(array, column, rounds)
    });
    let arrays = arrays.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.to_arrow(), arrays, &options)
        .map_err(|source| Error::arrow("a batch that fits its schema", source))
}

/// Whether two Arrow types hold the same values, field names and nullability aside.
pub(crate) fn equal_types(left: &DataType, right: &DataType) -> bool {
    left.equals_datatype(right)
        || match (left, right) {
            (DataType::List(a), DataType::List(b)) => equal_types(a.data_type(), b.data_type()),
            (DataType::FixedSizeList(a, m), DataType::FixedSizeList(b, n)) => {
                m == n && equal_types(a.data_type(), b.data_type())
            }
            _ => false,
        }
}

/// Refuses a label that is neither a class nor void.
fn check_labels(column: &str, array: &dyn Array, classes: &ClassMap) -> Result<()> {
    let Some(labels) = array.as_primitive_opt::<Int32Type>() else {
        return Ok(());
    };
    let bad = labels.iter().enumerate().find_map(|(row, label)| {
        let label = label?;
        (!classes.allows(label)).then_some((row, label))
    });
    match bad {
        Some((row, label)) => Err(Error::Batch {
            column: column.to_owned(),
            row: Some(row),
            value: Some(label.to_string()),
            reason: format!(
                "the column has {} classes, {}",
                classes.len(),
                classes.ids_text()
            ),
        }),
        None => Ok(()),
    }
}

fn conform_column(array: &ArrayRef, column: &Column, rounds: bool) -> Result<ArrayRef> {
    if !column.nullable
        && let Some(row) = first_null(array)
    {
        return Err(Error::Batch {
            column: column.name.clone(),
            row: Some(row),
            value: None,
            reason: "a value is missing in a column that allows none".to_owned(),
        });
    }
    check_unit(array.data_type(), column)?;
    let to = column.value.to_arrow();
    let array = cast(array, &to, rounds)
        .map_err(|refused| located(array, column, refused, |rows| cast(rows, &to, rounds)))?;
    match &column.value {
        ValueType::CategoricalLabel { classes } if !classes.is_empty() => {
            check_labels(&column.name, &array, classes)?;
        }
        ValueType::Tensor { shape, .. } => check_tensor(&column.name, &array, shape)?,
        _ => {}
    }
    Ok(array)
}

fn first_null(array: &ArrayRef) -> Option<usize> {
    let nulls = array.logical_nulls()?;
    (nulls.null_count() > 0).then(|| nulls.iter().position(|valid| !valid))?
}

/// Numbers that count time are only taken into a column of the same unit.
fn check_unit(given: &DataType, column: &Column) -> Result<()> {
    if let (DataType::Struct(given), ValueType::Struct { fields }) = (given, &column.value) {
        let mut pairs = given.iter().zip(fields);
        return pairs.try_for_each(|(given, field)| check_unit(given.data_type(), field));
    }
    match (time_unit(given), column.unit.as_deref()) {
        (Some(given), unit) if column.value == ValueType::Int64 && unit != Some(given) => {
            let reason = format!(
                "the values count {given}, the column {}",
                unit.unwrap_or("no unit")
            );
            Err(Error::column(&column.name, reason))
        }
        _ => Ok(()),
    }
}

/// The refusal with the first row it is about, or of the type if an array without
/// rows is refused, too.
fn located(
    array: &ArrayRef,
    column: &Column,
    refused: Refused,
    cast: impl Fn(&ArrayRef) -> Result<ArrayRef, Refused>,
) -> Error {
    if cast(&array.slice(0, 0)).is_err() {
        return Error::column(&column.name, refused.reason);
    }
    let (mut accepted, mut tried) = (0, array.len());
    while tried - accepted > 1 {
        let middle = accepted.midpoint(tried);
        match cast(&array.slice(0, middle)) {
            Ok(_) => accepted = middle,
            Err(_) => tried = middle,
        }
    }
    let refused = cast(&array.slice(accepted, 1)).err().unwrap_or(refused);
    Error::Batch {
        column: column.name.clone(),
        row: Some(accepted),
        value: refused.value.or_else(|| value_text(array, accepted)),
        reason: refused.reason,
    }
}

fn check_tensor(column: &str, array: &ArrayRef, shape: &[Option<usize>]) -> Result<()> {
    let Some(lists) = array.as_list_opt::<i32>() else {
        return Ok(());
    };
    let inner = ValueType::fixed_len(shape.get(1..).unwrap_or_default()).unwrap_or(1);
    let lens = lists.offsets().lengths().enumerate();
    match lens.into_iter().find(|(_, len)| len % inner.max(1) != 0) {
        Some((row, len)) => Err(Error::Batch {
            column: column.to_owned(),
            row: Some(row),
            value: Some(format!("{len} values")),
            reason: format!("not a multiple of {inner}, the size of the inner dimensions"),
        }),
        None => Ok(()),
    }
}

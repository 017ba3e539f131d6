//! Whether data fit a schema, and the lossless casts that make them fit.

use super::{Column, Schema, ValueType};
use crate::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int32Type};
use std::sync::Arc;

/// The columns of `schema` in its order, cast where that loses nothing.
///
/// Refuses a missing column, a column the schema lacks, nulls in a non-null
/// column, a lossy cast and a label without a class.
pub(crate) fn conform(batch: &RecordBatch, schema: &Schema) -> Result<RecordBatch> {
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
        conform_column(array, column)
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

/// Refuses a label that has no class name.
fn check_labels(column: &str, array: &dyn Array, classes: usize) -> Result<()> {
    let Some(labels) = array.as_primitive_opt::<Int32Type>() else {
        return Ok(());
    };
    let bad = labels.iter().enumerate().find_map(|(row, label)| {
        let label = label?;
        let known = usize::try_from(label).is_ok_and(|label| label < classes);
        (!known).then_some((row, label))
    });
    match bad {
        Some((row, label)) => Err(Error::Batch {
            column: column.to_owned(),
            row: Some(row),
            value: Some(label.to_string()),
            reason: format!(
                "the column has {classes} classes, 0 to {}",
                classes.saturating_sub(1)
            ),
        }),
        None => Ok(()),
    }
}

fn conform_column(array: &ArrayRef, column: &Column) -> Result<ArrayRef> {
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
    let array = cast(array, column)?;
    match &column.value {
        ValueType::CategoricalLabel { classes } if !classes.is_empty() => {
            check_labels(&column.name, &array, classes.len())?;
        }
        ValueType::Tensor { shape, .. } => check_tensor(&column.name, &array, shape)?,
        _ => {}
    }
    Ok(array)
}

fn first_null(array: &ArrayRef) -> Option<usize> {
    (array.null_count() > 0).then(|| (0..array.len()).find(|row| array.is_null(*row)))?
}

fn cast(array: &ArrayRef, column: &Column) -> Result<ArrayRef> {
    let target = column.value.to_arrow();
    if array.data_type() == &target {
        return Ok(Arc::clone(array));
    }
    if !lossless(array.data_type(), &target) {
        let reason = format!(
            "data of type {} are not {:?}",
            array.data_type(),
            column.value
        );
        return Err(Error::column(&column.name, reason));
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, &target, &options).map_err(|error| Error::Batch {
        column: column.name.clone(),
        row: None,
        value: None,
        reason: format!("cannot become {target}: {error}"),
    })
}

/// Whether a checked cast from one type to the other keeps every value it accepts.
fn lossless(from: &DataType, to: &DataType) -> bool {
    use DataType as D;
    match (from, to) {
        (D::Dictionary(_, values), to) => lossless(values, to),
        (D::Null, _) => true,
        (
            D::List(a) | D::LargeList(a) | D::FixedSizeList(a, _) | D::ListView(a),
            D::List(b) | D::FixedSizeList(b, _),
        ) => lossless(a.data_type(), b.data_type()),
        (D::Float16, D::Float32 | D::Float64) | (D::Float32, D::Float64) => true,
        (D::Utf8 | D::LargeUtf8 | D::Utf8View, D::Utf8) => true,
        (D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_), D::Binary) => true,
        (D::Timestamp(..) | D::Date32 | D::Date64, D::Timestamp(..)) => true,
        (D::Struct(a), D::Struct(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.name() == b.name() && lossless(a.data_type(), b.data_type()))
        }
        (from, to) => (from.is_integer() && to.is_integer()) || from.equals_datatype(to),
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

//! Rows that are serde structs, as Arrow arrays.

mod checked;
mod target;

use self::checked::Rows;
use self::target::{Check, Target};
use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use crate::{Column, Error, Result, Schema};
use serde::Serialize;
use serde_arrow::schema::{SchemaLike, TracingOptions};
use std::sync::Arc;

/// Where serde_arrow says what a struct was in Rust, and what it says of a tuple.
const STRATEGY: (&str, &str) = ("SERDE_ARROW:strategy", "TupleAsStruct");

/// The fields of rows: those of the schema once it is settled, before that the
/// declared ones and what the rows are. An array such as `[f32; 3]` is a list of
/// that length.
pub(super) fn of_rows<T: Serialize>(
    rows: &[T],
    settled: Option<&Schema>,
    declared: &[Column],
) -> Result<Vec<FieldRef>> {
    if let Some(schema) = settled {
        return Ok(schema.columns().iter().map(plain_field).collect());
    }
    let options = TracingOptions::default()
        .allow_null_fields(true)
        .coerce_numbers(true)
        .enums_without_data_as_strings(true)
        .strings_as_large_utf8(false)
        .sequence_as_large_list(false);
    let traced = Vec::<FieldRef>::from_samples(rows, options).map_err(failed)?;
    let declared_or = |field: &FieldRef| {
        let known = declared.iter().find(|column| column.name == *field.name());
        known.map_or_else(
            || with_arrays_as_lists(field),
            |column| {
                let given = column.to_arrow();
                let nullable = column.nullable || field.is_nullable();
                Arc::new(given.with_nullable(nullable))
            },
        )
    };
    Ok(traced.iter().map(declared_or).collect())
}

/// The rows as a batch of these fields, if each value can be one of its column:
/// see [`TableWriter::add_rows`](super::TableWriter::add_rows).
pub(super) fn to_batch<T: Serialize>(
    fields: &[FieldRef],
    rows: &[T],
    declared: &[Column],
) -> Result<RecordBatch> {
    let (check, row) = (
        Check::default(),
        DataType::Struct(fields.iter().cloned().collect()),
    );
    let target = &Target::of_rows(&row, declared, &check);
    serde_arrow::to_record_batch(fields, &Rows { rows, target })
        .map_err(|error| check.refusal().unwrap_or_else(|| failed(error)))
}

/// Rows as a batch of the columns of a schema.
pub(crate) fn to_batch_of<T: Serialize>(schema: &Schema, rows: &[T]) -> Result<RecordBatch> {
    let columns = schema.columns();
    let fields = of_rows(rows, Some(schema), columns)?;
    to_batch(&fields, rows, columns)
}

fn failed(error: serde_arrow::Error) -> Error {
    Error::Rows {
        reason: error.to_string(),
    }
}

fn plain_field(column: &Column) -> FieldRef {
    Arc::new(Field::new(
        &column.name,
        column.value.to_arrow(),
        column.nullable,
    ))
}

fn with_arrays_as_lists(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Struct(items) => {
            let items: Fields = items.iter().map(with_arrays_as_lists).collect();
            match array_of(field, &items) {
                Some(list) => return Arc::new(field_of(field, list).with_metadata([].into())),
                None => DataType::Struct(items),
            }
        }
        DataType::List(item) => DataType::List(with_arrays_as_lists(item)),
        _ => return Arc::clone(field),
    };
    Arc::new(field_of(field, data_type))
}

fn field_of(field: &FieldRef, data_type: DataType) -> Field {
    field.as_ref().clone().with_data_type(data_type)
}

/// The list type of a tuple whose items are of one type.
fn array_of(field: &FieldRef, items: &Fields) -> Option<DataType> {
    let is_tuple = field.metadata().get(STRATEGY.0).map(String::as_str) == Some(STRATEGY.1);
    let (first, len) = (items.first()?, i32::try_from(items.len()).ok()?);
    let same = items
        .iter()
        .all(|item| item.data_type() == first.data_type());
    (is_tuple && same).then(|| {
        let nullable = items.iter().any(|item| item.is_nullable());
        let item = first.as_ref().clone().with_name("item");
        DataType::FixedSizeList(Arc::new(item.with_nullable(nullable)), len)
    })
}

//! The Arrow fields of rows that are serde structs.

use crate::{Column, Error, Result};
use arrow::datatypes::{DataType, FieldRef, Fields};
use serde::Serialize;
use serde_arrow::schema::{SchemaLike, TracingOptions};
use std::sync::Arc;

/// Where serde_arrow says what a struct was in Rust, and what it says of a tuple.
const STRATEGY: (&str, &str) = ("SERDE_ARROW:strategy", "TupleAsStruct");

/// Infers fields from rows, but for the columns that are given. An array such as
/// `[f32; 3]` is a list of that length.
pub(super) fn of_rows<T: Serialize>(rows: &[T], given: &[Column]) -> Result<Vec<FieldRef>> {
    let traced = Vec::<FieldRef>::from_samples(rows, tracing(given)?).map_err(failed)?;
    Ok(traced.iter().map(with_arrays_as_lists).collect())
}

pub(super) fn failed(error: serde_arrow::Error) -> Error {
    Error::Rows {
        reason: error.to_string(),
    }
}

fn tracing(given: &[Column]) -> Result<TracingOptions> {
    let options = TracingOptions::default()
        .allow_null_fields(true)
        .enums_without_data_as_strings(true)
        .strings_as_large_utf8(false)
        .sequence_as_large_list(false);
    given.iter().try_fold(options, |options, column| {
        options
            .overwrite(&column.name, column.to_arrow())
            .map_err(failed)
    })
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

fn field_of(field: &FieldRef, data_type: DataType) -> arrow::datatypes::Field {
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

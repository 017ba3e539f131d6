//! Values of edits: as JSON in a document, or as an Arrow file beside it.

use crate::{Error, Result};
use bytes::Bytes;
use serde_json::{Number, Value};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};

use tlc_core::arrow::compute::{cast, concat, take};
use tlc_core::arrow::datatypes::{
    DataType, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType, UInt64Type,
};
use tlc_core::arrow::error::ArrowError;
use tlc_core::arrow::ipc::writer::FileWriter;
use tlc_core::{Column, Url, read_arrow_file};

const VALUE: &str = "value";
/// What JSON has no number for.
const NOT_FINITE: [(&str, f64); 3] = [
    ("NaN", f64::NAN),
    ("inf", f64::INFINITY),
    ("-inf", f64::NEG_INFINITY),
];

/// Values as JSON; `None` for a type that has no place in it.
pub(super) fn to_json(values: &ArrayRef) -> Result<Option<Vec<Value>>> {
    let valid = |row: usize| values.is_valid(row);
    let rows = 0..values.len();
    let as_type = |data_type: &DataType| {
        cast(values, data_type).map_err(|source| Error::arrow("write a value", source))
    };
    let each = |value: &dyn Fn(usize) -> Value| {
        rows.map(|row| if valid(row) { value(row) } else { Value::Null })
            .collect()
    };
    let written = match values.data_type() {
        DataType::Boolean => each(&|row| Value::Bool(values.as_boolean().value(row))),
        DataType::Utf8 => each(&|row| Value::from(values.as_string::<i32>().value(row))),
        DataType::UInt64 => {
            let whole = values.as_primitive::<UInt64Type>();
            each(&|row| Value::from(whole.value(row)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let moments = values.as_primitive::<TimestampMicrosecondType>();
            each(&|row| Value::from(moments.value(row)))
        }
        data_type if data_type.is_integer() => {
            let whole = as_type(&DataType::Int64)?;
            let whole = whole.as_primitive::<Int64Type>();
            each(&|row| Value::from(whole.value(row)))
        }
        DataType::Float32 | DataType::Float64 => {
            let real = as_type(&DataType::Float64)?;
            let real = real.as_primitive::<Float64Type>();
            each(&|row| written_real(real.value(row)))
        }
        _ => return Ok(None),
    };
    Ok(Some(written))
}

/// Values of a column that were written as JSON, or are given so.
///
/// # Errors
/// [`tlc_core::Error::Batch`] for a value that the column cannot have, with its place.
pub(super) fn of_json(column: &Column, values: &[Value]) -> tlc_core::Result<ArrayRef> {
    let array: ArrayRef = match column.value.to_arrow() {
        DataType::Boolean => {
            let flags: BooleanArray = read(column, values, "true or false", Value::as_bool)?;
            Arc::new(flags)
        }
        DataType::Utf8 => Arc::new(texts(column, values)?),
        // By the name of its class.
        DataType::Int32 if values.iter().any(Value::is_string) => Arc::new(texts(column, values)?),
        DataType::UInt64 => {
            let whole: UInt64Array = read(column, values, "a whole number", Value::as_u64)?;
            Arc::new(whole)
        }
        DataType::Timestamp(..) => {
            let expected = "microseconds since 1970";
            let moments: TimestampMicrosecondArray = read(column, values, expected, Value::as_i64)?;
            Arc::new(moments.with_timezone("UTC"))
        }
        data_type if data_type.is_integer() => {
            let whole: Int64Array = read(column, values, "a whole number", Value::as_i64)?;
            Arc::new(whole)
        }
        DataType::Float32 | DataType::Float64 => {
            let real: Float64Array = read(column, values, "a number, or \"NaN\"", real)?;
            Arc::new(real)
        }
        _ => return Err(refused(column, 0, None, "its values are not set as JSON")),
    };
    column.fitted(array)
}

/// An Arrow file of these values.
pub(super) fn encoded(values: &ArrayRef) -> Result<Bytes> {
    let field = Field::new(VALUE, values.data_type().clone(), true);
    let schema = Arc::new(Schema::new(vec![field]));
    let write = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = FileWriter::try_new(Vec::new(), &schema)?;
        writer.write(&RecordBatch::try_new(
            Arc::clone(&schema),
            vec![Arc::clone(values)],
        )?)?;
        writer.into_inner()
    };
    let bytes = write().map_err(|source| Error::arrow("write values", source))?;
    Ok(bytes.into())
}

/// The values of an Arrow file, which somebody else may have written.
pub(super) fn decoded(url: &Url, bytes: Bytes, column: &Column) -> Result<ArrayRef> {
    let corrupt = |reason: String| tlc_core::Error::Corrupt {
        url: url.clone(),
        reason,
    };
    let mut values = Vec::new();
    for batch in read_arrow_file(url, bytes)? {
        let found = batch.column_by_name(VALUE);
        let found = found.ok_or_else(|| corrupt(format!("it has no column `{VALUE}`")))?;
        values.push(Arc::clone(found));
    }
    let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
    let values = concat(&values).map_err(|error| corrupt(error.to_string()))?;
    let fitted = column.fitted(values);
    Ok(fitted.map_err(|error| corrupt(error.to_string()))?)
}

fn written_real(value: f64) -> Value {
    let text = || match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "inf",
        _ => "-inf",
    };
    Number::from_f64(value).map_or_else(|| Value::from(text()), Value::Number)
}

fn real(value: &Value) -> Option<f64> {
    let named = |text: &str| NOT_FINITE.iter().find(|(name, _)| *name == text);
    match value {
        Value::String(text) => named(text).map(|(_, value)| *value),
        value => value.as_f64(),
    }
}

fn texts(column: &Column, values: &[Value]) -> tlc_core::Result<StringArray> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    read(column, values, "a text", text)
}

/// Values of one type, nulls apart.
fn read<T, A: FromIterator<Option<T>>>(
    column: &Column,
    values: &[Value],
    expected: &str,
    value: impl Fn(&Value) -> Option<T>,
) -> tlc_core::Result<A> {
    let values = values.iter().enumerate().map(|(row, given)| match given {
        Value::Null => Ok(None),
        given => match value(given) {
            Some(value) => Ok(Some(value)),
            None => {
                let reason = format!("expected {expected}");
                Err(refused(column, row, Some(given.to_string()), &reason))
            }
        },
    });
    values.collect()
}

fn refused(column: &Column, row: usize, value: Option<String>, reason: &str) -> tlc_core::Error {
    tlc_core::Error::Batch {
        column: column.name.clone(),
        row: Some(row),
        value,
        reason: reason.to_owned(),
    }
}

/// Values by their places.
pub(super) fn taken(values: &ArrayRef, places: Vec<u64>) -> Result<ArrayRef> {
    let places = UInt64Array::from(places);
    take(values, &places, None).map_err(|source| Error::arrow("choose values", source))
}

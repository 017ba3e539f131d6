//! Casts of Arrow arrays that keep every value, or name the one they would change.

use super::shown::{Shown, value_text};
use crate::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeListArray, ListArray, PrimitiveArray,
    StructArray, new_null_array,
};
use crate::arrow::buffer::{NullBuffer, OffsetBuffer};
use crate::arrow::compute::kernels::cmp::not_distinct;
use crate::arrow::compute::{CastOptions, cast_with_options, nullif};
use crate::arrow::datatypes::{
    DataType, FieldRef, Fields, Float32Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use crate::arrow::error::ArrowError;
use std::iter::repeat_n;
use std::sync::Arc;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Why an array cannot be of another type, and the value that shows it.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) value: Option<String>,
    pub(super) reason: String,
}

impl From<ArrowError> for Refused {
    fn from(error: ArrowError) -> Self {
        let reason = match error {
            ArrowError::CastError(reason)
            | ArrowError::ComputeError(reason)
            | ArrowError::InvalidArgumentError(reason) => reason,
            other => other.to_string(),
        };
        Self {
            value: None,
            reason,
        }
    }
}

/// The array as another type. With `rounds`, what is no 32-bit float becomes the
/// nearest one; otherwise each number must be kept exactly.
pub(super) fn cast(array: &ArrayRef, to: &DataType, rounds: bool) -> Result<ArrayRef, Refused> {
    use DataType as D;
    let from = array.data_type();
    if from == to {
        return Ok(Arc::clone(array));
    }
    match (from, to) {
        (D::Null, _) => Ok(new_null_array(to, array.len())),
        (D::Dictionary(_, values), _) => cast(&plain(array, values)?, to, rounds),
        (D::Struct(_), D::Struct(fields)) => to_struct(array, fields, rounds),
        (_, D::List(item)) => to_list(array, item, rounds),
        (_, D::FixedSizeList(item, len)) => to_fixed(array, item, *len, rounds),
        (D::Timestamp(..) | D::Date32 | D::Date64, D::Timestamp(..)) => to_moments(array),
        (D::Float64, D::Float32) => to_float32(array, rounds),
        (_, D::Float32 | D::Float64) if from.is_integer() => whole_to_float(array, to),
        (_, D::Float32 | D::Float64) if from.is_decimal() && rounds => {
            cast(&plain(array, &D::Float64)?, to, rounds)
        }
        _ if keeps_all(from, to) => plain(array, to),
        _ => Err(other_type(from, to)),
    }
}

/// Whether Arrow's own cast changes no value that it accepts.
fn keeps_all(from: &DataType, to: &DataType) -> bool {
    use DataType as D;
    match (from, to) {
        (D::Float16, D::Float32 | D::Float64) | (D::Float32, D::Float64) => true,
        (D::LargeUtf8 | D::Utf8View, D::Utf8) => true,
        (D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_), D::Binary) => true,
        (D::Time32(_) | D::Time64(_) | D::Duration(_), D::Int64) => true,
        (from, D::Utf8) if from.is_decimal() => true,
        (
            D::Decimal32(_, 0) | D::Decimal64(_, 0) | D::Decimal128(_, 0) | D::Decimal256(_, 0),
            to,
        ) => to.is_integer(),
        (from, to) => from.is_integer() && to.is_integer(),
    }
}

fn plain(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, Refused> {
    let checked = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    Ok(cast_with_options(array, to, &checked)?)
}

fn other_type(from: &DataType, to: &DataType) -> Refused {
    Refused {
        value: None,
        reason: format!("data of type {} are not {}", Shown(from), Shown(to)),
    }
}

fn refused_at(array: &dyn Array, row: usize, reason: &str) -> Refused {
    Refused {
        value: value_text(array, row),
        reason: reason.to_owned(),
    }
}

fn to_struct(array: &ArrayRef, fields: &Fields, rounds: bool) -> Result<ArrayRef, Refused> {
    let mismatch = || other_type(array.data_type(), &DataType::Struct(fields.clone()));
    let given = array.as_struct_opt().ok_or_else(mismatch)?;
    let names = given.fields().iter().map(|field| field.name());
    if !names.eq(fields.iter().map(|field| field.name())) {
        return Err(mismatch());
    }
    let columns = given.columns().iter().zip(fields).map(|(column, field)| {
        let column = masked(column, given.nulls(), repeat_n(1, given.len()))?;
        cast(&column, field.data_type(), rounds).map_err(|refused| Refused {
            reason: format!("in `{}`: {}", field.name(), refused.reason),
            ..refused
        })
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let built = StructArray::try_new(fields.clone(), columns, given.nulls().cloned())?;
    Ok(Arc::new(built))
}

fn to_list(array: &ArrayRef, item: &FieldRef, rounds: bool) -> Result<ArrayRef, Refused> {
    let to = DataType::List(Arc::clone(item));
    let own = item_of(array.data_type()).ok_or_else(|| other_type(array.data_type(), &to))?;
    let listed = plain(array, &DataType::List(Arc::clone(own)))?;
    let list = listed
        .as_list_opt::<i32>()
        .ok_or_else(|| other_type(array.data_type(), &to))?;
    let items = list.values().slice(first(list), last(list) - first(list));
    let items = masked(&items, list.nulls(), list.offsets().lengths())?;
    let offsets = OffsetBuffer::from_lengths(list.offsets().lengths());
    let items = cast(&items, item.data_type(), rounds)?;
    let built = ListArray::try_new(Arc::clone(item), offsets, items, list.nulls().cloned())?;
    Ok(Arc::new(built))
}

fn to_fixed(
    array: &ArrayRef,
    item: &FieldRef,
    len: i32,
    rounds: bool,
) -> Result<ArrayRef, Refused> {
    let to = DataType::FixedSizeList(Arc::clone(item), len);
    let own = item_of(array.data_type()).ok_or_else(|| other_type(array.data_type(), &to))?;
    let listed = plain(array, &DataType::FixedSizeList(Arc::clone(own), len))?;
    let list = listed
        .as_fixed_size_list_opt()
        .ok_or_else(|| other_type(array.data_type(), &to))?;
    let width = usize::try_from(len).unwrap_or_default();
    let items = masked(list.values(), list.nulls(), repeat_n(width, list.len()))?;
    let items = cast(&items, item.data_type(), rounds)?;
    let built = FixedSizeListArray::try_new(Arc::clone(item), len, items, list.nulls().cloned())?;
    Ok(Arc::new(built))
}

fn item_of(list: &DataType) -> Option<&FieldRef> {
    use DataType as D;
    match list {
        D::List(item)
        | D::LargeList(item)
        | D::ListView(item)
        | D::LargeListView(item)
        | D::FixedSizeList(item, _) => Some(item),
        _ => None,
    }
}

fn first(list: &ListArray) -> usize {
    let start = list.value_offsets().first();
    start.map_or(0, |start| usize::try_from(*start).unwrap_or_default())
}

fn last(list: &ListArray) -> usize {
    let end = list.value_offsets().last();
    end.map_or(0, |end| usize::try_from(*end).unwrap_or_default())
}

/// The items, null where their list or struct is: what stands there is no value.
fn masked(
    items: &ArrayRef,
    nulls: Option<&NullBuffer>,
    lens: impl Iterator<Item = usize>,
) -> Result<ArrayRef, Refused> {
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        return Ok(Arc::clone(items));
    };
    let hidden = nulls
        .iter()
        .zip(lens)
        .flat_map(|(valid, len)| repeat_n(!valid, len));
    let hidden = BooleanArray::from(hidden.collect::<Vec<_>>());
    if hidden.true_count() == 0 || items.data_type() == &DataType::Null {
        return Ok(Arc::clone(items));
    }
    Ok(nullif(items, &hidden)?)
}

fn to_float32(array: &ArrayRef, rounds: bool) -> Result<ArrayRef, Refused> {
    let given = array
        .as_primitive_opt::<Float64Type>()
        .ok_or_else(|| other_type(array.data_type(), &DataType::Float32))?;
    let bad = |value: f64| float32_refusal(value, rounds).is_some();
    match given.iter().position(|value| value.is_some_and(bad)) {
        Some(row) => {
            let reason = float32_refusal(given.value(row), rounds).unwrap_or_default();
            Err(refused_at(given, row, reason))
        }
        None => {
            #[allow(clippy::cast_possible_truncation)] // each value was looked at above
            let small: PrimitiveArray<Float32Type> = given.unary(|value| value as f32);
            Ok(Arc::new(small))
        }
    }
}

/// Why a value is no 32-bit float, if it is none.
#[allow(clippy::cast_possible_truncation)] // that is the question
#[inline]
pub(crate) fn float32_refusal(value: f64, rounds: bool) -> Option<&'static str> {
    let small = value as f32;
    if value.is_nan() || f64::from(small) == value {
        None
    } else if small.is_infinite() {
        Some("is too large for float32")
    } else if rounds {
        None
    } else {
        Some("is no float32: declare the column as float32 to have values rounded, or as float64")
    }
}

fn whole_to_float(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, Refused> {
    let floats = plain(array, to)?;
    let back = cast_with_options(&floats, array.data_type(), &CastOptions::default())?;
    let same = not_distinct(&back, array)?;
    match same.values().iter().position(|same| !same) {
        Some(row) => {
            let reason = format!("has more digits than {} keeps", Shown(to));
            Err(refused_at(array, row, &reason))
        }
        None => Ok(floats),
    }
}

fn to_moments(array: &ArrayRef) -> Result<ArrayRef, Refused> {
    let given = match array.data_type() {
        DataType::Date32 => plain(&plain(array, &DataType::Int32)?, &DataType::Int64)?,
        _ => plain(array, &DataType::Int64)?,
    };
    let given = given
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| other_type(array.data_type(), &DataType::Int64))?;
    let unit = array.data_type();
    let micros = given.try_unary::<_, TimestampMicrosecondType, _>(|value| {
        micros(value, unit).ok_or_else(|| ArrowError::CastError(String::new()))
    });
    match micros {
        Ok(micros) => Ok(Arc::new(micros.with_timezone("UTC"))),
        Err(_) => Err(no_moment(array, given)),
    }
}

/// Microseconds since 1970 of a number of this type, if they are whole and in range.
fn micros(value: i64, unit: &DataType) -> Option<i64> {
    match unit {
        DataType::Date32 => value.checked_mul(MICROS_A_DAY),
        DataType::Timestamp(TimeUnit::Second, _) => value.checked_mul(1_000_000),
        DataType::Timestamp(TimeUnit::Millisecond, _) | DataType::Date64 => {
            value.checked_mul(1_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            (value % 1_000 == 0).then_some(value / 1_000)
        }
        _ => Some(value),
    }
}

fn no_moment(array: &ArrayRef, given: &PrimitiveArray<Int64Type>) -> Refused {
    let unit = array.data_type();
    let bad = |value: Option<i64>| value.is_some_and(|value| micros(value, unit).is_none());
    let row = given.iter().position(bad).unwrap_or_default();
    let reason = match unit {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            "has digits below the microsecond: round it first, or keep it as int64"
        }
        _ => "is out of the range of a datetime in microseconds",
    };
    refused_at(array, row, reason)
}

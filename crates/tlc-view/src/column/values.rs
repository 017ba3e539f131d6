//! Arrays as columns of a view hold them.

use super::meaning::{Meaning, label_classes};
use super::numbers::Number;
use super::with_numbers;
use crate::{Error, Result};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, new_null_array,
};
use tlc_core::arrow::compute::{CastOptions, cast_with_options, concat};
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{ClassMap, ValueType};

/// The values of one part of a view in the type that the whole column has.
///
/// # Errors
/// If Arrow cannot cast them, which no schema allows.
pub(crate) fn normal(values: &ArrayRef, found: &ValueType, meaning: &Meaning) -> Result<ArrayRef> {
    let values = match values.data_type() {
        DataType::Timestamp(..) => cast(values, &DataType::Int64)?,
        _ => cast(values, &meaning.data_type)?,
    };
    match (label_classes(found), &meaning.classes) {
        (Some(own), Some(all)) if *own != **all => renumbered(&values, own, all),
        _ => Ok(values),
    }
}

/// The same value in each row; `None` if it is none that a column holds.
pub(crate) fn constant(value: &Value, meaning: &Meaning, rows: usize) -> Result<Option<ArrayRef>> {
    let array: ArrayRef = match value {
        Value::Bool(flag) => Arc::new(BooleanArray::from(vec![*flag; rows])),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Arc::new(Int64Array::from_value(whole, rows)),
            None => Arc::new(Float64Array::from_value(
                number.as_f64().unwrap_or(f64::NAN),
                rows,
            )),
        },
        Value::String(text) => {
            let class = meaning.classes.as_ref().and_then(|all| all.id_of(text));
            let Some(id) = class else { return Ok(None) };
            Arc::new(Int64Array::from_value(id.into(), rows))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => return Ok(None),
    };
    cast(&array, &meaning.data_type).map(Some)
}

/// No value in any row.
pub(crate) fn all_missing(meaning: &Meaning, rows: usize) -> ArrayRef {
    new_null_array(&meaning.data_type, rows)
}

/// Parts as one array.
///
/// # Errors
/// If there is too much for one.
pub(crate) fn put_together(parts: &[ArrayRef], meaning: &Meaning) -> Result<ArrayRef> {
    match parts {
        [] => Ok(all_missing(meaning, 0)),
        [one] => Ok(one.clone()),
        several => {
            let several: Vec<&dyn Array> = several.iter().map(AsRef::as_ref).collect();
            concat(&several).map_err(|source| Error::arrow("put a column together", source))
        }
    }
}

/// Whole numbers in the smallest type that holds them all.
pub(crate) fn narrowed(values: ArrayRef) -> Result<ArrayRef> {
    if !values.data_type().is_integer() {
        return Ok(values);
    }
    let is_valid = validity(&values);
    let range = with_numbers!(&values, |whole| {
        let there = whole.iter().enumerate();
        let there = there.filter(|(row, _)| is_valid(*row));
        let mut there = there.map(|(_, value)| value.to_i64());
        there.try_fold((0, 0), |(least, most): (i64, i64), value| {
            let value = value?;
            Some((least.min(value), most.max(value)))
        })
    });
    let Some((least, most)) = range.flatten() else {
        return Ok(values);
    };
    let fits = |low: i64, high: i64| low <= least && most <= high;
    let narrow = match () {
        () if fits(i8::MIN.into(), i8::MAX.into()) => DataType::Int8,
        () if fits(i16::MIN.into(), i16::MAX.into()) => DataType::Int16,
        () if fits(i32::MIN.into(), i32::MAX.into()) => DataType::Int32,
        () => DataType::Int64,
    };
    cast(&values, &narrow)
}

/// Whether a row has a value.
pub(crate) fn validity(values: &ArrayRef) -> impl Fn(usize) -> bool + Copy + Send + Sync {
    let nulls = values.nulls();
    move |row| nulls.is_none_or(|nulls| nulls.is_valid(row))
}

/// Values in another type; one that it does not hold is an error.
pub(crate) fn cast(values: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if values.data_type() == to {
        return Ok(values.clone());
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(values, to, &options)
        .map_err(|source| Error::arrow("bring a column into the type of the view", source))
}

/// Ids of one list of classes as those of another, which has them all by name. An id that is of
/// no class stays what it is, unless it would become that of one.
fn renumbered(values: &ArrayRef, own: &ClassMap, all: &ClassMap) -> Result<ArrayRef> {
    let data_type = values.data_type().clone();
    let known: HashMap<i32, i32> = own
        .iter()
        .filter_map(|class| Some((class.id, all.id_of(&class.name)?)))
        .collect();
    let new = |id: i64| match i32::try_from(id) {
        Ok(id) => match known.get(&id) {
            Some(new) => Some(i64::from(*new)),
            None => Some(i64::from(id)).filter(|_| !all.contains(id)),
        },
        Err(_) => Some(id),
    };
    let is_valid = validity(values);
    let ids = with_numbers!(values, |ids| {
        let ids = ids.iter().enumerate().map(|(row, id)| {
            let id = id.to_i64().filter(|_| is_valid(row));
            id.and_then(new)
        });
        Arc::new(ids.collect::<Int64Array>()) as ArrayRef
    });
    ids.map_or_else(|| Ok(values.clone()), |ids| cast(&ids, &data_type))
}

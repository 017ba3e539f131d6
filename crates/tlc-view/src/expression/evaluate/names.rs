//! Names of classes, and what is computed of texts.

use super::super::node::{Names, Search, TextFunction};
use super::rows::Value;
use crate::column::{Number, with_numbers};
use arrow_string::like::{contains, ends_with, starts_with};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, Int32Array, Int64Array,
    LargeStringArray,
};
use tlc_core::arrow::buffer::NullBuffer;
use tlc_core::arrow::compute::take;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::arrow::error::Result as Computed;

/// The names of classes by their ids: null for an id that is of none.
pub(super) fn names(of: &Value, names: &Names) -> Computed<Value> {
    let keys = with_numbers!(&of.array, |ids| keys(ids, of.array.nulls(), names));
    let keys = keys.unwrap_or_else(|| Int32Array::new_null(of.array.len()));
    let names = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(&names.values))?;
    Ok(Value::of(names, of.is_one))
}

fn keys<N: Number>(ids: &[N], nulls: Option<&NullBuffer>, names: &Names) -> Int32Array {
    let place = |id: i64| -> Option<i32> {
        if names.places.is_empty() {
            return i32::try_from(names.classes.position(i32::try_from(id).ok()?)?).ok();
        }
        let place = usize::try_from(id.checked_sub(names.first)?).ok()?;
        *names.places.get(place)?
    };
    let keys = ids.iter().enumerate().map(|(row, id)| {
        let is_there = nulls.is_none_or(|nulls| nulls.is_valid(row));
        id.to_i64().filter(|_| is_there).and_then(place)
    });
    keys.collect()
}

/// What holds of each row, from what holds of each name; `None` if values are no names.
pub(super) fn by_name(
    of: &Value,
    flags: impl FnOnce(&Value) -> Computed<BooleanArray>,
) -> Option<Computed<BooleanArray>> {
    let of = of.array.as_dictionary_opt::<Int32Type>()?;
    let names = Value {
        array: Arc::clone(of.values()),
        is_one: false,
    };
    let flags = flags(&names).and_then(|flags| take(&flags, of.keys(), None));
    Some(flags.map(|flags| flags.as_boolean().clone()))
}

pub(super) fn function_of_text(function: TextFunction, of: &Value) -> Computed<Value> {
    let texts = of.array.as_string::<i64>();
    let array: ArrayRef = match function {
        TextFunction::Length => {
            let length = |text: &str| i64::try_from(text.chars().count()).ok();
            let lengths = texts.iter().map(|text| text.and_then(length));
            Arc::new(lengths.collect::<Int64Array>())
        }
        TextFunction::Lower => Arc::new(changed(texts, str::to_lowercase)),
        TextFunction::Upper => Arc::new(changed(texts, str::to_uppercase)),
    };
    Ok(Value {
        array,
        is_one: of.is_one,
    })
}

fn changed(texts: &LargeStringArray, change: impl Fn(&str) -> String) -> LargeStringArray {
    texts.iter().map(|text| text.map(&change)).collect()
}

pub(super) fn searched(search: Search, text: &Value, part: &Value) -> Computed<Value> {
    let flags = match search {
        Search::Start => starts_with(text, part),
        Search::End => ends_with(text, part),
        Search::Anywhere => contains(text, part),
    };
    flags.map(|flags| Value::of(flags, text.is_one && part.is_one))
}

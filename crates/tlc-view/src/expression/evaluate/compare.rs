//! Conditions: comparisons, lists, patterns.

use super::super::node::Set;
use super::super::term::{Comparison, State};
use super::names::by_name;
use super::rows::Value;
use crate::column::{Number, with_numbers};
use arrow_arith::boolean::{is_not_null, is_null};
use arrow_string::like::{ilike, like as matches, nilike, nlike};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Scalar};
use tlc_core::arrow::buffer::{BooleanBuffer, NullBuffer};
use tlc_core::arrow::compute::kernels::cmp;
use tlc_core::arrow::datatypes::{DataType, Float32Type, Float64Type};
use tlc_core::arrow::error::Result as Computed;

pub(super) fn compared(comparison: Comparison, left: &Value, right: &Value) -> Computed<Value> {
    let is_one = left.is_one && right.is_one;
    flags(left, right, comparison).map(|flags| Value::of(flags, is_one))
}

/// Whether values are among constants.
pub(super) fn among(of: &Value, set: &Set, has_null: bool) -> Computed<Value> {
    let found = in_set(of, set)?;
    let found = match has_null {
        // What is not found may be the null.
        true => {
            let (found, nulls) = found.into_parts();
            let known = nulls.map_or_else(|| found.clone(), |nulls| nulls.inner() & &found);
            BooleanArray::new(found, Some(NullBuffer::new(known)))
        }
        false => found,
    };
    Ok(Value::of(found, of.is_one))
}

pub(super) fn like(
    of: &Value,
    pattern: &ArrayRef,
    is_case_ignored: bool,
    is_not: bool,
) -> Computed<Value> {
    let pattern = Scalar::new(Arc::clone(pattern));
    let flags = match (is_case_ignored, is_not) {
        (false, false) => matches(of, &pattern),
        (false, true) => nlike(of, &pattern),
        (true, false) => ilike(of, &pattern),
        (true, true) => nilike(of, &pattern),
    };
    flags.map(|flags| Value::of(flags, of.is_one))
}

pub(super) fn is_state(of: &Value, state: State, is_not: bool) -> Computed<Value> {
    let flags = match (state, is_not) {
        (State::Null | State::Unknown, false) => is_null(&of.array)?,
        (State::Null | State::Unknown, true) => is_not_null(&of.array)?,
        (State::True | State::False, _) => {
            let wanted = Scalar::new(BooleanArray::from(vec![state == State::True]));
            match is_not {
                false => cmp::not_distinct(of, &wanted)?,
                true => cmp::distinct(of, &wanted)?,
            }
        }
    };
    Ok(Value::of(flags, of.is_one))
}

pub(super) fn not(of: &Value) -> Computed<Value> {
    let flags = arrow_arith::boolean::not(of.array.as_boolean())?;
    Ok(Value::of(flags, of.is_one))
}

/// A comparison in which all NaN are equal and more than any number, and `-0` is `0`.
pub(super) fn flags(left: &Value, right: &Value, comparison: Comparison) -> Computed<BooleanArray> {
    let kernel = match comparison {
        Comparison::Equal => cmp::eq,
        Comparison::NotEqual => cmp::neq,
        Comparison::Less => cmp::lt,
        Comparison::LessOrEqual => cmp::lt_eq,
        Comparison::Greater => cmp::gt,
        Comparison::GreaterOrEqual => cmp::gt_eq,
        Comparison::Distinct => cmp::distinct,
        Comparison::NotDistinct => cmp::not_distinct,
    };
    if !matches!(comparison, Comparison::Distinct | Comparison::NotDistinct) {
        let by_left = right
            .is_one
            .then(|| by_name(left, |names| kernel(names, right)));
        let by_right = || {
            left.is_one
                .then(|| by_name(right, |names| kernel(left, names)))
        };
        if let Some(flags) = by_left.flatten().or_else(|| by_right().flatten()) {
            return flags;
        }
    }
    kernel(&ordered(left), &ordered(right))
}

/// Floats with one NaN and one zero.
fn ordered(value: &Value) -> Value {
    let array: ArrayRef = match value.array.data_type() {
        DataType::Float32 => {
            let ordered = |number: f32| {
                if number.is_nan() {
                    f32::NAN
                } else {
                    number + 0.0
                }
            };
            let numbers = value.array.as_primitive::<Float32Type>();
            Arc::new(numbers.unary::<_, Float32Type>(ordered))
        }
        DataType::Float64 => {
            let ordered = |number: f64| {
                if number.is_nan() {
                    f64::NAN
                } else {
                    number + 0.0
                }
            };
            let numbers = value.array.as_primitive::<Float64Type>();
            Arc::new(numbers.unary::<_, Float64Type>(ordered))
        }
        _ => Arc::clone(&value.array),
    };
    Value {
        array,
        is_one: value.is_one,
    }
}

fn in_set(of: &Value, set: &Set) -> Computed<BooleanArray> {
    if let Set::Text(texts) = set {
        let named = by_name(of, |names| Ok(text_flags(&names.array, texts)));
        return named.unwrap_or_else(|| Ok(text_flags(&of.array, texts)));
    }
    let is_in = with_numbers!(&of.array, |numbers| number_flags(numbers, set));
    let is_in = is_in.unwrap_or_else(|| BooleanBuffer::new_unset(of.array.len()));
    Ok(BooleanArray::new(is_in, of.array.logical_nulls()))
}

fn number_flags<N: Number>(numbers: &[N], set: &Set) -> BooleanBuffer {
    let is_in = |number: N| match set {
        Set::Whole(whole) => {
            let number = number.to_i64();
            number.is_some_and(|number| whole.binary_search(&number).is_ok())
        }
        Set::Double(known) => {
            let number = number.to_f64() + 0.0;
            let found = known.binary_search_by(|known| known.total_cmp(&number));
            found.is_ok()
        }
        Set::Text(_) => false,
    };
    BooleanBuffer::collect_bool(numbers.len(), |row| {
        numbers.get(row).is_some_and(|number| is_in(*number))
    })
}

fn text_flags(values: &ArrayRef, texts: &[String]) -> BooleanArray {
    let values = values.as_string::<i64>();
    let is_in = BooleanBuffer::collect_bool(values.len(), |row| {
        let value = values.value(row);
        let found = texts.binary_search_by(|text| text.as_str().cmp(value));
        found.is_ok()
    });
    BooleanArray::new(is_in, values.nulls().cloned())
}

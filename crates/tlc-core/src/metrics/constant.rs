//! What a constant of a metrics table is, as JSON.

use crate::arrow::array::{Array, AsArray};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use serde_json::{Number, Value};

/// Longer texts are not recorded in the commits of a run; the rows have them.
const RECORDED_BYTES: usize = 1024;

/// What a commit says of the value.
pub(super) fn recorded(value: &dyn Array) -> Option<Value> {
    scalar(value).filter(|value| {
        let text = value.as_str();
        text.is_none_or(|text| text.len() <= RECORDED_BYTES)
    })
}

/// The first value of an array, if it is a text, a boolean or a number that JSON has.
pub(super) fn scalar(array: &dyn Array) -> Option<Value> {
    if array.is_empty() || array.is_null(0) {
        return None;
    }
    match array.data_type() {
        DataType::Boolean => Some(array.as_boolean_opt()?.value(0).into()),
        DataType::Utf8 => Some(array.as_string_opt::<i32>()?.value(0).into()),
        DataType::UInt64 => Some(array.as_primitive_opt::<UInt64Type>()?.value(0).into()),
        number if number.is_integer() => {
            let wide = cast(array, &DataType::Int64).ok()?;
            Some(wide.as_primitive_opt::<Int64Type>()?.value(0).into())
        }
        number if number.is_floating() => {
            let wide = cast(array, &DataType::Float64).ok()?;
            let value = wide.as_primitive_opt::<Float64Type>()?.value(0);
            Number::from_f64(value).map(Value::Number)
        }
        _ => None,
    }
}

/// Whether two constants are the same, an epoch of 3.0 and one of 3 among them.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    left == right
        || match (left.as_f64(), right.as_f64()) {
            (Some(a), Some(b)) => a == b && !(left.is_i64() && right.is_i64()),
            _ => false,
        }
}

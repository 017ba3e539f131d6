//! Numbers as SQL can compare them.
//!
//! Arrow orders floating-point numbers by their bits: a NaN with a sign is less than all, though
//! processors give any sign to a NaN, and -0 is not 0. Both lose their signs when they are read,
//! so that all NaNs are one, greater than any number.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use datafusion::arrow::datatypes::{ArrowPrimitiveType, DataType, Float32Type, Float64Type};
use std::sync::Arc;

/// The numbers with signs that can be told; other columns as they are.
pub(crate) fn comparable(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Float32 => settled::<Float32Type>(
            values,
            |value| value.is_nan() || value.to_bits() == (-0.0_f32).to_bits(),
            |value| {
                if value.is_nan() {
                    f32::NAN
                } else {
                    value + 0.0
                }
            },
        ),
        DataType::Float64 => settled::<Float64Type>(
            values,
            |value| value.is_nan() || value.to_bits() == (-0.0_f64).to_bits(),
            |value| {
                if value.is_nan() {
                    f64::NAN
                } else {
                    value + 0.0
                }
            },
        ),
        _ => Arc::clone(values),
    }
}

fn settled<T: ArrowPrimitiveType>(
    values: &ArrayRef,
    is_odd: impl Fn(T::Native) -> bool,
    settle: impl Fn(T::Native) -> T::Native,
) -> ArrayRef {
    let numbers: &PrimitiveArray<T> = values.as_primitive();
    // Without a branch for each, which is how they are quick.
    let are_odd = numbers
        .values()
        .iter()
        .fold(false, |any, value| any | is_odd(*value));
    match are_odd {
        true => Arc::new(numbers.unary::<_, T>(settle)),
        false => Arc::clone(values),
    }
}

//! What is computed of numbers, as DataFusion does.

use super::super::node::{Node, NumberFunction, TIMESTAMP, Type};
use super::super::term::Arithmetic;
use super::rows::Value;
use arrow_arith::arity::{try_binary, try_unary, unary};
use arrow_arith::numeric::{add_wrapping, div, mul_wrapping, neg_wrapping, rem, sub_wrapping};
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, PrimitiveArray,
};
use tlc_core::arrow::compute::{CastOptions, cast_with_options};
use tlc_core::arrow::datatypes::{ArrowPrimitiveType, DataType, Float32Type, Float64Type};
use tlc_core::arrow::error::{ArrowError, Result as Computed};

pub(super) fn computed(arithmetic: Arithmetic, left: &Value, right: &Value) -> Computed<Value> {
    let kernel = match arithmetic {
        Arithmetic::Add => add_wrapping,
        Arithmetic::Subtract => sub_wrapping,
        Arithmetic::Multiply => mul_wrapping,
        Arithmetic::Divide => div,
        Arithmetic::Modulo => rem,
    };
    Ok(Value {
        array: kernel(left, right)?,
        is_one: left.is_one && right.is_one,
    })
}

pub(super) fn negated(of: &Value) -> Computed<Value> {
    Ok(Value {
        array: neg_wrapping(&of.array)?,
        is_one: of.is_one,
    })
}

/// Values as those of another type.
pub(super) fn cast(of: &Value, from: &Node, to: &Node, is_tried: bool) -> Computed<Value> {
    let options = CastOptions {
        safe: is_tried,
        ..CastOptions::default()
    };
    let cast = |array: &ArrayRef, data: &DataType| cast_with_options(array, data, &options);
    let array = match (&from.kind, &to.kind) {
        (Type::Moment, Type::Text) => {
            let moments = cast(&cast(&of.array, &DataType::Int64)?, &TIMESTAMP)?;
            cast(&moments, &to.data)?
        }
        (Type::Text, Type::Moment) => cast(&cast(&of.array, &TIMESTAMP)?, &to.data)?,
        _ => cast(&of.array, &to.data)?,
    };
    Ok(Value {
        array,
        is_one: of.is_one,
    })
}

pub(super) fn power(base: &Value, exponent: &Value) -> Computed<Value> {
    let power = |base: f64, exponent: f64| match base == 0.0 && exponent < 0.0 {
        true => Err(ArrowError::ComputeError(
            "0 has no negative power".to_owned(),
        )),
        false => Ok(base.powf(exponent)),
    };
    let numbers = |value: &Value| value.array.as_primitive::<Float64Type>().clone();
    let (bases, exponents) = (numbers(base), numbers(exponent));
    let one = |numbers: &Float64Array| numbers.is_valid(0).then(|| numbers.value(0));
    let powers: Float64Array = match (base.is_one, exponent.is_one) {
        (true, false) => match one(&bases) {
            Some(base) => try_unary(&exponents, |exponent| power(base, exponent))?,
            None => Float64Array::new_null(exponents.len()),
        },
        (false, true) => match one(&exponents) {
            Some(exponent) => try_unary(&bases, |base| power(base, exponent))?,
            None => Float64Array::new_null(bases.len()),
        },
        _ => try_binary(&bases, &exponents, power)?,
    };
    Ok(Value::of(powers, base.is_one && exponent.is_one))
}

pub(super) fn function_of_number(function: NumberFunction, of: &Value) -> Computed<Value> {
    let array: ArrayRef = match (function, of.array.data_type()) {
        (NumberFunction::IsNan, _) => Arc::new(is_nan(&of.array)),
        (_, DataType::Int64) => Arc::new(of_whole(function, of.array.as_primitive())?),
        (_, DataType::Float32) => {
            let numbers = of.array.as_primitive::<Float32Type>();
            Arc::new(of_float(function, numbers)?)
        }
        _ => {
            let numbers = of.array.as_primitive::<Float64Type>();
            Arc::new(of_float(function, numbers)?)
        }
    };
    Ok(Value {
        array,
        is_one: of.is_one,
    })
}

fn is_nan(numbers: &ArrayRef) -> BooleanArray {
    if let Some(numbers) = numbers.as_primitive_opt::<Float32Type>() {
        return BooleanArray::from_unary(numbers, f32::is_nan);
    }
    match numbers.as_primitive_opt::<Float64Type>() {
        Some(numbers) => BooleanArray::from_unary(numbers, f64::is_nan),
        None => {
            let none = tlc_core::arrow::buffer::BooleanBuffer::new_unset(numbers.len());
            BooleanArray::new(none, numbers.nulls().cloned())
        }
    }
}

/// Rounding and distances from 0 of whole numbers.
fn of_whole(function: NumberFunction, numbers: &Int64Array) -> Computed<Int64Array> {
    let overflow = || ArrowError::ArithmeticOverflow(String::new());
    match function {
        NumberFunction::Abs => try_unary(numbers, |number: i64| {
            number.checked_abs().ok_or_else(overflow)
        }),
        NumberFunction::Round(places) if places < 0 => {
            let step = 10_i128.pow(places.unsigned_abs());
            try_unary(numbers, |number: i64| {
                let half = if number < 0 { -step / 2 } else { step / 2 };
                let rounded = (i128::from(number) + half) / step * step;
                i64::try_from(rounded).map_err(|_| overflow())
            })
        }
        _ => Ok(numbers.clone()),
    }
}

/// Numbers with a broken part.
trait Float: Copy {
    fn function(self, function: NumberFunction) -> Self;
    fn is_negative(self) -> bool;
}

macro_rules! float {
    ($float:ty) => {
        impl Float for $float {
            #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)]
            fn function(self, function: NumberFunction) -> Self {
                match function {
                    NumberFunction::Abs => self.abs(),
                    NumberFunction::Ceil => self.ceil(),
                    NumberFunction::Exp => self.exp(),
                    NumberFunction::Floor => self.floor(),
                    NumberFunction::Ln => self.ln(),
                    NumberFunction::Log10 => self.log10(),
                    NumberFunction::Round(places) => {
                        let factor = 10_f64.powi(places) as Self;
                        (self * factor).round() / factor
                    }
                    NumberFunction::Sqrt => self.sqrt(),
                    NumberFunction::IsNan => self,
                }
            }

            fn is_negative(self) -> bool {
                self < 0.0
            }
        }
    };
}

float!(f32);
float!(f64);

fn of_float<T: ArrowPrimitiveType<Native: Float>>(
    function: NumberFunction,
    numbers: &PrimitiveArray<T>,
) -> Computed<PrimitiveArray<T>> {
    match function {
        NumberFunction::Sqrt => {
            try_unary(numbers, |number: T::Native| match number.is_negative() {
                true => Err(ArrowError::ComputeError(
                    "a negative number has no square root".to_owned(),
                )),
                false => Ok(number.function(function)),
            })
        }
        _ => Ok(unary(numbers, |number: T::Native| {
            number.function(function)
        })),
    }
}

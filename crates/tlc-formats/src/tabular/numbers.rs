//! Which type holds all numbers of a column and changes none of them.

use tlc_core::arrow::datatypes::DataType;

/// Whole numbers up to here are floats, too, to the last digit.
const EXACT: i128 = 1 << 53;

/// What the numbers of a column look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The least and the greatest whole number.
    wholes: Option<(i128, i128)>,
    floats: bool,
}

/// A type of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Int,
    UInt,
    Float,
}

impl Numbers {
    pub(super) fn add_whole(&mut self, number: i128) {
        let (least, most) = self.wholes.unwrap_or((number, number));
        self.wholes = Some((least.min(number), most.max(number)));
    }

    pub(super) fn add_float(&mut self) {
        self.floats = true;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.floats |= other.floats;
        self.wholes = match (self.wholes, other.wholes) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.wholes.is_none() && !self.floats
    }

    /// The type, or why there is none.
    pub(super) fn fitting(&self) -> Result<Number, &'static str> {
        let Some((least, most)) = self.wholes else {
            return Ok(Number::Float);
        };
        let (is_int, is_uint) = (
            i64::try_from(least).is_ok() && i64::try_from(most).is_ok(),
            u64::try_from(least).is_ok() && u64::try_from(most).is_ok(),
        );
        match self.floats {
            true if -EXACT <= least && most <= EXACT => Ok(Number::Float),
            true => Err(
                "whole numbers that a float would round stand beside floats: say by hand what \
                 it is",
            ),
            false if is_int => Ok(Number::Int),
            false if is_uint => Ok(Number::UInt),
            false => {
                Err("negative numbers stand beside such of more than 63 bits: no type holds both")
            }
        }
    }
}

impl Number {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Int => DataType::Int64,
            Self::UInt => DataType::UInt64,
            Self::Float => DataType::Float64,
        }
    }

    /// What is said of a value that is none.
    pub(super) fn misfit(self) -> &'static str {
        match self {
            Self::Int => "is no whole number of 64 bits",
            Self::UInt => "is no whole number of 64 bits that is not negative",
            Self::Float => "is no number",
        }
    }
}

//! Numbers of any Arrow type, in loops made for each.

/// A number as Arrow holds it.
pub(crate) trait Number: Copy + Send + Sync {
    /// The nearest number of 64 bits.
    fn to_f64(self) -> f64;
    /// Whether its type has no negative numbers.
    const IS_UNSIGNED: bool;
    /// The whole number, if it is one of 64 bits.
    fn to_i64(self) -> Option<i64>;
    /// The whole number, if it is one of 64 bits without a sign.
    fn to_u64(self) -> Option<u64>;
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl Number for $number {
            const IS_UNSIGNED: bool = Self::MIN == 0;

            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            fn to_i64(self) -> Option<i64> {
                i64::try_from(self).ok()
            }

            fn to_u64(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }
    )*};
}

whole!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! broken {
    ($($number:ty),*) => {$(
        impl Number for $number {
            const IS_UNSIGNED: bool = false;

            fn to_f64(self) -> f64 {
                self.into()
            }

            fn to_i64(self) -> Option<i64> {
                None
            }

            fn to_u64(self) -> Option<u64> {
                None
            }
        }
    )*};
}

broken!(f32, f64);

/// Evaluates an expression with the slice of an array's numbers, whatever their type; `None`
/// if it holds none.
macro_rules! with_numbers {
    ($array:expr, |$values:ident| $body:expr) => {{
        use tlc_core::arrow::array::AsArray as _;
        use tlc_core::arrow::datatypes as types;
        let array: &dyn tlc_core::arrow::array::Array = $array;
        macro_rules! of {
            ($kind:ty) => {{
                array.as_primitive_opt::<$kind>().map(|array| {
                    let $values: &[_] = array.values();
                    $body
                })
            }};
        }
        match array.data_type() {
            types::DataType::Int8 => of!(types::Int8Type),
            types::DataType::Int16 => of!(types::Int16Type),
            types::DataType::Int32 => of!(types::Int32Type),
            types::DataType::Int64 => of!(types::Int64Type),
            types::DataType::UInt8 => of!(types::UInt8Type),
            types::DataType::UInt16 => of!(types::UInt16Type),
            types::DataType::UInt32 => of!(types::UInt32Type),
            types::DataType::UInt64 => of!(types::UInt64Type),
            types::DataType::Float32 => of!(types::Float32Type),
            types::DataType::Float64 => of!(types::Float64Type),
            _ => None,
        }
    }};
}

pub(crate) use with_numbers;

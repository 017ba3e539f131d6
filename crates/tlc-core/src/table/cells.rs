//! Rust values as Arrow arrays.

use crate::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, LargeBinaryArray,
    LargeListArray, LargeStringArray, ListArray, PrimitiveArray, StringArray, UInt64Array,
};
use crate::arrow::buffer::{NullBuffer, OffsetBuffer};
use crate::arrow::compute::take;
use crate::arrow::datatypes::{
    Field, FieldRef, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use std::sync::Arc;

/// Values that become one Arrow array: a vector or array of [`Cell`]s, or an array that is
/// there.
pub trait IntoArray: Sized {
    /// The array.
    fn into_array(self) -> ArrayRef;

    /// Whether a value may be missing, though none of these is.
    fn is_nullable(&self) -> bool {
        false
    }
}

impl IntoArray for ArrayRef {
    fn into_array(self) -> ArrayRef {
        self
    }
}

impl<T: Cell> IntoArray for Vec<T> {
    fn into_array(self) -> ArrayRef {
        T::array(self)
    }

    fn is_nullable(&self) -> bool {
        T::NULLABLE
    }
}

impl<T: Cell, const N: usize> IntoArray for [T; N] {
    fn into_array(self) -> ArrayRef {
        T::array(self.into())
    }

    fn is_nullable(&self) -> bool {
        T::NULLABLE
    }
}

/// What one cell of a column is in Rust: a number, a boolean, a text, bytes (`Vec<u8>`,
/// `&[u8]`), a list of cells of any length (`Vec`) or of one (`[T; N]`), or any of these
/// that may be missing (`Option`).
pub trait Cell: Sized {
    /// Whether a value may be missing.
    const NULLABLE: bool = false;

    /// A column of these values.
    fn array(values: Vec<Self>) -> ArrayRef;

    /// A column of values some of which are missing.
    fn optional(values: Vec<Option<Self>>) -> ArrayRef;

    /// A column of lists of values, some of which are missing.
    fn lists(values: Vec<Option<Vec<Self>>>) -> ArrayRef {
        lists(values)
    }
}

macro_rules! numbers {
    ($($native:ty => $arrow:ty $(, $lists:ident)?;)*) => {$(
        impl Cell for $native {
            fn array(values: Vec<Self>) -> ArrayRef {
                Arc::new(PrimitiveArray::<$arrow>::from(values))
            }

            fn optional(values: Vec<Option<Self>>) -> ArrayRef {
                Arc::new(PrimitiveArray::<$arrow>::from(values))
            }
            $(
            fn lists(values: Vec<Option<Vec<Self>>>) -> ArrayRef {
                $lists(&values)
            })?
        }
    )*};
}

numbers! {
    i8 => Int8Type; i16 => Int16Type; i32 => Int32Type; i64 => Int64Type;
    u8 => UInt8Type, binary; u16 => UInt16Type; u32 => UInt32Type; u64 => UInt64Type;
    f32 => Float32Type; f64 => Float64Type;
}

impl Cell for bool {
    fn array(values: Vec<Self>) -> ArrayRef {
        Arc::new(BooleanArray::from(values))
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        Arc::new(BooleanArray::from(values))
    }
}

impl Cell for String {
    fn array(values: Vec<Self>) -> ArrayRef {
        texts(values.iter().map(|text| Some(text.as_str())))
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        texts(values.iter().map(Option::as_deref))
    }
}

impl Cell for &str {
    fn array(values: Vec<Self>) -> ArrayRef {
        texts(values.iter().copied().map(Some))
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        texts(values.iter().copied())
    }
}

impl Cell for &[u8] {
    fn array(values: Vec<Self>) -> ArrayRef {
        Self::optional(values.into_iter().map(Some).collect())
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        binary(&values)
    }
}

impl<T: Cell> Cell for Option<T> {
    const NULLABLE: bool = true;

    fn array(values: Vec<Self>) -> ArrayRef {
        T::optional(values)
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        T::optional(values.into_iter().map(Option::flatten).collect())
    }
}

impl<T: Cell> Cell for Vec<T> {
    fn array(values: Vec<Self>) -> ArrayRef {
        T::lists(values.into_iter().map(Some).collect())
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        T::lists(values)
    }
}

impl<T: Cell, const N: usize> Cell for [T; N] {
    fn array(values: Vec<Self>) -> ArrayRef {
        let items = T::array(values.into_iter().flatten().collect());
        let len = i32::try_from(N).unwrap_or(i32::MAX);
        or_items(&items, |items| {
            FixedSizeListArray::try_new(item::<T>(&items), len, items, None)
        })
    }

    fn optional(values: Vec<Option<Self>>) -> ArrayRef {
        let mut present = 0_u64..;
        let places: UInt64Array = values
            .iter()
            .map(|value| value.as_ref().and_then(|_| present.next()))
            .collect();
        let values = Self::array(values.into_iter().flatten().collect());
        take(&values, &places, None).unwrap_or(values)
    }
}

fn lists<T: Cell>(values: Vec<Option<Vec<T>>>) -> ArrayRef {
    let nulls = nulls(&values);
    let lengths: Vec<usize> = values
        .iter()
        .map(|list| list.as_ref().map_or(0, Vec::len))
        .collect();
    let items: Vec<T> = values.into_iter().flatten().flatten().collect();
    let is_large = is_large(items.len());
    let items = T::array(items);
    match is_large {
        false => or_items(&items, |items| {
            let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
            ListArray::try_new(item::<T>(&items), offsets, items, nulls)
        }),
        true => or_items(&items, |items| {
            let offsets = OffsetBuffer::<i64>::from_lengths(lengths);
            LargeListArray::try_new(item::<T>(&items), offsets, items, nulls)
        }),
    }
}

/// The lists of items, or the items, which are of another number and so refused with the
/// batch: items of two gigabytes of text could not be put together.
fn or_items<L: Array + 'static>(
    items: &ArrayRef,
    lists: impl FnOnce(ArrayRef) -> Result<L, crate::arrow::error::ArrowError>,
) -> ArrayRef {
    match lists(Arc::clone(items)) {
        Ok(lists) => Arc::new(lists),
        Err(_) => Arc::clone(items),
    }
}

fn item<T: Cell>(items: &ArrayRef) -> FieldRef {
    let nullable = T::NULLABLE || items.null_count() > 0;
    Arc::new(Field::new_list_field(items.data_type().clone(), nullable))
}

fn nulls<T>(values: &[Option<T>]) -> Option<NullBuffer> {
    let valid = values.iter().map(Option::is_some).collect::<NullBuffer>();
    Some(valid).filter(|valid| valid.null_count() > 0)
}

/// Offsets of 32 bits would not do.
fn is_large(items: usize) -> bool {
    i32::try_from(items).is_err()
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> ArrayRef {
    match is_large(values.clone().flatten().map(str::len).sum()) {
        false => Arc::new(values.collect::<StringArray>()),
        true => Arc::new(values.collect::<LargeStringArray>()),
    }
}

fn binary<B: AsRef<[u8]>>(values: &[Option<B>]) -> ArrayRef {
    let values = values.iter().map(|bytes| bytes.as_ref().map(AsRef::as_ref));
    match is_large(values.clone().flatten().map(<[u8]>::len).sum()) {
        false => Arc::new(values.collect::<BinaryArray>()),
        true => Arc::new(values.collect::<LargeBinaryArray>()),
    }
}

/// One value that a whole batch shares, such as the epoch.
pub trait IntoConstant {
    /// The value as an array of length 1.
    fn into_constant(self) -> ArrayRef;
}

macro_rules! constants {
    ($($native:ty => $as:ty),*) => {$(
        impl IntoConstant for $native {
            fn into_constant(self) -> ArrayRef {
                vec![<$as>::from(self)].into_array()
            }
        }
    )*};
}

constants! {
    i8 => i64, i16 => i64, i32 => i64, i64 => i64, u8 => i64, u16 => i64, u32 => i64,
    f32 => f32, f64 => f64, bool => bool, String => String, &str => String
}

impl IntoConstant for usize {
    fn into_constant(self) -> ArrayRef {
        vec![i64::try_from(self).unwrap_or(i64::MAX)].into_array()
    }
}

impl IntoConstant for ArrayRef {
    fn into_constant(self) -> ArrayRef {
        self
    }
}

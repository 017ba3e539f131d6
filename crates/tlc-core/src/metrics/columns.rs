//! Columns of values as callers hand them in: Rust vectors or Arrow arrays.

use crate::{Error, Result};
use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, PrimitiveArray, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Schema as ArrowSchema, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use std::collections::HashSet;
use std::sync::Arc;

/// Name of the column that says which sample a row is about.
pub const EXAMPLE_ID: &str = "example_id";

/// Named columns of one batch, in order.
///
/// ```
/// use tlc_core::Columns;
///
/// let batch = Columns::new()
///     .column("example_id", vec![0_i64, 1])
///     .column("loss", vec![0.1_f32, 0.2])
///     .column("logits", vec![[0.3_f32, 0.7], [0.9, 0.1]]);
/// assert_eq!(batch.names().collect::<Vec<_>>(), ["example_id", "loss", "logits"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Columns {
    columns: Vec<(String, ArrayRef)>,
}

impl Columns {
    /// No column yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, values: impl IntoArray) -> Self {
        self.push(name, values);
        self
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, values: impl IntoArray) {
        self.columns.push((name.into(), values.into_array()));
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The values of a column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ArrayRef> {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, array)| array)
    }

    /// Number of rows, that of the first column.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, array)| array.len())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts values in the place of a column's.
    pub(super) fn replace(&mut self, name: &str, array: ArrayRef) {
        let known = self.columns.iter_mut().find(|(known, _)| known == name);
        if let Some((_, values)) = known {
            *values = array;
        }
    }

    /// Refuses columns of different lengths and names that appear twice.
    pub(super) fn check(&self) -> Result<()> {
        let rows = self.len();
        let mut names = HashSet::new();
        for (name, array) in &self.columns {
            if array.len() != rows {
                let first = self.names().next().unwrap_or_default();
                let reason = format!("{} values, column `{first}` has {rows}", array.len());
                return Err(Error::Batch {
                    column: name.clone(),
                    row: None,
                    value: None,
                    reason,
                });
            }
            if !names.insert(name) {
                return Err(Error::column(name, "the name appears twice in the batch"));
            }
        }
        Ok(())
    }

    /// The columns as a batch, if they are of one length and their names differ.
    pub(super) fn into_batch(self) -> Result<RecordBatch> {
        self.check()?;
        let rows = self.len();
        let fields: Vec<_> = self
            .columns
            .iter()
            .map(|(name, array)| {
                Field::new(name, array.data_type().clone(), array.null_count() > 0)
            })
            .collect();
        let arrays = self.columns.into_iter().map(|(_, array)| array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(ArrowSchema::new(fields)), arrays, &options)
            .map_err(|source| Error::arrow("a batch of columns", source))
    }
}

impl From<RecordBatch> for Columns {
    fn from(batch: RecordBatch) -> Self {
        let names = batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect::<Vec<_>>();
        Self {
            columns: names
                .into_iter()
                .zip(batch.columns().iter().cloned())
                .collect(),
        }
    }
}

/// Values that become one Arrow array.
pub trait IntoArray {
    /// The array.
    fn into_array(self) -> ArrayRef;
}

impl IntoArray for ArrayRef {
    fn into_array(self) -> ArrayRef {
        self
    }
}

impl IntoArray for Vec<bool> {
    fn into_array(self) -> ArrayRef {
        Arc::new(BooleanArray::from(self))
    }
}

impl IntoArray for Vec<String> {
    fn into_array(self) -> ArrayRef {
        Arc::new(StringArray::from(self))
    }
}

impl IntoArray for Vec<&str> {
    fn into_array(self) -> ArrayRef {
        Arc::new(StringArray::from(self))
    }
}

impl IntoArray for Vec<Vec<u8>> {
    fn into_array(self) -> ArrayRef {
        Arc::new(BinaryArray::from_iter_values(self))
    }
}

impl<const N: usize> IntoArray for Vec<[f32; N]> {
    fn into_array(self) -> ArrayRef {
        let values: PrimitiveArray<Float32Type> =
            self.into_iter().flatten().collect::<Vec<f32>>().into();
        let item = Arc::new(Field::new_list_field(
            arrow::datatypes::DataType::Float32,
            false,
        ));
        let len = i32::try_from(N).unwrap_or(i32::MAX);
        Arc::new(FixedSizeListArray::new(item, len, Arc::new(values), None))
    }
}

macro_rules! numbers {
    ($($native:ty => $arrow:ty),*) => {$(
        impl IntoArray for Vec<$native> {
            fn into_array(self) -> ArrayRef {
                Arc::new(PrimitiveArray::<$arrow>::from(self))
            }
        }
        impl<const N: usize> IntoArray for [$native; N] {
            fn into_array(self) -> ArrayRef {
                self.to_vec().into_array()
            }
        }
        const _: fn() = || {
            fn same<P: ArrowPrimitiveType<Native = $native>>() {}
            same::<$arrow>();
        };
    )*};
}

numbers! {
    i8 => Int8Type, i16 => Int16Type, i32 => Int32Type, i64 => Int64Type,
    u8 => UInt8Type, u16 => UInt16Type, u32 => UInt32Type, u64 => UInt64Type,
    f32 => Float32Type, f64 => Float64Type
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

//! Lists of values as columns.

use crate::error::BoxError;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::IntoArray;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, ListArray};
use tlc_core::arrow::buffer::{OffsetBuffer, ScalarBuffer};
use tlc_core::arrow::datatypes::Field;

/// Values, row after row, as one list of `len` values a row.
pub(super) fn fixed(collector: &str, values: impl IntoArray, len: usize) -> Result<ArrayRef> {
    let list = || -> Result<_, BoxError> {
        let values = values.into_array();
        let (item, len) = (item_of(&values), i32::try_from(len)?);
        Ok(FixedSizeListArray::try_new(item, len, values, None)?)
    };
    match list() {
        Ok(list) => Ok(Arc::new(list)),
        Err(error) => Err(Error::collector(collector, error)),
    }
}

/// Values, row after row, as one list a row of the row's own length.
pub(super) fn open(
    collector: &str,
    values: impl IntoArray,
    lengths: impl IntoIterator<Item = usize>,
) -> Result<ArrayRef> {
    let list = || -> Result<_, BoxError> {
        let mut offsets = vec![0_i32];
        let mut end = 0_usize;
        for length in lengths {
            end += length;
            offsets.push(i32::try_from(end)?);
        }
        let values = values.into_array();
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        Ok(ListArray::try_new(item_of(&values), offsets, values, None)?)
    };
    match list() {
        Ok(list) => Ok(Arc::new(list)),
        Err(error) => Err(Error::collector(collector, error)),
    }
}

fn item_of(values: &ArrayRef) -> Arc<Field> {
    Arc::new(Field::new_list_field(values.data_type().clone(), true))
}

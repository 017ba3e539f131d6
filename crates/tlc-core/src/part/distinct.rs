//! Whether the values of a column are worth a dictionary.

use crate::arrow::array::{Array, AsArray};
use crate::arrow::datatypes::DataType;
use std::collections::HashSet;
use twox_hash::XxHash3_128;

/// No more rows are looked at.
const SAMPLE: usize = 16 << 10;
/// Of fewer rows nothing is known.
const LEAST: usize = 256;

/// Whether nearly all of the first values differ: a dictionary of them costs much and says
/// nothing.
pub(super) fn are_distinct(array: &dyn Array) -> bool {
    let rows = array.len().min(SAMPLE);
    if rows < LEAST {
        return false;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string_opt::<i32>().is_some_and(|texts| {
            let value = |row| texts.value(row).as_bytes();
            differ((0..rows).filter(|row| texts.is_valid(*row)).map(value))
        }),
        DataType::Binary => array.as_binary_opt::<i32>().is_some_and(|values| {
            let value = |row| values.value(row);
            differ((0..rows).filter(|row| values.is_valid(*row)).map(value))
        }),
        fixed => fixed.primitive_width().is_some_and(|width| {
            let data = array.to_data();
            let bytes = data.buffers().first().map_or(&[][..], |buffer| buffer);
            let values = bytes.chunks_exact(width).skip(data.offset());
            let values = values.take(rows).enumerate();
            differ(values.filter_map(|(row, value)| array.is_valid(row).then_some(value)))
        }),
    }
}

/// Whether nine in ten of them differ.
fn differ<'v>(values: impl Iterator<Item = &'v [u8]>) -> bool {
    let mut seen = HashSet::with_capacity(SAMPLE);
    let mut count = 0;
    for value in values {
        count += 1;
        seen.insert(XxHash3_128::oneshot(value));
    }
    count >= LEAST && seen.len() * 10 >= count * 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrow::array::{Int64Array, StringArray};

    #[test]
    fn numbers_of_rows_are_distinct_and_classes_are_not() {
        let ids = Int64Array::from_iter_values(0..5000);
        assert!(are_distinct(&ids));
        assert!(are_distinct(&ids.slice(700, 300)));
        assert!(!are_distinct(&ids.slice(0, 100)), "too few to know");
        assert!(!are_distinct(&Int64Array::from_iter_values(
            (0..5000).map(|row| row % 100)
        )));
        let notes = StringArray::from_iter_values((0..5000).map(|row| format!("note {row}")));
        assert!(are_distinct(&notes));
        let classes = StringArray::from_iter_values((0..5000).map(|row| format!("{}", row % 7)));
        assert!(!are_distinct(&classes));
        let few = Int64Array::from_iter((0..5000).map(|row| (row < 100).then_some(row)));
        assert!(!are_distinct(&few), "nulls are no values");
    }
}

//! How much memory rows take.

use crate::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use crate::arrow::datatypes::DataType;

const SLICE_BYTES: usize = 8 << 20;

/// Average bytes of a row, at least 1. A slice counts without what it was cut from.
pub(crate) fn row_bytes(batch: &RecordBatch) -> usize {
    let sizes = batch.columns().iter().map(array_bytes);
    (sizes.sum::<usize>() / batch.num_rows().max(1)).max(1)
}

/// A batch of any size as batches of at most a few megabytes, or a row.
pub(crate) fn slices(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> {
    let rows = (SLICE_BYTES / row_bytes(batch)).max(1);
    let starts = (0..batch.num_rows()).step_by(rows);
    starts.map(move |start| batch.slice(start, rows.min(batch.num_rows() - start)))
}

fn array_bytes(array: &ArrayRef) -> usize {
    let nulls = array.nulls().map_or(0, |_| array.len().div_ceil(8));
    let values = match array.data_type() {
        DataType::List(_) => array.as_list_opt::<i32>().map(|lists| {
            let offsets = lists.value_offsets();
            let at =
                |offset: Option<&i32>| offset.map_or(0, |at| usize::try_from(*at).unwrap_or(0));
            let (start, end) = (at(offsets.first()), at(offsets.last()));
            size_of_val(offsets) + array_bytes(&lists.values().slice(start, end - start))
        }),
        DataType::FixedSizeList(..) => {
            let lists = array.as_fixed_size_list_opt();
            lists.map(|lists| array_bytes(lists.values()))
        }
        DataType::Struct(_) => {
            let fields = array.as_struct_opt();
            fields.map(|fields| fields.columns().iter().map(array_bytes).sum())
        }
        _ => array.to_data().get_slice_memory_size().ok(),
    };
    nulls + values.unwrap_or_else(|| array.get_array_memory_size())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrow::array::{ListArray, StringArray};
    use crate::arrow::datatypes::Int64Type;
    use std::sync::Arc;

    #[test]
    fn a_slice_is_as_large_as_its_own_rows() {
        let lists: Vec<Option<Vec<Option<i64>>>> = vec![Some(vec![Some(1); 100]); 1000];
        let lists = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)) as ArrayRef;
        let texts = Arc::new(StringArray::from(vec!["x".repeat(50); 1000])) as ArrayRef;
        for (array, least) in [(lists, 800), (texts, 50)] {
            let batch = RecordBatch::try_from_iter([("x", array)]).unwrap();
            for rows in [1000, 10, 1] {
                let bytes = row_bytes(&batch.slice(500_usize.min(1000 - rows), rows));
                assert!((least..least + 40).contains(&bytes), "{rows} rows: {bytes}");
            }
        }
    }
}

//! Fitted rows as an Arrow file: `vector` and `point`, fixed-size lists of `Float32`.

use crate::{Embeddings, Error, Result};
use bytes::Bytes;
use std::sync::Arc;
use tlc_core::arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch,
};
use tlc_core::arrow::datatypes::{DataType, Field, Float32Type, Schema};
use tlc_core::arrow::error::ArrowError;
use tlc_core::arrow::ipc::writer::FileWriter;
use tlc_core::{Url, read_arrow_file};

const VECTOR: &str = "vector";
const POINT: &str = "point";

pub(super) fn encode(vectors: &Embeddings, points: &Embeddings) -> Result<Vec<u8>> {
    let arrays = [(VECTOR, lists(vectors)), (POINT, lists(points))];
    let fields = arrays
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), false));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let columns = arrays.into_iter().map(|(_, array)| array).collect();
    let write = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = FileWriter::try_new(Vec::new(), &schema)?;
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
        writer.into_inner()
    };
    let failed = |source| tlc_core::Error::Arrow {
        doing: "write fitted rows",
        source,
    };
    Ok(write().map_err(failed)?)
}

/// The vectors and the points of a file, which somebody else may have written.
pub(super) fn decode(url: &Url, bytes: Bytes) -> Result<(Embeddings, Embeddings)> {
    let most = bytes.len() / size_of::<f32>();
    let (mut vectors, mut points) = (Vectors::default(), Vectors::default());
    for batch in read_arrow_file(url, bytes)? {
        for (name, found) in [(VECTOR, &mut vectors), (POINT, &mut points)] {
            let added = found.add(&batch, name, most);
            added.map_err(|reason| Error::corrupt(url, format!("column `{name}` {reason}")))?;
        }
    }
    let of = |found: Vectors| {
        let embeddings = Embeddings::new(found.values, found.dim);
        embeddings.map_err(|error| Error::corrupt(url, error.to_string()))
    };
    Ok((of(vectors)?, of(points)?))
}

/// A column of vectors as it is read.
#[derive(Default)]
struct Vectors {
    values: Vec<f32>,
    dim: usize,
}

impl Vectors {
    /// Adds those of a batch. Batches can share their bytes, so that a small file would give
    /// many values: `most` is how many there may be. On failure says what the column is.
    fn add(&mut self, batch: &RecordBatch, name: &str, most: usize) -> Result<(), String> {
        let column = batch.column_by_name(name).ok_or("is missing")?;
        let other_type = || format!("is {}", column.data_type());
        let lists = column.as_fixed_size_list_opt().ok_or_else(other_type)?;
        let items = lists.values().as_primitive_opt::<Float32Type>();
        let items = items.ok_or_else(other_type)?;
        if lists.null_count() + items.null_count() > 0 {
            return Err("lacks a value".to_owned());
        }
        self.dim = usize::try_from(lists.value_length()).unwrap_or_default();
        let values = lists.len().checked_mul(self.dim);
        let values = values.and_then(|len| items.values().get(..len));
        let values = values.filter(|values| values.len() <= most.saturating_sub(self.values.len()));
        self.values
            .extend_from_slice(values.ok_or("has more values than the file has bytes")?);
        Ok(())
    }
}

/// Vectors `[samples, dim]` as a column.
pub(super) fn lists(vectors: &Embeddings) -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let len = i32::try_from(vectors.dim()).unwrap_or(i32::MAX);
    let values = Arc::new(Float32Array::from(vectors.values().to_vec()));
    Arc::new(FixedSizeListArray::new(item, len, values, None))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops at the first surprise
mod tests {
    use super::*;

    #[test]
    fn batches_that_share_their_bytes_do_not_give_more_than_the_file_has() {
        let vectors = Embeddings::new(vec![0.5; 12], 3).unwrap();
        let batch = RecordBatch::try_from_iter([(VECTOR, lists(&vectors))]).unwrap();
        let mut found = Vectors::default();
        found.add(&batch, VECTOR, 30).unwrap();
        found.add(&batch, VECTOR, 30).unwrap();
        assert!(found.add(&batch, VECTOR, 30).is_err());
        assert_eq!((found.values.len(), found.dim), (24, 3));
    }
}

//! Fitted rows as an Arrow file: `vector` and `point`, fixed-size lists of `Float32`.

use crate::{Embeddings, Result, column};
use arrow::array::{Array, ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Float32Type, Schema};
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;
use bytes::Bytes;
use std::sync::Arc;
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

/// The vectors and the points of a file.
pub(super) fn decode(url: &Url, bytes: Bytes) -> Result<(Embeddings, Embeddings)> {
    let (mut vectors, mut points) = ((Vec::new(), 0), (Vec::new(), 0));
    for batch in read_arrow_file(url, bytes)? {
        for (name, (values, dim)) in [(VECTOR, &mut vectors), (POINT, &mut points)] {
            let array = column::of(&batch, name)?;
            values.extend(column::list_values::<Float32Type>(url.name(), name, array)?);
            let lists = array.as_fixed_size_list_opt();
            *dim = lists.map_or(0, |lists| {
                usize::try_from(lists.value_length()).unwrap_or_default()
            });
        }
    }
    Ok((
        Embeddings::new(vectors.0, vectors.1)?,
        Embeddings::new(points.0, points.1)?,
    ))
}

/// Vectors `[samples, dim]` as a column.
pub(super) fn lists(vectors: &Embeddings) -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, false));
    let len = i32::try_from(vectors.dim()).unwrap_or(i32::MAX);
    let values = Arc::new(Float32Array::from(vectors.values().to_vec()));
    Arc::new(FixedSizeListArray::new(item, len, values, None))
}

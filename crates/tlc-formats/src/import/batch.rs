//! Columns put together.

use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use tlc_core::arrow::datatypes::{FieldRef, Fields, Schema};

/// A batch of so many rows, whose fields are nullable where their columns have nulls, and of
/// the columns' types.
pub(crate) fn batch_of(
    fields: impl IntoIterator<Item = FieldRef>,
    arrays: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch> {
    let fields = fields.into_iter().zip(&arrays).map(|(field, array)| {
        let nullable = field.is_nullable() || array.null_count() > 0;
        let is_so = nullable == field.is_nullable() && field.data_type() == array.data_type();
        match is_so {
            true => field,
            false => {
                let field = Arc::unwrap_or_clone(field).with_nullable(nullable);
                Arc::new(field.with_data_type(array.data_type().clone()))
            }
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Fields>()));
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, arrays, &options)
        .map_err(|source| Error::arrow("put columns together", source))
}

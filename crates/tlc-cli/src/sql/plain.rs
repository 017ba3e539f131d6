//! Answers in the types that tables have: an engine has more of them.

use crate::Failure;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// The columns of an answer, each of a type that a table can have.
pub(super) fn schema(of: &Schema) -> Result<SchemaRef, Failure> {
    let fields = of.fields().iter().map(|field| {
        let of = plain(field.data_type());
        match of == *field.data_type() {
            true => Arc::clone(field),
            false => Arc::new(Field::new(field.name(), of, field.is_nullable())),
        }
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// The rows of an answer with these columns.
pub(super) fn rows(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Failure> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(
        |(values, field)| match values.data_type() == field.data_type() {
            true => Ok(Arc::clone(values)),
            false => cast(values, field.data_type()),
        },
    );
    let columns = columns.collect::<Result<Vec<ArrayRef>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &options,
    )?)
}

/// The texts of a column.
pub(super) fn texts(batches: &[RecordBatch], column: usize) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for batch in batches {
        let values = cast(batch.column(column), &DataType::Utf8)?;
        texts.extend(
            values
                .as_string::<i32>()
                .iter()
                .flatten()
                .map(str::to_owned),
        );
    }
    Ok(texts)
}

/// The type of a column of a table that holds the values of this type.
fn plain(of: &DataType) -> DataType {
    match of {
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => DataType::Float64,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        }
        DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::Dictionary(_, of) => plain(of),
        DataType::Utf8View
        | DataType::LargeUtf8
        | DataType::Null
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_) => DataType::Utf8,
        DataType::LargeList(item) | DataType::ListView(item) | DataType::List(item) => {
            let of = plain(item.data_type());
            DataType::List(Arc::new(Field::new_list_field(of, item.is_nullable())))
        }
        other => other.clone(),
    }
}

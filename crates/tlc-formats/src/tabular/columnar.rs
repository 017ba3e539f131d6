//! What is common to files of Arrow's columns: their schema, and batches into rows.

use crate::Result;
use crate::import::{Places, RowSink, batch_of};
use crate::source::SourceFile;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tlc_core::arrow::array::{RecordBatch, new_null_array};
use tlc_core::arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Schema as ArrowSchema, SchemaRef,
};

/// Rows that are given to the sink at once.
const BATCH_ROWS: usize = 1 << 16;

/// The decoders panic on some damaged files; that must not reach the caller.
pub(super) fn guarded<T>(file: &SourceFile, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(file.refused("damaged: the decoder gave up on it")))
}

/// The columns of several files: those of the first, with a type where that had nothing but
/// nulls, and nullable if one of them is.
pub(super) fn united(schemas: &[(SourceFile, SchemaRef)], rows: &RowSink<'_>) -> Result<SchemaRef> {
    let Some(((_, first), rest)) = schemas.split_first() else {
        return Ok(Arc::new(ArrowSchema::empty()));
    };
    let mut fields: Vec<FieldRef> = first.fields().iter().cloned().collect();
    for (file, schema) in rest {
        let other = |name: &String| schema.column_with_name(name).map(|(_, field)| field);
        if let Some(more) = schema
            .fields()
            .iter()
            .find(|field| first.column_with_name(field.name()).is_none())
        {
            let reason = format!("a column `{}`, which the files before lack", more.name());
            return Err(file.refused(reason));
        }
        for field in &mut fields {
            let other = other(field.name()).ok_or_else(|| {
                file.refused(format!(
                    "no column `{}`, as the files before have",
                    field.name()
                ))
            })?;
            *field = merged(field, other);
        }
    }
    let typed = fields
        .iter()
        .map(|field| match rows.declared(field.name()) {
            Some(_) => Arc::clone(field),
            None => typed(field),
        });
    Ok(Arc::new(ArrowSchema::new(typed.collect::<Fields>())))
}

/// Gives a batch to the sink, with the columns in the order and of the nullability of
/// `schema`.
pub(super) fn add(
    rows: &mut RowSink<'_>,
    (file, first): (&SourceFile, u64),
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<()> {
    for (from, piece) in pieces(batch) {
        let places = Places::rows(file, first + from);
        rows.add(arranged(file, &piece, schema)?, &places)?;
    }
    Ok(())
}

/// A batch in pieces as the sink takes them, each with its first row.
pub(super) fn pieces(batch: &RecordBatch) -> impl Iterator<Item = (u64, RecordBatch)> {
    let starts = (0..batch.num_rows()).step_by(BATCH_ROWS);
    starts.map(|from| {
        let rows = BATCH_ROWS.min(batch.num_rows() - from);
        (from as u64, batch.slice(from, rows))
    })
}

fn arranged(file: &SourceFile, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let mut arrays = Vec::new();
    for field in schema.fields() {
        let array = batch.column_by_name(field.name());
        let array = array.ok_or_else(|| file.refused(format!("no column `{}`", field.name())))?;
        arrays.push(match array.data_type() {
            DataType::Null => new_null_array(field.data_type(), array.len()),
            _ => Arc::clone(array),
        });
    }
    // Files may differ in types that are cast without a loss: each batch has its own.
    batch_of(schema.fields().iter().cloned(), arrays, batch.num_rows())
}

fn merged(field: &FieldRef, other: &Field) -> FieldRef {
    let data_type = match (field.data_type(), other.data_type()) {
        (DataType::Null, other) => other,
        (own, _) => own,
    };
    let has_nulls = |field: &Field| field.is_nullable() || field.data_type() == &DataType::Null;
    let nullable = has_nulls(field) || has_nulls(other);
    let merged = Field::clone(field).with_data_type(data_type.clone());
    Arc::new(merged.with_nullable(nullable))
}

/// Text where there is no type, since there are only nulls.
fn typed(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Null => DataType::Utf8,
        DataType::List(item) => DataType::List(typed(item)),
        DataType::LargeList(item) => DataType::LargeList(typed(item)),
        DataType::FixedSizeList(item, len) => DataType::FixedSizeList(typed(item), *len),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(typed).collect()),
        _ => return Arc::clone(field),
    };
    let nullable = field.is_nullable() || field.data_type() == &DataType::Null;
    Arc::new(
        Field::clone(field)
            .with_data_type(data_type)
            .with_nullable(nullable),
    )
}

//! Samples beside the metrics that are about them.

use super::check::EXAMPLE_ID;
use crate::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt64Array};
use crate::arrow::compute::take;
use crate::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema as ArrowSchema};
use crate::{Error, Result, Table};
use std::sync::Arc;

/// The column that says which row of a table shows the sample.
pub const TABLE_ROW: &str = "table_row";

/// Which samples the rows are about.
pub(super) fn sample_rows(metrics: &RecordBatch) -> Result<Vec<usize>> {
    let ids = metrics.column_by_name(EXAMPLE_ID);
    let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int64Type>());
    let ids = ids.ok_or_else(|| Error::column(EXAMPLE_ID, "the metrics table has none"))?;
    let row = |id: &i64| usize::try_from(*id).unwrap_or(usize::MAX);
    Ok(ids.values().iter().map(row).collect())
}

/// The rows of another table that show the samples, with columns of it; what it does not have
/// is missing. In front stands which row it is.
pub(super) fn found(
    samples: &Table,
    rows: &[Option<usize>],
    columns: &[String],
) -> Result<RecordBatch> {
    let there: Vec<usize> = rows.iter().copied().flatten().collect();
    let batch = samples.stored().select(columns)?.take(&there)?;
    let mut next = 0_u64..;
    let places: UInt64Array = rows
        .iter()
        .map(|row| row.and_then(|_| next.next()))
        .collect();
    let numbers = rows
        .iter()
        .map(|row| row.and_then(|row| i64::try_from(row).ok()));
    let mut fields = vec![Field::new(TABLE_ROW, DataType::Int64, true)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(numbers.collect::<Int64Array>())];
    for (field, values) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        fields.push(field.as_ref().clone().with_nullable(true));
        let values = take(values, &places, None);
        arrays.push(values.map_err(|source| Error::arrow("join metrics with samples", source))?);
    }
    RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays)
        .map_err(|source| Error::arrow("join metrics with samples", source))
}

/// Metrics with columns of their samples, row by row. A column whose name is taken becomes
/// `table.<name>`.
pub(super) fn beside(
    metrics: &RecordBatch,
    samples: &RecordBatch,
    columns: &[String],
) -> Result<RecordBatch> {
    let schema = metrics.schema();
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    let mut arrays: Vec<ArrayRef> = metrics.columns().to_vec();
    for name in columns {
        let (Ok(field), Some(array)) = (
            samples.schema_ref().field_with_name(name),
            samples.column_by_name(name),
        ) else {
            continue;
        };
        let taken = schema.field_with_name(name).is_ok();
        let name = if taken {
            format!("table.{name}")
        } else {
            name.clone()
        };
        fields.push(Arc::new(field.clone().with_name(name)));
        arrays.push(Arc::clone(array));
    }
    RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays)
        .map_err(|source| Error::arrow("join metrics with samples", source))
}

//! Samples beside the metrics that are about them.

use super::check::EXAMPLE_ID;
use crate::arrow::array::{ArrayRef, AsArray, RecordBatch};
use crate::arrow::datatypes::{FieldRef, Int64Type, Schema as ArrowSchema};
use crate::{Error, Result};
use std::sync::Arc;

/// Which samples the rows are about.
pub(super) fn sample_rows(metrics: &RecordBatch) -> Result<Vec<usize>> {
    let ids = metrics.column_by_name(EXAMPLE_ID);
    let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int64Type>());
    let ids = ids.ok_or_else(|| Error::column(EXAMPLE_ID, "the metrics table has none"))?;
    let row = |id: &i64| usize::try_from(*id).unwrap_or(usize::MAX);
    Ok(ids.values().iter().map(row).collect())
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

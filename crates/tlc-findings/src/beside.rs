//! A metrics table beside another one: other columns for the same rows, with their
//! `example_id`, their foreign table and their constants.

use crate::{Error, Result, column};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, RecordBatch};
use tlc_core::{
    Column, Columns, EXAMPLE_ID, MetricsOptions, MetricsTable, MetricsTableWriter, Run,
};

/// Writes columns that hold a value for each row of `source` as `stream` of the run.
pub(crate) fn write_rows<const N: usize>(
    run: &Run,
    source: &MetricsTable,
    stream: &str,
    columns: [(Column, ArrayRef); N],
) -> Result<MetricsTable> {
    for (column, values) in &columns {
        if values.len() != source.len() {
            return Err(Error::Rows {
                column: column.name.clone(),
                values: values.len(),
                metrics: source.name().to_owned(),
                rows: source.len(),
            });
        }
    }
    let described = columns.iter().map(|(column, _)| column.clone());
    write(
        run,
        source,
        stream,
        described,
        None,
        |batch, row, written| {
            for (column, values) in &columns {
                written.push(&column.name, values.slice(row, batch.num_rows()));
            }
            Ok(())
        },
    )
}

/// Reads the column `read` of `source`, if any, and writes the columns that `add` makes of
/// each batch, which it gets with the row that the batch starts at, as `stream` of the run.
pub(crate) fn write(
    run: &Run,
    source: &MetricsTable,
    stream: &str,
    columns: impl IntoIterator<Item = Column>,
    read: Option<&str>,
    mut add: impl FnMut(&RecordBatch, usize, &mut Columns) -> Result<()>,
) -> Result<MetricsTable> {
    let options = options(run, source, stream)?.columns(columns);
    let mut writer = MetricsTableWriter::new(options)?;
    let has_ids = source.schema().column(EXAMPLE_ID).is_some();
    let ids = has_ids.then_some(EXAMPLE_ID);
    let mut row = 0;
    let scan = source.scan().columns(ids.into_iter().chain(read));
    for batch in scan.batches()? {
        let batch = batch?;
        let mut written = Columns::new();
        if has_ids {
            written.push(EXAMPLE_ID, Arc::clone(column::of(&batch, EXAMPLE_ID)?));
        }
        add(&batch, row, &mut written)?;
        row += batch.num_rows();
        writer.add_batch(written)?;
    }
    let metrics = writer.finalize()?;
    run.update_metrics(&[metrics.info()])?;
    Ok(metrics)
}

fn options(run: &Run, source: &MetricsTable, stream: &str) -> Result<MetricsOptions> {
    let mut options = MetricsOptions::new().run(run).stream(stream).finding(true);
    if let Some(table) = source.foreign_table()? {
        options = options.foreign_table(&table);
    }
    if let Some(name) = source.foreign_table_display_name() {
        options = options.foreign_table_display_name(name);
    }
    let constants: Vec<&str> = source.constants().collect();
    if constants.is_empty() || source.is_empty() {
        return Ok(options);
    }
    let scan = source.scan().columns(constants.iter().copied()).rows(0..1);
    let Some(first) = scan.batches()?.next().transpose()? else {
        return Ok(options);
    };
    for name in constants {
        let described = source.schema().require(name)?.clone();
        let value = Arc::clone(column::of(&first, name)?);
        options = options.column(described).constant(name, value);
    }
    Ok(options)
}

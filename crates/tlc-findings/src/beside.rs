//! Findings as metrics tables of a run: about the table that the metrics were about which
//! they were found in, with the constants of those.

use crate::{Error, Result, column};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, RecordBatch};
use tlc_core::{
    Column, Columns, EXAMPLE_ID, MetricsOptions, MetricsTable, MetricsTableWriter, Run, Table,
};

/// Rows of a batch that is written.
const BATCH_ROWS: usize = 65_536;

/// What the rows of a finding are about.
#[derive(Debug, Default)]
pub(crate) struct About {
    table: Option<Table>,
    display_name: Option<String>,
    constants: Vec<(Column, ArrayRef)>,
}

impl About {
    pub(crate) fn table(table: &Table) -> Self {
        Self {
            table: Some(table.clone()),
            ..Self::default()
        }
    }

    /// What metrics tables are about that were read as one, with the constants that they
    /// share.
    pub(crate) fn metrics<'a>(sources: impl IntoIterator<Item = &'a MetricsTable>) -> Result<Self> {
        let mut sources = sources.into_iter();
        let Some(first) = sources.next() else {
            return Ok(Self::default());
        };
        let mut shared = constants(first)?;
        for other in sources {
            let others = constants(other)?;
            let is_shared = |(column, value): &(Column, ArrayRef)| {
                let same = |(other, found): &(Column, ArrayRef)| {
                    other.name == column.name && found == value
                };
                others.iter().any(same)
            };
            shared.retain(is_shared);
        }
        Ok(Self {
            table: first.foreign_table()?,
            display_name: first.foreign_table_display_name().map(str::to_owned),
            constants: shared,
        })
    }

    /// Adds a column that has this value in every row.
    pub(crate) fn constant(mut self, column: Column, value: ArrayRef) -> Self {
        self.constants.push((column, value));
        self
    }

    fn options(&self, run: &Run, stream: &str) -> MetricsOptions {
        let mut options = MetricsOptions::new().run(run).stream(stream).finding(true);
        if let Some(table) = &self.table {
            options = options.foreign_table(table);
        }
        if let Some(name) = &self.display_name {
            options = options.foreign_table_display_name(name);
        }
        for (column, value) in &self.constants {
            options = options.column(column.clone());
            options = options.constant(&column.name, Arc::clone(value));
        }
        options
    }
}

/// The constants of a metrics table, each described and as an array of one value.
fn constants(source: &MetricsTable) -> Result<Vec<(Column, ArrayRef)>> {
    let names: Vec<&str> = source.constants().collect();
    if names.is_empty() || source.is_empty() {
        return Ok(Vec::new());
    }
    let scan = source.scan().columns(names.iter().copied()).rows(0..1);
    let Some(first) = scan.batches()?.next().transpose()? else {
        return Ok(Vec::new());
    };
    let constant = |name: &str| {
        let described = source.schema().require(name)?.clone();
        Ok((described, Arc::clone(column::of(&first, name)?)))
    };
    names.into_iter().map(constant).collect()
}

/// A writer that has taken columns with a value for each of these samples, as `stream` of
/// the run.
pub(crate) fn writer(
    run: &Run,
    about: &About,
    stream: &str,
    example_ids: &[i64],
    columns: &[(Column, ArrayRef)],
) -> Result<MetricsTableWriter> {
    let described = columns.iter().map(|(column, _)| column.clone());
    let options = about.options(run, stream).columns(described);
    let mut writer = MetricsTableWriter::new(options)?;
    for (batch, ids) in example_ids.chunks(BATCH_ROWS).enumerate() {
        let mut written = Columns::new().column(EXAMPLE_ID, ids.to_vec());
        for (column, values) in columns {
            written.push(&column.name, values.slice(batch * BATCH_ROWS, ids.len()));
        }
        writer.add_batch(written)?;
    }
    Ok(writer)
}

/// The same with the samples of `source`, row by row, which must be those that the finding is
/// about, or numbered ones.
pub(crate) fn writer_of_rows(
    run: &Run,
    source: &MetricsTable,
    stream: &str,
    example_ids: &[i64],
    columns: &[(Column, ArrayRef)],
) -> Result<MetricsTableWriter> {
    let own = column::example_ids(source)?;
    let are_numbers = example_ids.iter().zip(0..).all(|(id, row)| *id == row);
    if own.len() != example_ids.len() || !are_numbers && own != example_ids {
        return Err(other_rows(stream, source));
    }
    writer(run, &About::metrics([source])?, stream, &own, columns)
}

/// The same where so many rows of `source` were left out.
pub(crate) fn writer_of_some_rows(
    run: &Run,
    (source, left_out): (&MetricsTable, usize),
    stream: &str,
    example_ids: &[i64],
    columns: &[(Column, ArrayRef)],
) -> Result<MetricsTableWriter> {
    if left_out == 0 {
        return writer_of_rows(run, source, stream, example_ids, columns);
    }
    let own = column::example_ids(source)?;
    let mut rows = own.iter();
    let are_there = example_ids.iter().all(|id| rows.any(|own| own == id));
    if own.len() != example_ids.len() + left_out || !are_there {
        return Err(other_rows(stream, source));
    }
    let about = About::metrics([source])?;
    writer(run, &about, stream, example_ids, columns)
}

fn other_rows(stream: &str, source: &MetricsTable) -> Error {
    Error::Rows {
        finding: stream.to_owned(),
        metrics: source.name().to_owned(),
    }
}

/// Reads the column `read` of `source` and writes the columns that `add` makes of each batch
/// as `stream` of the run.
pub(crate) fn write(
    run: &Run,
    source: &MetricsTable,
    stream: &str,
    columns: impl IntoIterator<Item = Column>,
    read: &str,
    mut add: impl FnMut(&RecordBatch, &mut Columns) -> Result<()>,
) -> Result<MetricsTable> {
    let options = About::metrics([source])?
        .options(run, stream)
        .columns(columns);
    let mut writer = MetricsTableWriter::new(options)?;
    let has_ids = source.schema().column(EXAMPLE_ID).is_some();
    let ids = has_ids.then_some(EXAMPLE_ID);
    let scan = source.scan().columns(ids.into_iter().chain([read]));
    for batch in scan.batches()? {
        let batch = batch?;
        let mut written = Columns::new();
        if has_ids {
            written.push(EXAMPLE_ID, Arc::clone(column::of(&batch, EXAMPLE_ID)?));
        }
        add(&batch, &mut written)?;
        writer.add_batch(written)?;
    }
    Ok(writer.finish()?)
}

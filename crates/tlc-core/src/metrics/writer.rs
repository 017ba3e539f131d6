//! Writing a metrics table: batches are checked, encoded, and sealed to disk
//! segment by segment.

use super::columns::{Columns, IntoConstant};
use super::table::{MetricsTable, MetricsTableInfo};
use crate::part::{EncodedPart, PartEncoder};
use crate::run::{Action, MetricsHead, TableReference, active_run};
use crate::schema::{conform, equal_types};
use crate::{Column, Error, Result, Run, Schema, Table, ValueType};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{CastOptions, cast_with_options, take};
use arrow::datatypes::{DataType, Int64Type};
use std::sync::Arc;

/// Name of the column that says which sample a row is about.
pub const EXAMPLE_ID: &str = "example_id";
/// Stream of a writer that names none.
pub const DEFAULT_STREAM: &str = "default_stream";
/// A segment is sealed when it has grown to this size.
const SEGMENT_BYTES: usize = 32 << 20;

/// Where metrics go and what their columns mean, built by chaining.
#[derive(Clone, Debug, Default)]
pub struct MetricsOptions {
    run: Option<Run>,
    foreign_table: Option<Table>,
    display_name: Option<String>,
    columns: Vec<Column>,
    constants: Vec<(String, ArrayRef)>,
    stream: Option<String>,
}

impl MetricsOptions {
    /// Metrics of the active run, about no table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the run; the default is the active one.
    #[must_use]
    pub fn run(mut self, run: &Run) -> Self {
        self.run = Some(run.clone());
        self
    }

    /// Sets the table the rows are about; each row then needs an `example_id`.
    #[must_use]
    pub fn foreign_table(mut self, table: &Table) -> Self {
        self.foreign_table = Some(table.clone());
        self
    }

    /// Sets what people call the foreign table.
    #[must_use]
    pub fn foreign_table_display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Says what a column means; the others are inferred from the first batch.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Says what several columns mean.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column>) -> Self {
        self.columns.extend(columns);
        self
    }

    /// Adds a column that has this value in every row.
    #[must_use]
    pub fn constant(mut self, name: impl Into<String>, value: impl IntoConstant) -> Self {
        self.constants.push((name.into(), value.into_constant()));
        self
    }

    /// Sets the stream; tables of one stream have the same columns.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }
}

/// Writes one metrics table of a run.
///
/// The first batch settles columns and types. A refused batch leaves nothing
/// behind. Full segments are sealed as they fill, so memory stays bounded and what
/// was sealed outlives the process; [`flush`](Self::flush) seals the rest.
///
/// ```
/// use tlc_core::{Columns, MetricsOptions, MetricsTableWriter, RunOptions, Url};
///
/// let root = Url::parse("memory://docs-metrics-writer/")?;
/// let run = tlc_core::Run::create(RunOptions::new("demo").root(root))?;
/// let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run))?;
/// writer.add_batch(Columns::new().column("loss", vec![0.1_f32, 0.2]))?;
/// assert_eq!(writer.finalize()?.len(), 2);
/// run.update_metrics(&writer.get_written_metrics_infos())?;
/// assert_eq!(run.metrics()?.len(), 1);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct MetricsTableWriter {
    run: Run,
    name: String,
    options: MetricsOptions,
    /// Settled by the first batch.
    schema: Option<Schema>,
    given: Option<arrow::datatypes::SchemaRef>,
    encoder: Option<PartEncoder>,
    /// Encoded but not yet known to be durable.
    pending: Option<(String, EncodedPart)>,
    finished: bool,
}

impl MetricsTableWriter {
    /// Starts a metrics table; nothing is written before the first segment.
    ///
    /// # Errors
    /// [`Error::NoActiveRun`] if the options name no run and none is active.
    pub fn new(options: MetricsOptions) -> Result<Self> {
        let run = options
            .run
            .clone()
            .or_else(active_run)
            .ok_or(Error::NoActiveRun)?;
        let name = format!("metrics_{}", uuid::Uuid::now_v7());
        Ok(Self {
            run,
            name,
            options,
            schema: None,
            given: None,
            encoder: None,
            pending: None,
            finished: false,
        })
    }

    /// Adds rows. A batch is taken whole or not at all.
    ///
    /// # Errors
    /// [`Error::Column`] and [`Error::Batch`] name the column, row and value that do
    /// not fit: columns of different lengths, other names or types than the first
    /// batch, an `example_id` that is missing, null or past the foreign table.
    /// Storage errors of an earlier segment; the batch is not taken then, and the
    /// call can be repeated.
    pub fn add_batch(&mut self, batch: impl Into<Columns>) -> Result<()> {
        self.publish_pending()?;
        let batch = self.check(batch.into().into_batch()?)?;
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.settle_schema(&batch)?,
        };
        let rows = conform(&self.with_constants(&batch)?, &schema)?;
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => self.encoder.insert(PartEncoder::new(&schema)?),
        };
        encoder.push(&rows)?;
        let full = encoder.len_bytes() >= SEGMENT_BYTES;
        self.schema.get_or_insert(schema);
        self.given.get_or_insert_with(|| batch.schema());
        if full {
            self.close_segment()?;
            // A failure keeps the segment; the next call tries again and reports.
            if let Err(error) = self.publish_pending() {
                tracing::warn!(%error, "a metrics segment could not be sealed yet");
            }
        }
        Ok(())
    }

    /// Makes all added rows durable.
    ///
    /// # Errors
    /// Storage errors; the rows are kept and the call can be repeated.
    pub fn flush(&mut self) -> Result<()> {
        self.publish_pending()?;
        self.close_segment()?;
        self.publish_pending()
    }

    /// Seals the rest and gives the written table, which
    /// [`Run::update_metrics`] makes part of the run's results.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn finalize(&mut self) -> Result<MetricsTable> {
        self.flush()?;
        if self.run.state().metrics(&self.name).is_none() {
            let head = self.head()?;
            self.run.append(
                self.run
                    .started(vec![Action::BeginMetrics { metrics: head }]),
            )?;
        }
        self.finished = true;
        self.run.metrics_table(&self.name)
    }

    /// What was sealed so far, for [`Run::update_metrics`].
    #[must_use]
    pub fn get_written_metrics_infos(&self) -> Vec<MetricsTableInfo> {
        self.run
            .metrics_table(&self.name)
            .map(|table| table.info())
            .into_iter()
            .collect()
    }

    fn check(&self, batch: RecordBatch) -> Result<RecordBatch> {
        if let Some((name, _)) = self
            .options
            .constants
            .iter()
            .find(|(name, _)| batch.column_by_name(name).is_some())
        {
            return Err(Error::column(
                name,
                "is a constant of the writer and a column of the batch",
            ));
        }
        let batch = match &self.options.foreign_table {
            Some(table) => with_checked_ids(&batch, table)?,
            None => batch,
        };
        self.given
            .as_ref()
            .map_or(Ok(()), |given| check_same_columns(given, &batch))?;
        Ok(batch)
    }

    fn settle_schema(&self, batch: &RecordBatch) -> Result<Schema> {
        let inferred = Schema::from_arrow(&self.with_constants(batch)?.schema())?;
        for column in &self.options.columns {
            inferred.require(&column.name)?;
        }
        let known = known_columns(&inferred);
        let settled = inferred.overridden(&known);
        Ok(settled.overridden(&self.options.columns))
    }

    fn with_constants(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = Columns::from(batch.clone());
        let repeat = UInt32Array::from(vec![0; batch.num_rows()]);
        for (name, value) in &self.options.constants {
            let values = take(value, &repeat, None)
                .map_err(|source| Error::arrow("repeat a constant", source))?;
            columns.push(name, values);
        }
        columns.into_batch()
    }

    fn close_segment(&mut self) -> Result<()> {
        if let Some(encoder) = self.encoder.take_if(|encoder| encoder.rows() > 0) {
            let relative = format!("metrics/{}/{}.parquet", self.name, uuid::Uuid::now_v7());
            self.pending = Some((relative, encoder.finish()?));
        }
        Ok(())
    }

    fn publish_pending(&mut self) -> Result<()> {
        let Some((relative, part)) = &self.pending else {
            return Ok(());
        };
        self.run.publish(relative, part)?;
        let mut actions = Vec::new();
        if self.run.state().metrics(&self.name).is_none() {
            actions.push(Action::BeginMetrics {
                metrics: self.head()?,
            });
        }
        let part = part.describe(relative.clone());
        actions.push(Action::Segment {
            metrics: self.name.clone(),
            part,
        });
        self.run.append(self.run.started(actions))?;
        self.pending = None;
        Ok(())
    }

    fn head(&self) -> Result<MetricsHead> {
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.empty_schema()?,
        };
        let stream = match &self.options.stream {
            Some(stream) => stream.clone(),
            None => self.fitting_stream(&schema),
        };
        let table = self.options.foreign_table.as_ref();
        Ok(MetricsHead {
            name: self.name.clone(),
            stream,
            schema,
            foreign_table: table.map(|table| TableReference::new(self.run.url(), table)),
            foreign_table_display_name: self.options.display_name.clone(),
        })
    }

    /// The columns of a table that never got a row, as far as they are known.
    fn empty_schema(&self) -> Result<Schema> {
        let mut columns = self.options.columns.clone();
        let missing =
            |columns: &[Column], name: &str| columns.iter().all(|column| column.name != name);
        if self.options.foreign_table.is_some() && missing(&columns, EXAMPLE_ID) {
            columns.insert(0, Column::new(EXAMPLE_ID, ValueType::ExampleId));
        }
        for column in Schema::from_arrow(&self.with_no_rows()?.schema())?.columns() {
            if missing(&columns, &column.name) {
                columns.push(column.clone());
            }
        }
        let schema = Schema::new(columns)?;
        let known = known_columns(&schema);
        Ok(schema.overridden(&known).overridden(&self.options.columns))
    }

    fn with_no_rows(&self) -> Result<RecordBatch> {
        self.with_constants(&RecordBatch::new_empty(Arc::new(
            arrow::datatypes::Schema::empty(),
        )))
    }

    /// The first default stream whose tables have these columns, or none yet.
    fn fitting_stream(&self, schema: &Schema) -> String {
        let state = self.run.state();
        let fits = |name: &str| {
            let mut tables = state
                .metrics
                .iter()
                .filter(|metrics| metrics.head.stream == name);
            tables.all(|metrics| same_columns(&metrics.head.schema, schema))
        };
        let mut name = DEFAULT_STREAM.to_owned();
        let mut number = 1;
        while !fits(&name) {
            number += 1;
            name = format!("{DEFAULT_STREAM}_{number}");
        }
        name
    }
}

impl Drop for MetricsTableWriter {
    fn drop(&mut self) {
        let unsealed = self.encoder.as_ref().map_or(0, PartEncoder::rows);
        if !self.finished && (unsealed > 0 || self.pending.is_some()) {
            tracing::error!(
                run = %self.run.url(), metrics = self.name, unsealed,
                "a metrics writer was dropped before finalize: unsealed rows are lost"
            );
        }
    }
}

fn same_columns(left: &Schema, right: &Schema) -> bool {
    left.columns().len() == right.columns().len()
        && left
            .columns()
            .iter()
            .zip(right.columns())
            .all(|(left, right)| {
                left.name == right.name && left.value.to_arrow() == right.value.to_arrow()
            })
}

/// What names that every run shares mean, where the data are of that type.
fn known_columns(schema: &Schema) -> Vec<Column> {
    let known = [
        (EXAMPLE_ID, ValueType::ExampleId),
        ("epoch", ValueType::Epoch),
        ("iteration", ValueType::Iteration),
        ("step", ValueType::Step),
        ("confidence", ValueType::Confidence),
    ];
    let fitting = known.into_iter().filter(|(name, value)| {
        schema
            .column(name)
            .is_some_and(|column| column.value.to_arrow() == value.to_arrow())
    });
    fitting
        .map(|(name, value)| Column::new(name, value))
        .collect()
}

fn check_same_columns(given: &arrow::datatypes::SchemaRef, batch: &RecordBatch) -> Result<()> {
    for field in given.fields() {
        let Some(array) = batch.column_by_name(field.name()) else {
            return Err(Error::column(
                field.name(),
                "missing, but the first batch has it",
            ));
        };
        if !equal_types(field.data_type(), array.data_type()) {
            let reason = format!(
                "of type {}, but {} in the first batch",
                array.data_type(),
                field.data_type()
            );
            return Err(Error::column(field.name(), reason));
        }
    }
    let schema = batch.schema();
    match schema
        .fields()
        .iter()
        .find(|field| given.field_with_name(field.name()).is_err())
    {
        Some(extra) => Err(Error::column(
            extra.name(),
            "the first batch has no such column",
        )),
        None => Ok(()),
    }
}

/// The batch with `example_id` as Int64, each id within the foreign table.
fn with_checked_ids(batch: &RecordBatch, table: &Table) -> Result<RecordBatch> {
    let bad = |row: Option<usize>, value: Option<String>, reason: &str| Error::Batch {
        column: EXAMPLE_ID.to_owned(),
        row,
        value,
        reason: reason.to_owned(),
    };
    let Some(ids) = batch.column_by_name(EXAMPLE_ID) else {
        return Err(bad(
            None,
            None,
            "is required, since the metrics have a foreign table",
        ));
    };
    if !ids.data_type().is_integer() {
        return Err(bad(
            None,
            None,
            &format!("is {}, not an integer", ids.data_type()),
        ));
    }
    if let Some(row) = (0..ids.len()).find(|row| ids.is_null(*row)) {
        return Err(bad(Some(row), None, "is null"));
    }
    let wide = cast_with_options(ids, &DataType::Int64, &CastOptions::default())
        .map_err(|source| Error::arrow("widen example ids", source))?;
    let checked = wide
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| bad(None, None, "is no integer"))?;
    let len = table.len();
    for (row, id) in checked.iter().enumerate() {
        if !id.is_some_and(|id| usize::try_from(id).is_ok_and(|id| id < len)) {
            let value = arrow::util::display::array_value_to_string(ids, row).ok();
            return Err(bad(
                Some(row),
                value,
                &format!("is not a row of the foreign table, which has {len}"),
            ));
        }
    }
    let mut columns = Columns::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let array = if field.name() == EXAMPLE_ID {
            &wide
        } else {
            array
        };
        columns.push(field.name(), Arc::clone(array));
    }
    columns.into_batch()
}

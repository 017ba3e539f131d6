//! Writing a metrics table: batches are checked, encoded, and sealed to disk
//! segment by segment.

use super::check::{check_same_columns, with_checked_ids};
use super::columns::Columns;
use super::options::MetricsOptions;
use super::segment::{Pending, Segment};
use super::table::{MetricsTable, MetricsTableInfo};
use crate::part::PartEncoder;
use crate::run::{Action, MetricsHead, TableReference, active_run};
use crate::schema::conform;
use crate::{Column, Error, Result, Run, Schema, ValueType};
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take;
use std::sync::Arc;

/// Name of the column that says which sample a row is about.
pub const EXAMPLE_ID: &str = "example_id";
/// Stream of a writer that names none.
pub const DEFAULT_STREAM: &str = "default_stream";
/// A segment is sealed when it has grown to this size.
const SEGMENT_BYTES: usize = 32 << 20;

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
    pending: Pending,
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
            pending: Pending::default(),
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
        self.pending.check()?;
        self.seal_full_segment()?;
        let batch = self.check(batch.into().into_batch()?)?;
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.settle_schema(&batch)?,
        };
        let rows = conform(
            &self.with_constants(&batch)?,
            &schema,
            &self.options.columns,
        )?;
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => self.encoder.insert(PartEncoder::new(&schema)?),
        };
        encoder.push(&rows)?;
        self.schema.get_or_insert(schema);
        self.given.get_or_insert_with(|| batch.schema());
        if self.pending.has_room() {
            self.seal_full_segment()?;
        }
        Ok(())
    }

    /// Makes all added rows durable.
    ///
    /// # Errors
    /// Storage errors; the rows are kept and the call can be repeated.
    pub fn flush(&mut self) -> Result<()> {
        self.pending.wait()?;
        if let Some(segment) = self.close_segment()? {
            self.pending.put(segment);
        }
        self.pending.wait()
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
        let settled = inferred.overridden(&known)?;
        settled.overridden(&self.options.columns)
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

    fn is_full(&self) -> bool {
        let len_bytes = self.encoder.as_ref().map_or(0, PartEncoder::len_bytes);
        len_bytes >= SEGMENT_BYTES
    }

    /// Starts to seal a full segment. Those before it may have to be waited for.
    fn seal_full_segment(&mut self) -> Result<()> {
        if !self.is_full() {
            return Ok(());
        }
        self.pending.make_room()?;
        if let Some(segment) = self.close_segment()? {
            self.pending.start(segment);
        }
        Ok(())
    }

    fn close_segment(&mut self) -> Result<Option<Segment>> {
        let Some(encoder) = self.encoder.take_if(|encoder| encoder.rows() > 0) else {
            return Ok(None);
        };
        let (head, part) = (self.head()?, encoder.finish()?);
        Ok(Some(Segment::new(self.run.clone(), head, part)))
    }

    fn head(&self) -> Result<MetricsHead> {
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => self.empty_schema()?,
        };
        let stream = self.options.stream.as_deref().unwrap_or(DEFAULT_STREAM);
        let stream = self.fitting_stream(stream, &schema);
        let table = self.options.foreign_table.as_ref();
        Ok(MetricsHead {
            name: self.name.clone(),
            stream,
            schema,
            foreign_table: table.map(|table| TableReference::new(self.run.url(), table)),
            foreign_table_display_name: self.options.display_name.clone(),
            constants: self
                .options
                .constants
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
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
        schema.overridden(&known)?.overridden(&self.options.columns)
    }

    fn with_no_rows(&self) -> Result<RecordBatch> {
        self.with_constants(&RecordBatch::new_empty(Arc::new(
            arrow::datatypes::Schema::empty(),
        )))
    }

    /// The first stream of this name, or of it with a number, whose tables have these
    /// columns, or none yet.
    fn fitting_stream(&self, stream: &str, schema: &Schema) -> String {
        let state = self.run.state();
        let fits = |name: &str| {
            let mut tables = state
                .metrics
                .iter()
                .filter(|metrics| metrics.head.stream == name);
            tables.all(|metrics| same_columns(&metrics.head.schema, schema))
        };
        let mut name = stream.to_owned();
        let mut number = 1;
        while !fits(&name) {
            number += 1;
            name = format!("{stream}_{number}");
        }
        name
    }
}

impl Drop for MetricsTableWriter {
    fn drop(&mut self) {
        self.pending.join();
        let unsealed = self.encoder.as_ref().map_or(0, PartEncoder::rows);
        if !self.finished && (unsealed > 0 || !self.pending.is_empty()) {
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

//! Reading metrics tables, alone or joined to the samples they are about.

use crate::part::PartReader;
use crate::run::{Action, MetricsState, Run};
use crate::table::Scan;
use crate::{Error, Result, Schema, Table, Url};
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{FieldRef, Int64Type, Schema as ArrowSchema};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a run says of one metrics table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsTableInfo {
    /// Relative to the run.
    pub url: String,
    /// Bytes of all its files.
    pub file_size: u64,
    /// Number of rows.
    pub row_count: usize,
    /// Tables of one stream have the same columns and read as one.
    pub stream_name: String,
}

/// What a model said about samples: rows that carry `example_id`, the row index
/// into the foreign table.
#[derive(Clone, Debug)]
pub struct MetricsTable {
    run: Url,
    state: MetricsState,
    readers: Arc<Vec<PartReader>>,
}

impl MetricsTable {
    pub(super) fn open(run: &Run, state: MetricsState) -> Result<Self> {
        let schema = state.head.schema.to_arrow();
        let readers = state
            .parts
            .iter()
            .map(|part| PartReader::new(Arc::clone(run.store()), run.url(), part, &schema));
        let readers = Arc::new(readers.collect::<Result<Vec<_>>>()?);
        Ok(Self {
            run: run.url().clone(),
            state,
            readers,
        })
    }

    /// What the run says of the table.
    #[must_use]
    pub fn info(&self) -> MetricsTableInfo {
        MetricsTableInfo {
            url: format!("metrics/{}", self.name()),
            file_size: self
                .state
                .parts
                .iter()
                .map(|part| part.file.len_bytes)
                .sum(),
            row_count: self.len(),
            stream_name: self.state.head.stream.clone(),
        }
    }

    /// Name of the table in its run.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.head.name
    }

    /// What the columns mean.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.state.head.schema
    }

    /// Number of sealed rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.parts.iter().map(crate::part::Part::rows).sum()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The revision the rows are about: the very content they were collected on,
    /// even if its name was overwritten since.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is gone; as [`Table::from_url`].
    pub fn foreign_table(&self) -> Result<Option<Table>> {
        let reference = self.state.head.foreign_table.as_ref();
        reference
            .map(|table| Table::from_reference(&table.url(&self.run)?, &table.id))
            .transpose()
    }

    /// What people call the foreign table.
    #[must_use]
    pub fn foreign_table_display_name(&self) -> Option<&str> {
        self.state.head.foreign_table_display_name.as_deref()
    }

    /// Whether the rows are about the very content of this table.
    #[must_use]
    pub fn is_about(&self, table: &Table) -> bool {
        let reference = self.state.head.foreign_table.as_ref();
        reference.is_some_and(|reference| reference.id == table.id())
    }

    /// Names of the columns that were written as constants, such as `epoch`: one value in
    /// every row.
    pub fn constants(&self) -> impl Iterator<Item = &str> {
        self.state.head.constants.iter().map(String::as_str)
    }

    /// Reads rows in order, as Arrow batches.
    #[must_use]
    pub fn scan(&self) -> Scan {
        Scan::new(
            Arc::clone(&self.readers),
            self.schema().clone(),
            self.run.clone(),
        )
    }

    /// All rows in one batch.
    ///
    /// # Errors
    /// Storage errors and [`Error::Corrupt`].
    pub fn read(&self) -> Result<RecordBatch> {
        let batches = self.scan().batches()?.collect::<Result<Vec<_>>>()?;
        concat_batches(&self.schema().to_arrow(), &batches)
            .map_err(|source| Error::arrow("join the batches of a metrics table", source))
    }

    /// The rows with columns of the foreign table beside them, matched by
    /// `example_id`. A foreign column whose name is taken becomes `table.<name>`.
    ///
    /// # Errors
    /// [`Error::NoForeignTable`], [`Error::NoSuchColumn`]; while iterating, storage
    /// errors and [`Error::Corrupt`].
    pub fn join(
        &self,
        columns: &[&str],
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        let table = self.foreign_table()?.ok_or_else(|| Error::NoForeignTable {
            metrics: self.name().to_owned(),
        })?;
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let samples = table.select(&columns)?;
        let batches = self.scan().batches()?;
        Ok(batches.map(move |batch| join_batch(&batch?, &samples, &columns)))
    }
}

impl Run {
    /// The metrics tables that are part of the run's results, in the order they
    /// were begun.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a damaged reference.
    pub fn metrics(&self) -> Result<Vec<MetricsTable>> {
        self.metrics_where(|metrics| metrics.registered)
    }

    /// The metrics tables that were begun but never registered, say because the
    /// process died: what was sealed of them can be read, and registered by
    /// [`update_metrics`](Self::update_metrics).
    ///
    /// # Errors
    /// As [`metrics`](Self::metrics).
    pub fn unfinished_metrics(&self) -> Result<Vec<MetricsTable>> {
        self.metrics_where(|metrics| !metrics.registered)
    }

    /// Makes written metrics tables part of the run's results.
    ///
    /// # Errors
    /// [`Error::NoSuchMetrics`] for an info of another run; as
    /// [`set_status`](Self::set_status).
    pub fn update_metrics(&self, infos: &[MetricsTableInfo]) -> Result<()> {
        self.update(|state| {
            let names = infos.iter().map(|info| {
                let name = info.url.strip_prefix("metrics/").unwrap_or(&info.url);
                match state.metrics(name) {
                    Some(metrics) => Ok((name, metrics.registered)),
                    None => Err(self.no_such_metrics(name)),
                }
            });
            let names = names.collect::<Result<Vec<_>>>()?;
            let new = names.into_iter().filter(|(_, registered)| !registered);
            let register = new.map(|(name, _)| Action::RegisterMetrics {
                metrics: name.to_owned(),
            });
            Ok(register.collect())
        })
    }

    pub(super) fn metrics_table(&self, name: &str) -> Result<MetricsTable> {
        let state = self.state().metrics(name).cloned();
        MetricsTable::open(self, state.ok_or_else(|| self.no_such_metrics(name))?)
    }

    fn no_such_metrics(&self, name: &str) -> Error {
        Error::NoSuchMetrics {
            run: self.url().clone(),
            metrics: name.to_owned(),
        }
    }

    fn metrics_where(&self, wanted: impl Fn(&MetricsState) -> bool) -> Result<Vec<MetricsTable>> {
        let found: Vec<_> = self
            .state()
            .metrics
            .iter()
            .filter(|m| wanted(m))
            .cloned()
            .collect();
        found
            .into_iter()
            .map(|state| MetricsTable::open(self, state))
            .collect()
    }
}

fn join_batch(metrics: &RecordBatch, samples: &Table, columns: &[String]) -> Result<RecordBatch> {
    let ids = metrics.column_by_name("example_id");
    let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int64Type>());
    let ids = ids.ok_or_else(|| Error::column("example_id", "the metrics table has none"))?;
    let rows: Vec<usize> = ids
        .values()
        .iter()
        .map(|id| usize::try_from(*id).unwrap_or(usize::MAX))
        .collect();
    let found = samples.take(&rows)?;
    let schema = metrics.schema();
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    let mut arrays: Vec<ArrayRef> = metrics.columns().to_vec();
    for name in columns {
        let (Ok(field), Some(array)) = (
            found.schema_ref().field_with_name(name),
            found.column_by_name(name),
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

//! Reading metrics tables, alone or joined to the samples they are about.

use super::constant::scalar;
use super::join::{TABLE_ROW, beside, found, sample_rows};
use crate::arrow::array::{ArrayRef, RecordBatch};
use crate::arrow::compute::concat_batches;
use crate::arrow::datatypes::SchemaRef;
use crate::part::{PageStatistics, Statistics};
use crate::run::{MetricsState, Run};
use crate::table::{Rows, Scan};
use crate::{Error, Result, Schema, Table, Url, layout};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;

/// Where the metrics tables of a run are.
const FOLDER: &str = "metrics";

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
    stored: Rows,
    /// Place among the tables of the run.
    place: usize,
}

impl MetricsTable {
    /// Opens the metrics table at a URL, whether it counts among the results or not.
    ///
    /// # Errors
    /// [`Error::NoSuchMetrics`] if its run has none of its name; as [`Run::from_url`].
    pub fn from_url<U>(url: U) -> Result<Self>
    where
        U: TryInto<Url>,
        Error: From<U::Error>,
    {
        let url = url.try_into()?;
        let folder = url.parent().filter(|folder| folder.name() == FOLDER);
        let run = folder.and_then(|folder| folder.parent());
        let run = run.ok_or_else(|| Error::InvalidUrl {
            url: url.to_string(),
            reason: format!("no metrics table, which is in the folder `{FOLDER}` of a run"),
        })?;
        Run::from_url::<Url>(run)?.metrics_table(url.name())
    }

    pub(super) fn open(run: &Run, state: MetricsState, place: usize) -> Result<Self> {
        let url = run.url().join(FOLDER)?.join(&state.head.name)?;
        let stored = Rows::open(
            url,
            run.url(),
            run.store(),
            &state.head.schema,
            &state.parts,
        )?;
        Ok(Self {
            run: run.url().clone(),
            state,
            stored,
            place,
        })
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// Where the table is, in the folder of its run.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.stored.url()
    }

    /// What the run says of the table.
    #[must_use]
    pub fn info(&self) -> MetricsTableInfo {
        MetricsTableInfo {
            url: format!("{FOLDER}/{}", self.name()),
            file_size: self
                .state
                .parts
                .iter()
                .map(|part| part.file.len_bytes)
                .sum(),
            row_count: self.len(),
            stream_name: self.stream().to_owned(),
        }
    }

    /// Name of the table in its run.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.head.name
    }

    /// Tables of one stream have the same columns and read as one.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.state.head.stream
    }

    /// What the columns mean.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.state.head.schema
    }

    /// The columns as Arrow sees them.
    #[must_use]
    pub fn arrow_schema(&self) -> &SchemaRef {
        self.stored.arrow_schema()
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
        let Some(reference) = &self.state.head.foreign_table else {
            return Ok(None);
        };
        let project = layout::project_of_run(&self.run);
        let url = reference.url(project.as_ref())?;
        Table::from_reference(&url, &reference.id).map(Some)
    }

    /// What people call the foreign table.
    #[must_use]
    pub fn foreign_table_display_name(&self) -> Option<&str> {
        self.state.head.foreign_table_display_name.as_deref()
    }

    /// The id of the content that the rows are about, as [`Table::id`] tells it.
    #[must_use]
    pub fn foreign_table_id(&self) -> Option<&str> {
        let reference = self.state.head.foreign_table.as_ref();
        reference.map(|reference| reference.id.as_str())
    }

    /// Whether the rows are about the very content of this table.
    #[must_use]
    pub fn is_about(&self, table: &Table) -> bool {
        self.foreign_table_id() == Some(table.id())
    }

    /// Names of the columns that were written as constants, such as `epoch`: one value in
    /// every row.
    pub fn constants(&self) -> impl Iterator<Item = &str> {
        self.state.head.constants.iter().map(String::as_str)
    }

    /// The value of a constant, if there is one of this name that is a text, a boolean or a
    /// number. It is known without reading rows, but for tables that older programs wrote
    /// and texts of more than a kilobyte: of those the first row is read.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-constant/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// let values = Columns::new().column("loss", vec![0.1_f32]);
    /// let metrics = run.add_metrics(values, AddMetrics::new().constant("split", "valid"))?;
    /// assert_eq!(metrics.constant("split")?, Some("valid".into()));
    /// assert_eq!(metrics.constant("loss")?, None);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of such tables and texts storage errors and [`Error::Corrupt`].
    pub fn constant(&self, name: &str) -> Result<Option<Value>> {
        if let Some(value) = self.recorded(name) {
            return Ok(Some(value.clone()));
        }
        if self.is_empty() || self.constants().all(|constant| constant != name) {
            return Ok(None);
        }
        let first = self.scan().columns([name]).rows(0..1).batches()?.next();
        let first = first.transpose()?;
        Ok(first.and_then(|first| scalar(first.column_by_name(name)?)))
    }

    /// What the run says of a constant, without reading rows.
    pub(super) fn recorded(&self, name: &str) -> Option<&Value> {
        let value = self.state.head.constant_values.get(name);
        value.filter(|value| value.is_string() || value.is_boolean() || value.is_number())
    }

    /// What the run calls the table that the rows are about.
    pub(super) fn foreign_url(&self) -> Option<&str> {
        let reference = self.state.head.foreign_table.as_ref();
        reference.map(|reference| reference.url.as_str())
    }

    /// Whether the rows were found in other metrics; see
    /// [`MetricsOptions::finding`](super::MetricsOptions::finding).
    #[must_use]
    pub fn is_finding(&self) -> bool {
        self.state.head.finding
    }

    /// Reads rows in order, as Arrow batches.
    #[must_use]
    pub fn scan(&self) -> Scan {
        self.stored.scan()
    }

    /// One row, as a batch of one row that shares the decoded arrays.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn get(&self, row: usize) -> Result<RecordBatch> {
        self.stored.get(row)
    }

    /// The rows of these indices in one batch, in that order; repeats are allowed.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn take(&self, rows: &[usize]) -> Result<RecordBatch> {
        self.stored.take(rows)
    }

    /// One row as a value of a serde type, whose fields are columns by name.
    ///
    /// # Errors
    /// As [`Table::row`].
    pub fn row<T: DeserializeOwned>(&self, row: usize) -> Result<T> {
        self.stored.row(row)
    }

    /// All rows in order as values of a serde type.
    ///
    /// ```
    /// use serde::Deserialize;
    /// use tlc_core::{AddMetrics, Columns, MetricsTable, Run, RunOptions, Url};
    ///
    /// #[derive(Deserialize)]
    /// struct Row { loss: f32 }
    ///
    /// let root = Url::parse("memory://docs-metrics-rows/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// let values = Columns::new().column("loss", vec![0.1_f32, 2.3]);
    /// let url = run.add_metrics(values, AddMetrics::new())?.url().clone();
    /// let losses = MetricsTable::from_url(url)?.rows::<Row>()?.map(|row| Ok(row?.loss));
    /// assert_eq!(losses.collect::<Result<Vec<_>, tlc_core::Error>>()?, [0.1, 2.3]);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Each item fails as [`row`](Self::row) does.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
        self.stored.rows()
    }

    /// A whole column.
    ///
    /// # Errors
    /// As [`Table::column`].
    pub fn column(&self, name: &str) -> Result<ArrayRef> {
        self.stored.column(name)
    }

    /// Groups of rows that are best read as a whole, as they are stored, in the order of rows.
    ///
    /// # Errors
    /// As [`Table::row_groups`].
    pub fn row_groups(&self) -> Result<Vec<Range<usize>>> {
        self.stored.row_groups()
    }

    /// Bounds of a column in each of the [row groups](Self::row_groups), as
    /// [`Table::statistics`] tells them.
    ///
    /// # Errors
    /// As [`Table::statistics`].
    pub fn statistics(&self, column: &str) -> Result<Option<Statistics>> {
        self.stored.statistics(column)
    }

    /// Bounds of a column in each page of one of the [row groups](Self::row_groups), as
    /// [`Table::page_statistics`] tells them.
    ///
    /// # Errors
    /// As [`Table::page_statistics`].
    pub fn page_statistics(&self, group: usize, column: &str) -> Result<Option<PageStatistics>> {
        self.stored.page_statistics(group, column)
    }

    /// All rows in one batch.
    ///
    /// # Errors
    /// Storage errors and [`Error::Corrupt`].
    pub fn read(&self) -> Result<RecordBatch> {
        let batches = self.scan().batches()?.collect::<Result<Vec<_>>>()?;
        concat_batches(self.arrow_schema(), &batches)
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
        let table = self.required_foreign_table()?;
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let samples = table.stored().select(&columns)?;
        let batches = self.scan().batches()?;
        Ok(batches.map(move |batch| {
            let batch = batch?;
            let found = samples.take(&sample_rows(&batch)?)?;
            beside(&batch, &found, &columns)
        }))
    }

    /// The rows with columns of another table beside them that has the rows of the same base:
    /// a revision that was made since, or a subset. [`TABLE_ROW`](crate::TABLE_ROW) is the row
    /// of that table which shows the sample. It is missing, and so are the other columns,
    /// where the sample is not in that table, because it was dropped, say.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-join-with/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// let values = Columns::new().column("example_id", vec![2_i64, 0]).column("loss", vec![0.1_f32, 2.3]);
    /// let metrics = run.add_metrics(values, AddMetrics::new().foreign_table(&table))?;
    /// let fixed = table.edit()?.drop_rows([0])?.commit("not the first")?;
    /// let batch = metrics.join_with(&fixed, &["label"])?.next().transpose()?;
    /// let rows = batch.map(|batch| tlc_core::read_rows(&batch));
    /// let rows = rows.into_iter().flatten().collect::<Result<Vec<(i64, f32, Option<i64>, Option<i32>)>, _>>()?;
    /// assert_eq!(rows, [(2, 0.1, Some(1), Some(2)), (0, 2.3, None, None)]);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OtherBase`] names both tables if their rows are not of one base; as
    /// [`join`](Self::join).
    pub fn join_with(
        &self,
        table: &Table,
        columns: &[&str],
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        let rows = self.required_foreign_table()?.rows_in(table)?;
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        columns
            .iter()
            .try_for_each(|column| table.schema().require(column).map(drop))?;
        let (table, batches) = (table.clone(), self.scan().batches()?);
        let names: Vec<String> = [TABLE_ROW.to_owned()]
            .into_iter()
            .chain(columns.clone())
            .collect();
        Ok(batches.map(move |batch| {
            let batch = batch?;
            let there = sample_rows(&batch)?.into_iter().map(|row| rows.get(row));
            let found = found(&table, &there.collect::<Vec<_>>(), &columns)?;
            beside(&batch, &found, &names)
        }))
    }

    pub(super) fn required_foreign_table(&self) -> Result<Table> {
        self.foreign_table()?.ok_or_else(|| Error::NoForeignTable {
            metrics: self.name().to_owned(),
        })
    }
}

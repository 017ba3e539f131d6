//! The free-form way to put tabular data into a run, in one call.

use super::check::EXAMPLE_ID;
use super::options::MetricsOptions;
use super::table::MetricsTable;
use super::writer::MetricsTableWriter;
use crate::{Column, Columns, Error, IntoConstant, Result, Run, Table, TableRef};

/// What the values of [`Run::add_metrics`] are about, built by chaining.
#[derive(Clone, Debug, Default)]
pub struct AddMetrics {
    options: MetricsOptions,
    example_ids: Option<Vec<i64>>,
}

impl AddMetrics {
    /// Values about no table, with inferred columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the table the rows are about, which may be a handle, a URL or names in the
    /// project of the run.
    #[must_use]
    pub fn foreign_table(mut self, table: impl Into<TableRef>) -> Self {
        self.options = self.options.foreign_table(table);
        self
    }

    /// Sets what people call the foreign table.
    #[must_use]
    pub fn foreign_table_display_name(mut self, name: impl Into<String>) -> Self {
        self.options = self.options.foreign_table_display_name(name);
        self
    }

    /// Says which row of the foreign table each row is about.
    #[must_use]
    pub fn example_ids(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.example_ids = Some(ids.into_iter().collect());
        self
    }

    /// Adds a column that has this value in every row.
    #[must_use]
    pub fn constant(mut self, name: impl Into<String>, value: impl IntoConstant) -> Self {
        self.options = self.options.constant(name, value);
        self
    }

    /// Says what a column means.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.options = self.options.column(column);
        self
    }

    /// Sets the stream; the default is the one whose tables have these columns.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.options = self.options.stream(name);
        self
    }
}

impl Run {
    /// Writes and registers a metrics table of these values. With a foreign table
    /// and as many rows as it has, row `i` is about sample `i`; with fewer or more,
    /// `example_ids` say which.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-add-metrics/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// let per_class = Columns::new()
    ///     .column("class", vec!["cat", "dog"])
    ///     .column("recall", vec![0.9_f32, 0.7]);
    /// run.add_metrics(per_class, AddMetrics::new().constant("epoch", 1))?;
    /// assert_eq!(run.metrics()?[0].len(), 2);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Batch`] if ids are needed and missing, or of another number than
    /// the rows, or given twice or without a foreign table; as
    /// [`MetricsTableWriter::add_batch`]. After a storage error the table may be there all the
    /// same: look at [`metrics`](Run::metrics) before repeating it.
    pub fn add_metrics(
        &self,
        values: impl Into<Columns>,
        about: AddMetrics,
    ) -> Result<MetricsTable> {
        let mut options = about.options;
        let table = options.open_foreign_table(self)?;
        let values = with_ids(values.into(), table.as_ref(), about.example_ids)?;
        options.foreign_table = table.as_ref().map(TableRef::from);
        let mut writer = MetricsTableWriter::new(options.run(self))?;
        writer.add_batch(values)?;
        writer.finish()
    }
}

fn with_ids(mut values: Columns, table: Option<&Table>, ids: Option<Vec<i64>>) -> Result<Columns> {
    let has_column = values.get(EXAMPLE_ID).is_some();
    let ids = match (table, ids) {
        (_, Some(_)) if has_column => {
            return Err(refused("is a column of the values and given beside them"));
        }
        (None, Some(_)) => return Err(refused("is given, but no foreign table")),
        (None, None) => return Ok(values),
        (Some(_), None) if has_column => return Ok(values),
        (Some(_), Some(ids)) if ids.len() != values.len() => {
            let (ids, rows) = (ids.len(), values.len());
            return Err(refused(&format!("has {ids} values for {rows} rows")));
        }
        (Some(_), Some(ids)) => ids,
        (Some(table), None) if values.len() == table.len() => {
            (0..i64::try_from(table.len()).unwrap_or(i64::MAX)).collect()
        }
        (Some(table), None) => {
            return Err(refused(&format!(
                "is required: {} rows of metrics, but the foreign table has {}",
                values.len(),
                table.len()
            )));
        }
    };
    values.push_front(EXAMPLE_ID, ids);
    Ok(values)
}

fn refused(reason: &str) -> Error {
    Error::Batch {
        column: EXAMPLE_ID.to_owned(),
        row: None,
        value: None,
        reason: reason.to_owned(),
    }
}

//! What a metrics table is told when it is started.

use crate::arrow::array::ArrayRef;
use crate::{Column, IntoConstant, Result, Run, RunRef, Table, TableRef, layout};
use std::time::Duration;

/// Stream of a writer that names none.
pub const DEFAULT_STREAM: &str = "default_stream";

/// Where metrics go and what their columns mean, built by chaining.
#[derive(Clone, Debug, Default)]
pub struct MetricsOptions {
    pub(super) run: Option<RunRef>,
    pub(super) foreign_table: Option<TableRef>,
    pub(super) display_name: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) constants: Vec<(String, ArrayRef)>,
    pub(super) stream: Option<String>,
    pub(super) finding: bool,
    pub(super) seal_after: Option<Duration>,
}

impl MetricsOptions {
    /// Metrics of the active run, about no table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the run, which may be a handle, a URL or a name; the default is the active one.
    #[must_use]
    pub fn run(mut self, run: impl Into<RunRef>) -> Self {
        self.run = Some(run.into());
        self
    }

    /// Sets the table the rows are about, which may be a handle, a URL or names in the
    /// project of the run; each row then needs an `example_id`.
    #[must_use]
    pub fn foreign_table(mut self, table: impl Into<TableRef>) -> Self {
        self.foreign_table = Some(table.into());
        self
    }

    /// Sets what people call the foreign table.
    #[must_use]
    pub fn foreign_table_display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Sets for how long rows wait at most, until the next are added, to be made durable
    /// with others. The default is five seconds, or 1 % of the time since the writer was
    /// made where that is longer.
    #[must_use]
    pub fn seal_after(mut self, age: Duration) -> Self {
        self.seal_after = Some(age);
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

    /// Sets the stream. Tables of one stream have the same columns: where the run has
    /// one of this name with others, a number is added.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// Says that the rows are found in other metrics, such as labels that are likely wrong:
    /// who looks for what a model said passes over them; see
    /// [`MetricsTables`](super::MetricsTables).
    #[must_use]
    pub fn finding(mut self, finding: bool) -> Self {
        self.finding = finding;
        self
    }

    /// Opens the table that the rows are about, in a run.
    pub(super) fn open_foreign_table(&self, run: &Run) -> Result<Option<Table>> {
        let table = self.foreign_table.as_ref();
        table.map(|table| run.foreign_table(table)).transpose()
    }
}

impl Run {
    /// Opens a table that metrics of the run are about.
    pub(super) fn foreign_table(&self, table: &TableRef) -> Result<Table> {
        table.open_in(|| match layout::project_of_run(self.url()) {
            Some(project) => Ok(project),
            None => layout::unnamed_project(None),
        })
    }
}

//! What a metrics table is told when it is started.

use crate::{Column, IntoConstant, Run, Table};
use arrow::array::ArrayRef;

/// Stream of a writer that names none.
pub const DEFAULT_STREAM: &str = "default_stream";

/// Where metrics go and what their columns mean, built by chaining.
#[derive(Clone, Debug, Default)]
pub struct MetricsOptions {
    pub(super) run: Option<Run>,
    pub(super) foreign_table: Option<Table>,
    pub(super) display_name: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) constants: Vec<(String, ArrayRef)>,
    pub(super) stream: Option<String>,
    pub(super) finding: bool,
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
}

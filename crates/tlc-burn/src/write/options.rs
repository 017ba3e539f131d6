//! What a collection is told beside table, collectors and predictor.

use super::cancel::CancellationToken;
use crate::map::RowSelection;
use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{Column, IntoConstant, MetricsOptions, RunRef, Table};
#[cfg(feature = "train")]
use tlc_core::{Run, active_run};

/// Name of the constant that says which split a row is of.
pub(super) const SPLIT: &str = "split";

/// How metrics are collected, built by chaining; the default does the right thing.
///
/// ```
/// use tlc_burn::CollectOptions;
/// use tlc_core::{Column, ValueType};
///
/// let options = CollectOptions::new()
///     .split("train")
///     .constant("epoch", 3)
///     .constant_of(Column::new("threshold", ValueType::Float32).unit("m"), 0.5_f32)
///     .batch_size(256);
/// ```
#[derive(Clone, Debug)]
pub struct CollectOptions {
    pub(super) run: Option<RunRef>,
    pub(super) constants: Vec<(String, ArrayRef)>,
    pub(super) constant_columns: Vec<Column>,
    pub(super) split: String,
    pub(super) stream: Option<String>,
    pub(super) batch_size: Option<usize>,
    pub(super) rows: Option<RowSelection>,
    pub(super) exclude_zero_weights: bool,
    pub(super) check_order: bool,
    pub(super) aggregates: bool,
    pub(super) progress: bool,
    pub(super) cancellations: Vec<CancellationToken>,
}

impl CollectOptions {
    /// Every row, into the active run, with aggregates and a progress bar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the run, which may be a handle, a URL or a name; the default is the active one. If
    /// there is none, a run in the project of the table is made, and is the active one from
    /// then on.
    #[must_use]
    pub fn run(mut self, run: impl Into<RunRef>) -> Self {
        self.run = Some(run.into());
        self
    }

    /// Adds a column that has this value in every row. `epoch`, `iteration` and
    /// `step` are also the axes of the aggregates.
    #[must_use]
    pub fn constant(mut self, name: impl Into<String>, value: impl IntoConstant) -> Self {
        self.constants.push((name.into(), value.into_constant()));
        self
    }

    /// Adds the epoch, any integer, as the constant `epoch`.
    #[must_use]
    pub fn epoch(self, epoch: impl IntoConstant) -> Self {
        self.constant("epoch", epoch)
    }

    /// Adds a constant and says what its column means.
    #[must_use]
    pub fn constant_of(mut self, column: Column, value: impl IntoConstant) -> Self {
        let name = column.name.clone();
        self.constant_columns.push(column);
        self.constant(name, value)
    }

    /// Sets the name of the split, such as `train`. Every row says it, as the constant
    /// `split`, and aggregates are logged as `train_loss`, without it as `loss`.
    #[must_use]
    pub fn split(mut self, name: impl Into<String>) -> Self {
        self.split = name.into();
        self
    }

    /// Sets the stream of the metrics table; the default is the one whose tables
    /// have the same columns.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// Sets the number of rows of a batch; the default is the predictor's.
    #[must_use]
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows.max(1));
        self
    }

    /// Sets which rows are collected from; all by default. Only these are read and computed,
    /// and each keeps its `example_id`.
    #[must_use]
    pub fn rows(mut self, rows: impl Into<RowSelection>) -> Self {
        self.rows = Some(rows.into());
        self
    }

    /// Sets whether rows whose `SampleWeight` is 0 are left out.
    #[must_use]
    pub fn exclude_zero_weights(mut self, exclude: bool) -> Self {
        self.exclude_zero_weights = exclude;
        self
    }

    /// Sets whether the order of rows is checked, which it is by default. A batcher that
    /// sorts its items, say by length, gives each row the values of another: the first
    /// batch, or the first rows of a large one, is computed once more in reverse, and its
    /// results must come out in reverse.
    /// A model that draws random numbers in inference, or whose output for a sample
    /// depends on the others of its batch, cannot be checked.
    #[must_use]
    pub fn check_order(mut self, on: bool) -> Self {
        self.check_order = on;
        self
    }

    /// Sets whether aggregates are logged to the run, whatever the collectors say.
    #[must_use]
    pub fn aggregates(mut self, on: bool) -> Self {
        self.aggregates = on;
        self
    }

    /// Sets whether a progress bar is drawn; it never is where no terminal is.
    #[must_use]
    pub fn progress(mut self, on: bool) -> Self {
        self.progress = on;
        self
    }

    /// Adds a token that can stop the collection.
    #[must_use]
    pub fn cancellation(mut self, token: &CancellationToken) -> Self {
        self.cancellations.push(token.clone());
        self
    }
}

impl CollectOptions {
    #[cfg(feature = "train")]
    /// The run that is set, if it can be opened.
    pub(crate) fn run_of(&self) -> Option<Run> {
        self.run.as_ref()?.open().ok()
    }

    /// With the run that is active now, where none is set, whatever is active later.
    #[cfg(feature = "train")]
    pub(crate) fn run_or_active(self) -> Self {
        match active_run().filter(|_| self.run.is_none()) {
            Some(run) => self.run(&run),
            None => self,
        }
    }

    /// The constants of the rows: the split, so that a query over all files can tell, and what
    /// the user names.
    pub(super) fn with_constants(&self, mut options: MetricsOptions) -> MetricsOptions {
        let is_named = self.constants.iter().any(|(name, _)| name == SPLIT);
        if !self.split.is_empty() && !is_named {
            options = options.constant(SPLIT, self.split.as_str());
        }
        for (name, value) in &self.constants {
            options = options.constant(name, Arc::clone(value));
        }
        options
    }

    /// Refuses what would leave rows out.
    pub(super) fn check_all_rows(&self) -> Result<()> {
        let option = match (&self.rows, self.exclude_zero_weights) {
            (Some(_), _) => "rows",
            (None, true) => "exclude_zero_weights",
            (None, false) => return Ok(()),
        };
        Err(Error::NotInShards { option })
    }

    /// With the data set of a table as the split, where none is set.
    pub(crate) fn split_or(self, table: &Table) -> Self {
        match self.split.is_empty() {
            true => self.split(table.dataset()),
            false => self,
        }
    }
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            run: None,
            constants: Vec::new(),
            constant_columns: Vec::new(),
            split: String::new(),
            stream: None,
            batch_size: None,
            rows: None,
            exclude_zero_weights: false,
            check_order: true,
            aggregates: true,
            progress: true,
            cancellations: Vec::new(),
        }
    }
}

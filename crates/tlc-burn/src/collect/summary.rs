//! What a collector says about all samples together, once the last one is through.

use super::host::HostBatch;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tlc_core::{Column, Columns};

/// Sums up a collection while its rows stream by: precision by class, a confusion
/// matrix, mean average precision. The plain means of columns need no summary.
///
/// One value of it lives as long as one call of
/// [`collect_metrics`](crate::collect_metrics), on one thread. Its memory must not
/// grow with the number of rows, unless what it computes cannot do without.
pub trait Summary: Send {
    /// Takes in a batch: what the collector registered, and the columns it made of it.
    ///
    /// # Errors
    /// What makes the batch unusable, naming collector and column.
    fn add(&mut self, batch: &HostBatch, columns: &Columns) -> Result<()>;

    /// The sum of it.
    ///
    /// # Errors
    /// What makes the result unusable.
    fn finish(self: Box<Self>) -> Result<Summarized>;

    /// What it has taken in so far, as a text for [`merge`](Self::merge): of a collection that
    /// many processes make, each sums up its rows. By default there is none, and such a
    /// collection an error.
    fn state(&self) -> Option<String> {
        None
    }

    /// Takes in what another has taken in, of rows after those of this one.
    ///
    /// # Errors
    /// A text that [`state`](Self::state) does not give.
    fn merge(&mut self, _state: &str) -> Result<()> {
        Ok(())
    }
}

/// Fields of a summary as its state. Floats are to be told by their bits: JSON has no NaN.
pub(super) fn to_state(fields: &impl Serialize) -> Option<String> {
    serde_json::to_string(fields).ok()
}

/// The fields that a state tells.
pub(super) fn of_state<T: DeserializeOwned>(state: &str) -> Result<T> {
    serde_json::from_str(state).map_err(|error| Error::State {
        reason: error.to_string(),
    })
}

/// What a [`Summary`] ends with: values, which are logged to the run beside the means
/// of columns, and tables, each of which becomes a metrics table of its own stream,
/// with the constants of the collection and its `split` as columns.
///
/// ```
/// use tlc_burn::Summarized;
/// use tlc_core::Columns;
///
/// let summarized = Summarized::new()
///     .value("macro_f1", 0.9)
///     .table("per_class_metrics", Columns::new().column("f1", vec![0.85_f32, 0.95]), []);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Summarized {
    pub(crate) values: Vec<(String, f64)>,
    pub(crate) tables: Vec<SummaryTable>,
}

#[derive(Clone, Debug)]
pub(crate) struct SummaryTable {
    pub(crate) stream: String,
    pub(crate) rows: Columns,
    pub(crate) columns: Vec<Column>,
}

impl Summarized {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value, logged under this name after the split's.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: f64) -> Self {
        self.values.push((name.into(), value));
        self
    }

    /// Adds rows for a stream, and says what their columns mean where the values
    /// alone do not.
    #[must_use]
    pub fn table(
        mut self,
        stream: impl Into<String>,
        rows: Columns,
        columns: impl IntoIterator<Item = Column>,
    ) -> Self {
        self.tables.push(SummaryTable {
            stream: stream.into(),
            rows,
            columns: columns.into_iter().collect(),
        });
        self
    }
}

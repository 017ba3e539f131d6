//! The one error type of the crate: a variant for each decision a caller can take.

use tlc_core::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a run's metrics and what they say.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing the run failed.
    #[error(transparent)]
    Core(#[from] tlc_core::Error),
    /// Somebody ended the computation by its [`Progress`](crate::Progress). Nothing was written.
    #[error("cancelled")]
    Cancelled,
    /// Values do not have the shape that is needed.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// Which values.
        what: &'static str,
        /// The shape in words, such as `[samples, classes]`.
        expected: String,
        /// The shape as it is.
        found: String,
    },
    /// A label is none of the classes.
    #[error("example {example_id}: label {label} is none of {classes} classes")]
    Label {
        /// The sample.
        example_id: i64,
        /// The label.
        label: i64,
        /// Number of classes.
        classes: usize,
    },
    /// A probability is not between 0 and 1.
    #[error("example {example_id}, class {class}: {}", no_probability(*value))]
    Probability {
        /// The sample.
        example_id: i64,
        /// Index of the class.
        class: usize,
        /// The value.
        value: f64,
    },
    /// Predictions that are read several times had fewer or more rows the second time.
    #[error("the predictions changed while they were read: {before} rows before, now {now}")]
    Changed {
        /// Rows at the first reading.
        before: usize,
        /// Rows at a later one, as far as it came.
        now: usize,
    },
    /// A metrics table lacks a column.
    #[error("metrics table `{metrics}` has no column `{column}`: {hint}")]
    NotCollected {
        /// The metrics table.
        metrics: String,
        /// The column.
        column: String,
        /// What to collect.
        hint: &'static str,
    },
    /// A column does not hold what is needed.
    #[error("column `{column}` of `{table}` is {found}, expected {expected}")]
    ColumnType {
        /// The table or metrics table.
        table: String,
        /// The column.
        column: String,
        /// What is needed, in words.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A value that is needed is missing.
    #[error("column `{column}` of `{table}`, row {row}: no value")]
    Null {
        /// The table or metrics table.
        table: String,
        /// The column.
        column: String,
        /// Row of the table.
        row: usize,
    },
    /// Metrics tables that are read as one are about different tables.
    #[error("metrics table `{metrics}` is not about {table}, as others that are read with it")]
    OtherTable {
        /// The metrics table.
        metrics: String,
        /// What the first of them is about.
        table: Url,
    },
    /// A sample has one label in one metrics table and another one in the next, so that
    /// predictions of both say nothing together.
    #[error("example {example_id} has label {first}, and {found} in metrics table `{metrics}`")]
    LabelVaries {
        /// The metrics table.
        metrics: String,
        /// The sample.
        example_id: i64,
        /// Its label in those read before.
        first: i64,
        /// Its label here.
        found: i64,
    },
    /// Embeddings of several models, whose distances say nothing.
    #[error(
        "embeddings of `{metrics}` are of {column} {first} and {found}, which live in different \
         spaces: take those of one"
    )]
    Spaces {
        /// The metrics table.
        metrics: String,
        /// What differs: `fold` or `epoch`.
        column: &'static str,
        /// Its value in one row.
        first: i64,
        /// Its value in another.
        found: i64,
    },
    /// A run has no metrics about a table.
    #[error("no metrics about {table}: collect with the constant `epoch`: {run}")]
    NoEpochs {
        /// The run.
        run: Url,
        /// The table.
        table: Url,
    },
    /// A metrics table holds more than one epoch.
    #[error("metrics table `{metrics}` is of epoch {first} and {found}: write one for each epoch")]
    EpochVaries {
        /// The metrics table.
        metrics: String,
        /// Epoch of its first row.
        first: i64,
        /// Epoch of another row.
        found: i64,
    },
    /// A sample stands twice in one epoch, so it is open which of its values count.
    #[error(
        "example {example_id} stands twice{}: collect each epoch once, or name the metrics \
         tables that count", in_epoch(*epoch)
    )]
    Repeated {
        /// Row of the table.
        example_id: i64,
        /// The epoch, if there is one.
        epoch: Option<i64>,
    },
    /// A value of an embedding is NaN or infinite.
    #[error("embedding of row {row}, dimension {dimension}: not a finite number")]
    NotFinite {
        /// Row of the embeddings.
        row: usize,
        /// Index in its vector.
        dimension: usize,
    },
    /// Findings are written beside metrics that they were not found in.
    #[error(
        "`{finding}` is not about the rows of metrics table `{metrics}`: write it beside the \
         metrics it was found in"
    )]
    Rows {
        /// The stream of the findings.
        finding: String,
        /// The metrics table.
        metrics: String,
    },
    /// An image can be neither read nor made.
    #[error("image: {reason}")]
    Image {
        /// What is wrong with it.
        reason: String,
    },
    /// There is too little to work on.
    #[error("too few for {what}: {found}, needed are {needed}")]
    TooFew {
        /// What for.
        what: &'static str,
        /// The smallest number that will do.
        needed: usize,
        /// What there is.
        found: usize,
    },
    /// There is more to work on than is done unasked.
    #[error("too many for {what}: {found}, at most {most} are done unasked: {hint}")]
    TooMany {
        /// What for.
        what: &'static str,
        /// The largest number that is done unasked.
        most: usize,
        /// What there is.
        found: usize,
        /// What to call.
        hint: &'static str,
    },
    /// A setting is out of range.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What it can be, in words.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

impl Error {
    /// Whether somebody ended the computation.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// A file is not what was kept there.
    pub(crate) fn corrupt(url: &Url, reason: impl Into<String>) -> Self {
        let (url, reason) = (url.clone(), reason.into());
        tlc_core::Error::Corrupt { url, reason }.into()
    }
}

fn in_epoch(epoch: Option<i64>) -> String {
    epoch.map_or_else(String::new, |epoch| format!(" in epoch {epoch}"))
}

fn no_probability(value: f64) -> String {
    let hint = match value.is_finite() {
        true => "apply softmax to logits first",
        false => "the model gives no finite numbers for this sample",
    };
    format!("{value} is no probability: {hint}")
}

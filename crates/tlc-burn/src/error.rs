//! The one error type of the crate: a variant for each decision a caller can take.

use crate::device::tells_devices_apart;
use burn::tensor::{DataError, Device, ExecutionError};
use tlc_core::Url;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of a user's closure.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong between a table and its metrics.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading the table or writing the metrics failed.
    #[error(transparent)]
    Core(#[from] tlc_core::Error),
    /// The map of a row into a sample failed.
    #[error("map of row {example_id}: {source}")]
    Map {
        /// Row of the table.
        example_id: usize,
        /// What the map said.
        source: BoxError,
    },
    /// An item of a dataset that is to become a table could not be read.
    #[error("item {row} of the dataset: {source}")]
    Dataset {
        /// Which.
        row: usize,
        /// What the dataset said.
        source: burn::data::dataset::DatasetError,
    },
    /// A table does not have the rows that are asked for.
    #[error("{reason} is asked for: {table}")]
    Rows {
        /// The table.
        table: Url,
        /// What is asked for, and what there is.
        reason: String,
    },
    /// A model that is to be trained without some of the rows could not be.
    #[error("training for fold {fold}: {source}")]
    Fold {
        /// Which, from 0 on.
        fold: usize,
        /// What the training said.
        source: BoxError,
    },
    /// A shard of a collection could not be made.
    #[error("rows {rows:?}: {source}")]
    Shard {
        /// Its rows.
        rows: std::ops::Range<usize>,
        /// Why not.
        source: Box<Self>,
    },
    /// What is asked for is not possible in shards.
    #[error(
        "a collection in shards is of all rows of a table, without `{option}`: make a revision of the rows that are wanted"
    )]
    NotInShards {
        /// The option.
        option: &'static str,
    },
    /// Another process makes shards with another model, or another program.
    #[error("the plan is of the model {planned:?}, this program has {own:?}")]
    OtherModel {
        /// The model of the plan.
        planned: String,
        /// The model that is here.
        own: String,
    },
    /// Sums over the rows of several processes cannot be put together.
    #[error(
        "the summary of collector `{collector}` has no `state`: implement it, or collect \
         without aggregates"
    )]
    NoState {
        /// The collector.
        collector: String,
    },
    /// What a summary is told of another is not what it would tell.
    #[error("not the state of this summary: {reason}")]
    State {
        /// What is wrong.
        reason: String,
    },
    /// Rows cannot be dealt to folds.
    #[error("folds of {table}: {reason}")]
    Folds {
        /// The table.
        table: Url,
        /// Why not.
        reason: String,
    },
    /// A user's code panicked.
    #[error("panic in {place}: {message}")]
    Panicked {
        /// Whose code it was.
        place: String,
        /// What the panic said.
        message: String,
    },
    /// A batch is not where the model is.
    #[error(
        "{place}: {message}. The model is on {device:?}: a batcher must put its tensors on the \
         device that it is given"
    )]
    OtherDevice {
        /// Whose code could not compute.
        place: String,
        /// The device of the model.
        device: Device,
        /// What Burn said.
        message: String,
    },
    /// The model taps no activation of this name.
    #[error(
        "collector `{collector}`: the model taps no activation `{activation}`, it taps: {}",
        listed(available)
    )]
    NoActivation {
        /// Who asked for it.
        collector: String,
        /// The name asked for.
        activation: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// Activations are asked for where Burn makes the forward pass, which shows none.
    #[error(
        "collector `{collector}`: activation `{activation}` cannot be had from outputs alone, as \
         `SampleMetrics` has them: collect at epochs, with `.collect(..)` on the training"
    )]
    NoForwardPass {
        /// Who asked for it.
        collector: String,
        /// The name asked for.
        activation: String,
    },
    /// The model's output has no targets to compare with.
    #[error(
        "collector `{collector}`, column `{column}`: no targets, with predictions of shape \
         {predictions:?}"
    )]
    NoTargets {
        /// Who needs them.
        collector: String,
        /// What they are needed for.
        column: String,
        /// Shape of the logits, or of whatever is predicted.
        predictions: Vec<usize>,
    },
    /// A tensor does not have the shape that is needed.
    #[error(
        "collector `{collector}`, column `{column}`: expected shape {expected}, found {found:?}"
    )]
    Shape {
        /// Who needs it.
        collector: String,
        /// What it is needed for.
        column: String,
        /// The shape in words, such as `[64, classes]`.
        expected: String,
        /// The shape as it is.
        found: Vec<usize>,
    },
    /// A target is no position of a class; of a label with an id of its own
    /// [`ClassMap::position`](tlc_core::ClassMap::position) is one.
    #[error(
        "collector `{collector}`, column `{column}`: label {label} of example {example_id} is not \
         in 0..{classes}, with predictions {predictions:?} and targets {targets:?}"
    )]
    Label {
        /// Who found it.
        collector: String,
        /// What it is needed for.
        column: String,
        /// Row of the table.
        example_id: usize,
        /// The label.
        label: i64,
        /// Number of classes.
        classes: usize,
        /// Shape of the logits.
        predictions: Vec<usize>,
        /// Shape of the targets.
        targets: Vec<usize>,
    },
    /// What a sample holds makes no sense: a box of negative width, a score that is NaN.
    #[error("collector `{collector}`, column `{column}`, example {example_id}: {reason}")]
    Sample {
        /// Who found it.
        collector: String,
        /// What it is needed for.
        column: String,
        /// Row of the table.
        example_id: usize,
        /// What is wrong.
        reason: String,
    },
    /// The model has another number of classes than the collector has names.
    #[error("collector `{collector}`: {names} class names for logits of shape {logits:?}")]
    Classes {
        /// Who has the names.
        collector: String,
        /// Number of names.
        names: usize,
        /// `[batch, classes]`.
        logits: Vec<usize>,
    },
    /// A collector made a column of another length than the batch.
    #[error(
        "collector `{collector}`, column `{column}`: {found} values for a batch of {rows} rows"
    )]
    RowCount {
        /// Who made it.
        collector: String,
        /// The column.
        column: String,
        /// Rows of the batch.
        rows: usize,
        /// Values of the column.
        found: usize,
    },
    /// What is collected is not of the table that it is collected for.
    #[error(
        "the samples of a batch are rows of another table than {table}, which the metrics are about"
    )]
    OtherTable {
        /// The table the metrics are about.
        table: Url,
    },
    /// Metrics of two tables would be mixed in queries and series.
    #[error(
        "the run has metrics about {other} without a split: say which split {table} is, as \
         `CollectOptions::split(\"valid\")`"
    )]
    Split {
        /// The table that is collected from.
        table: Url,
        /// The one that was before.
        other: Url,
    },
    /// Results of a batch come out in another order than its items went in.
    #[error(
        "collector `{collector}`, column `{column}`: {rows} of {checked} rows have other values \
         when their batch is computed in reverse order: a batcher must keep the order of its \
         items (sort them nowhere). `check_order(false)` skips this check, for a model whose \
         output is random or depends on the rest of the batch"
    )]
    Order {
        /// Whose tensor.
        collector: String,
        /// The tensor.
        column: String,
        /// Rows whose values differ.
        rows: usize,
        /// Rows of the batch.
        checked: usize,
    },
    /// The output has another number of rows than the batch has items.
    #[error(
        "collector `{collector}`, column `{column}`: {found} rows for a batch of {items} items: \
         the batcher, or the model, drops or adds rows"
    )]
    BatchRows {
        /// Who found it.
        collector: String,
        /// What it is needed for.
        column: String,
        /// Items of the batch.
        items: usize,
        /// Rows of the tensor.
        found: usize,
    },
    /// A collector asked the host phase for a tensor that its device phase did not register.
    #[error("collector `{collector}`: no tensor `{column}` was registered")]
    NotRegistered {
        /// Who asked.
        collector: String,
        /// The name asked for.
        column: String,
    },
    /// The bytes that came back from the device are not what was asked for.
    #[error("collector `{collector}`, column `{column}`: {source}")]
    Data {
        /// Who reads them.
        collector: String,
        /// The column.
        column: String,
        /// What Burn said.
        source: DataError,
    },
    /// Two collectors make a column of the same name.
    #[error("column `{column}` is made by collector `{first}` and again by `{second}`")]
    DuplicateColumn {
        /// The name.
        column: String,
        /// Who made it first.
        first: String,
        /// Who made it again.
        second: String,
    },
    /// A collector refused the model's output for a reason of its own.
    #[error("collector `{collector}`: {source}")]
    Collector {
        /// Which.
        collector: String,
        /// Why.
        source: BoxError,
    },
    /// The device failed to compute or to give back a batch.
    #[error("device, batch that starts at example {example_id}: {source}")]
    Device {
        /// First row of the batch.
        example_id: usize,
        /// What Burn said.
        source: ExecutionError,
    },
    /// A user's collection at an epoch failed.
    #[error("collection at epoch {epoch}: {source}")]
    Epoch {
        /// The epoch, 1-based.
        epoch: usize,
        /// What the collection said.
        source: BoxError,
    },
    /// The caller cancelled the collection.
    #[error("collection was cancelled after {rows} rows")]
    Cancelled {
        /// Rows collected before.
        rows: usize,
    },
    /// Rows are to be chosen by their weights, but no column holds weights.
    #[error(
        "no column of type SampleWeight to choose rows by: add one, or name another column of \
         weights to a `Sampler`: {table}"
    )]
    NoWeights {
        /// The table.
        table: Url,
    },
    /// Rows cannot be sampled by these weights.
    #[error("weights `{column}`: {reason}: {table}")]
    Weights {
        /// The table.
        table: Url,
        /// The column.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// No device has this name.
    #[error("unknown device {name:?}, known are: cpu, ndarray, wgpu")]
    UnknownDevice {
        /// The name.
        name: String,
    },
    /// The device's backend is not part of this build.
    #[error("device {name:?} is not built in: add the cargo feature `{feature}` of tlc-burn")]
    DeviceNotBuiltIn {
        /// The device.
        name: String,
        /// The feature that adds it.
        feature: &'static str,
    },
    /// The system does not let a signal be handled.
    #[error("Ctrl-C cannot be handled: {0}")]
    Signal(#[source] std::io::Error),
    /// The system gave no thread.
    #[error("cannot start the {thread} thread: {source}")]
    Thread {
        /// What it was for.
        thread: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// A collector's own reason to refuse a model's output.
    pub fn collector(collector: impl Into<String>, reason: impl Into<BoxError>) -> Self {
        Self::Collector {
            collector: collector.into(),
            source: reason.into(),
        }
    }

    /// A panic of Burn over tensors on several devices says what is wrong with the batch.
    pub(crate) fn with_model_on(self, device: &Device) -> Self {
        match self {
            Self::Panicked { place, message } if tells_devices_apart(&message) => {
                Self::OtherDevice {
                    place,
                    device: device.clone(),
                    message,
                }
            }
            other => other,
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

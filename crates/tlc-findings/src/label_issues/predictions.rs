//! Labels and predicted probabilities, read as often as needed, batch by batch.

use crate::{Error, Result, column};
use tlc_core::arrow::datatypes::Float64Type;
use tlc_core::{EXAMPLE_ID, MetricsTable, Url};

/// Rows of a batch of predictions in memory.
const BATCH_ROWS: usize = 8192;

/// What is done with each batch: labels `[batch]`, probabilities `[batch, classes]`.
pub type Visit<'v, P> = dyn FnMut(&[i64], &[P]) -> Result<()> + 'v;

/// Given labels with the probability that a model gives each class.
///
/// The rows are read several times, so each reading must give the same ones.
pub trait Predictions {
    /// `f32` or `f64`; arithmetic is done in `f64`.
    type Value: Copy + Into<f64> + Send + Sync;

    /// Number of classes.
    fn classes(&self) -> usize;

    /// Calls `visit` with the labels `[batch]` and the probabilities
    /// `[batch, classes]`, row-major, of each batch in order.
    ///
    /// # Errors
    /// Those of the reading and of `visit`.
    fn for_each_batch(&self, visit: &mut Visit<'_, Self::Value>) -> Result<()>;
}

/// Predictions in memory, borrowed.
///
/// ```
/// use tlc_findings::label_issues::{Predictions, Slices};
///
/// let probabilities = [0.9_f32, 0.1, 0.2, 0.8]; // [samples, classes]
/// let predictions = Slices::new(&[0, 1], &probabilities, 2)?;
/// assert_eq!(predictions.classes(), 2);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Slices<'a, P> {
    labels: &'a [i64],
    probabilities: &'a [P],
    classes: usize,
}

impl<'a, P> Slices<'a, P> {
    /// From labels `[samples]` and probabilities `[samples, classes]`, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if they do not fit together.
    pub fn new(labels: &'a [i64], probabilities: &'a [P], classes: usize) -> Result<Self> {
        if labels.len().checked_mul(classes) != Some(probabilities.len()) {
            return Err(Error::Shape {
                what: "probabilities",
                expected: format!("[{}, {classes}] values", labels.len()),
                found: format!("{} values", probabilities.len()),
            });
        }
        Ok(Self {
            labels,
            probabilities,
            classes,
        })
    }
}

impl<P: Copy + Into<f64> + Send + Sync> Predictions for Slices<'_, P> {
    type Value = P;

    fn classes(&self) -> usize {
        self.classes
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, P>) -> Result<()> {
        let batch_values = BATCH_ROWS * self.classes.max(1);
        let labels = self.labels.chunks(BATCH_ROWS);
        labels
            .zip(self.probabilities.chunks(batch_values))
            .try_for_each(|(labels, probabilities)| visit(labels, probabilities))
    }
}

/// Predictions of a metrics table, streamed from its Parquet column.
#[derive(Debug)]
pub struct MetricsPredictions<'a> {
    metrics: &'a MetricsTable,
    probabilities: String,
    label: Label,
    classes: usize,
}

#[derive(Debug)]
enum Label {
    /// A column of the metrics table.
    Own(String),
    /// A column of the foreign table, by row of that table.
    Foreign { table: Url, labels: Vec<i64> },
}

impl<'a> MetricsPredictions<'a> {
    /// From a column of probabilities, a fixed-size list of floats, and a column of
    /// labels, which is looked for in the metrics table and then in its foreign table.
    ///
    /// # Errors
    /// [`Error::NotCollected`] and [`Error::ColumnType`]; storage errors.
    pub fn new(metrics: &'a MetricsTable, probabilities: &str, label: &str) -> Result<Self> {
        let hint = "collect the softmax of the logits as a fixed-size list";
        let classes = column::list_len(metrics, probabilities, hint)?;
        let label = if metrics.schema().column(label).is_some() {
            Label::Own(label.to_owned())
        } else {
            let table =
                metrics
                    .foreign_table()?
                    .ok_or_else(|| tlc_core::Error::NoForeignTable {
                        metrics: metrics.name().to_owned(),
                    })?;
            let labels = column::integers(table.name(), label, &table.column(label)?)?;
            Label::Foreign {
                table: table.url().clone(),
                labels,
            }
        };
        Ok(Self {
            metrics,
            probabilities: probabilities.to_owned(),
            label,
            classes,
        })
    }
}

impl Predictions for MetricsPredictions<'_> {
    type Value = f64;

    fn classes(&self) -> usize {
        self.classes
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, f64>) -> Result<()> {
        let (name, probabilities) = (self.metrics.name(), self.probabilities.as_str());
        let key = match &self.label {
            Label::Own(label) => label.as_str(),
            Label::Foreign { .. } => EXAMPLE_ID,
        };
        let scan = self.metrics.scan().columns([key, probabilities]);
        for batch in scan.batches()? {
            let batch = batch?;
            let keys = column::integers(name, key, column::of(&batch, key)?)?;
            let lists = column::of(&batch, probabilities)?;
            let values = column::list_values::<Float64Type>(name, probabilities, lists)?;
            match &self.label {
                Label::Own(_) => visit(&keys, &values)?,
                Label::Foreign { table, labels } => {
                    visit(&looked_up(table, labels, &keys)?, &values)?
                }
            }
        }
        Ok(())
    }
}

fn looked_up(table: &Url, labels: &[i64], example_ids: &[i64]) -> Result<Vec<i64>> {
    let find = |id: &i64| {
        let label = usize::try_from(*id).ok().and_then(|id| labels.get(id));
        let past = || tlc_core::Error::RowOutOfRange {
            url: table.clone(),
            row: u64::try_from(*id).unwrap_or_default(),
            len: labels.len(),
        };
        Ok(*label.ok_or_else(past)?)
    };
    example_ids.iter().map(find).collect()
}

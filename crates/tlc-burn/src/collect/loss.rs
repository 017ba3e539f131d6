//! Loss of each sample.

use super::collector::MetricsCollector;
use super::functional::Functional;
use super::host::HostBatch;
use super::input::ClassificationInput;
use super::readback::Readback;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};
use tlc_core::{Column, Columns, Role, ValueType};

const NAME: &str = "loss";
const COLUMN: &str = "loss";

/// Collects `loss`: cross-entropy from logits `[batch, classes]` and targets
/// `[batch]`, or any other loss by a closure.
///
/// ```
/// use burn::tensor::Tensor;
/// use tlc_burn::Loss;
///
/// struct Output { reconstructed: Tensor<2>, original: Tensor<2> }
///
/// let squared = Loss::with(|output: &Output| {
///     let error = output.reconstructed.clone() - output.original.clone();
///     error.powi_scalar(2).mean_dim(1).squeeze_dim::<1>(1) // [batch]
/// });
/// let cross_entropy = Loss::cross_entropy();
/// ```
#[derive(Clone, Debug)]
pub struct Loss {
    aggregates: bool,
}

impl Loss {
    /// Cross-entropy of softmax.
    #[must_use]
    pub fn cross_entropy() -> Self {
        Self { aggregates: true }
    }

    /// A loss of one's own: the closure gives `[batch]`, unreduced.
    pub fn with<O>(
        closure: impl Fn(&O) -> Tensor<1> + Send + Sync,
    ) -> Functional<impl Fn(&O) -> (&'static str, Tensor<1>) + Send + Sync> {
        let column = Column::new(COLUMN, ValueType::Float32).role(Role::Metric);
        Functional::new(NAME, move |output: &O| (COLUMN, closure(output))).column(column)
    }

    /// Sets whether the mean is logged to the run.
    #[must_use]
    pub fn aggregates(mut self, on: bool) -> Self {
        self.aggregates = on;
        self
    }
}

impl MetricsCollector for Loss {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        vec![column()]
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let targets = targets(NAME, &input, readback)?;
        readback.register(COLUMN, of(log_softmax(input.logits, 1), targets))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        check_targets(NAME, batch)?;
        Ok(Columns::new().column(COLUMN, batch.floats(COLUMN)?))
    }

    fn compute_aggregates(&self) -> bool {
        self.aggregates
    }
}

/// What `loss` means when it is cross-entropy.
pub(super) fn column() -> Column {
    Column::new(COLUMN, ValueType::Float32)
        .description("cross-entropy of the sample")
        .unit("nats")
        .role(Role::Metric)
}

/// The targets of an output, `[batch]`, registered for [`check_targets`].
pub(super) fn targets(
    collector: &str,
    input: &ClassificationInput,
    readback: &mut Readback,
) -> Result<Tensor<1, Int>> {
    let (collector, column) = (collector.to_owned(), COLUMN.to_owned());
    let logits = input.logits.dims();
    let Some(targets) = input.targets.clone() else {
        return Err(Error::NoTargets {
            collector,
            column,
            logits: logits.to_vec(),
        });
    };
    let found = targets.dims();
    if found[0] != logits[0] {
        let expected = format!("[{}] for targets of logits {logits:?}", logits[0]);
        return Err(Error::Shape {
            collector,
            column,
            expected,
            found: found.to_vec(),
        });
    }
    readback.note_shape("logits", logits);
    readback.register("targets", targets.clone())?;
    Ok(targets)
}

/// Cross-entropy from log probabilities `[batch, classes]` and targets `[batch]`:
/// `[batch]`.
pub(super) fn of(log_probabilities: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let [_, classes] = log_probabilities.dims();
    let last_class = i64::try_from(classes).unwrap_or(i64::MAX) - 1;
    // A label that is no class would be read out of bounds; the host phase refuses
    // it, so its loss is never seen.
    let index = targets.clamp(0, last_class.max(0)).unsqueeze_dim::<2>(1);
    log_probabilities.gather(1, index).neg().squeeze_dim::<1>(1)
}

/// The targets on the host, each an index of a class.
pub(super) fn check_targets(collector: &str, batch: &HostBatch) -> Result<Vec<i64>> {
    let targets = batch.ints("targets")?;
    let logits = batch.dims("logits")?;
    let classes = logits.get(1).copied().unwrap_or_default();
    let valid = |label: i64| usize::try_from(label).is_ok_and(|label| label < classes);
    let bad = batch
        .example_ids()
        .iter()
        .zip(&targets)
        .find(|(_, label)| !valid(**label));
    match bad {
        None => Ok(targets),
        Some((example_id, label)) => Err(Error::Label {
            collector: collector.to_owned(),
            column: COLUMN.to_owned(),
            example_id: example_id.0,
            label: *label,
            logits: logits.to_vec(),
            targets: batch.dims("targets")?.to_vec(),
        }),
    }
}

//! Loss of each sample.

use super::collector::MetricsCollector;
use super::functional::Functional;
use super::host::HostBatch;
use super::input::ClassificationInput;
use super::readback::Readback;
use super::targets::{Targets, as_indices};
use crate::Result;
use crate::tap::Activations;
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Int, Tensor};
use tlc_core::{Column, Columns};

const NAME: &str = "loss";
const COLUMN: &str = "loss";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: COLUMN,
};

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
pub struct Loss(());

impl Loss {
    /// Cross-entropy of softmax.
    #[must_use]
    pub fn cross_entropy() -> Self {
        Self(())
    }

    /// A loss of one's own: the closure gives `[batch]`, unreduced.
    pub fn with<O>(
        closure: impl Fn(&O) -> Tensor<1> + Send + Sync,
    ) -> Functional<impl Fn(&O) -> (&'static str, Tensor<1>) + Send + Sync> {
        let column = Column::metric(COLUMN);
        Functional::new(NAME, move |output: &O| (COLUMN, closure(output))).column(column)
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
        let logits = input.logits.dims();
        let targets = TARGETS.register(input.targets, [logits[0]], &logits, readback)?;
        readback.register(COLUMN, of(log_softmax(input.logits, 1), targets))
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let classes = batch.dims("predictions")?.get(1).copied();
        TARGETS.classes(batch, classes.unwrap_or_default(), |_| true)?;
        Ok(Columns::new().column(COLUMN, batch.floats(COLUMN)?))
    }
}

/// What `loss` means when it is cross-entropy.
pub(super) fn column() -> Column {
    Column::metric(COLUMN)
        .description("cross-entropy of the sample")
        .unit("nats")
}

/// Cross-entropy from log probabilities `[batch, classes]` and targets `[batch]`:
/// `[batch]`.
pub(super) fn of(log_probabilities: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let [_, classes] = log_probabilities.dims();
    let index = as_indices(targets, classes).unsqueeze_dim::<2>(1);
    log_probabilities.gather(1, index).neg().squeeze_dim::<1>(1)
}

/// Binary cross-entropy from logits and targets of 0 and 1, value by value. It stays
/// exact for large logits of either sign.
pub(super) fn binary<const D: usize>(logits: Tensor<D>, targets: Tensor<D, Int>) -> Tensor<D> {
    let sign = targets
        .float()
        .cast(logits.dtype())
        .mul_scalar(-2)
        .add_scalar(1);
    let wrong = logits * sign; // positive where the prediction is wrong
    relu(wrong.clone()) + wrong.abs().neg().exp().log1p()
}

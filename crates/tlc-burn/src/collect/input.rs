//! What collectors need of a model's output, and how an output offers it.

use burn::tensor::{Int, Tensor};

/// Offers the input of a collector, as burn-train's `Adaptor` does for its metrics.
///
/// An output type implements it once for each kind of task it can serve. Tensors
/// are handles: cloning one copies no values.
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use tlc_burn::{Adapt, ClassificationInput};
///
/// struct Output { logits: Tensor<2>, labels: Tensor<1, Int> }
///
/// impl Adapt<ClassificationInput> for Output {
///     fn adapt(&self) -> ClassificationInput {
///         ClassificationInput::new(self.logits.clone(), self.labels.clone())
///     }
/// }
/// ```
pub trait Adapt<T> {
    /// The input.
    fn adapt(&self) -> T;
}

/// A collector that needs nothing of the output works with every one.
impl<O> Adapt<()> for O {
    fn adapt(&self) {}
}

/// What classification needs. It can be a model's output as it stands.
#[derive(Clone, Debug)]
pub struct ClassificationInput {
    /// Scores before softmax, `[batch, classes]`.
    pub logits: Tensor<2>,
    /// Class indices, `[batch]`; `None` for unlabelled samples.
    pub targets: Option<Tensor<1, Int>>,
}

impl ClassificationInput {
    /// Logits `[batch, classes]` and targets `[batch]`.
    #[must_use]
    pub fn new(logits: Tensor<2>, targets: Tensor<1, Int>) -> Self {
        Self {
            logits,
            targets: Some(targets),
        }
    }
}

impl Adapt<Self> for ClassificationInput {
    fn adapt(&self) -> Self {
        self.clone()
    }
}

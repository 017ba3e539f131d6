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
///     fn to_input(&self) -> ClassificationInput {
///         ClassificationInput::new(self.logits.clone(), self.labels.clone())
///     }
/// }
/// ```
pub trait Adapt<T> {
    /// The input.
    fn to_input(&self) -> T;
}

/// What a collector needs, where a model can give it as it stands.
///
/// ```
/// use burn::tensor::Tensor;
/// use tlc_burn::{Adapt, CollectorInput};
///
/// #[derive(Clone)]
/// struct Heights(Tensor<1>);
/// impl CollectorInput for Heights {}
///
/// fn offers_itself(output: &Heights) -> Heights {
///     output.to_input()
/// }
/// ```
pub trait CollectorInput: Clone {}

impl<T: CollectorInput> Adapt<T> for T {
    fn to_input(&self) -> T {
        self.clone()
    }
}

/// A collector that needs nothing of the output works with every one.
impl<O> Adapt<()> for O {
    fn to_input(&self) {}
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

impl CollectorInput for ClassificationInput {}

/// Logits `[batch, classes]` and targets `[batch]`.
impl Adapt<ClassificationInput> for (Tensor<2>, Tensor<1, Int>) {
    fn to_input(&self) -> ClassificationInput {
        ClassificationInput::new(self.0.clone(), self.1.clone())
    }
}

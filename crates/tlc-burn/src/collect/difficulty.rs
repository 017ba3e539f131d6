//! How hard a sample is, as its logits tell without a gradient.

use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::input::ClassificationInput;
use super::readback::Readback;
use super::targets::{Targets, as_indices};
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::log_softmax;
use burn::tensor::{IndexingUpdateOp, Int, Tensor};
use tlc_core::{Column, Columns};

const NAME: &str = "difficulty";
const TARGETS: Targets<'_> = Targets {
    collector: NAME,
    column: "margin",
};

/// Below this, a log probability is that of probability 0, in every float type.
const LOG_OF_ZERO: f32 = -1e4;

/// Collects `margin`, `entropy` and `el2n` from logits and targets: what separates
/// samples that a model finds easy from those that are hard or wrongly labelled.
///
/// - `margin`: the target's logit less the largest other logit, so it is negative
///   where the model prefers another class. Its mean over epochs is the area under the
///   margin of [Pleiss et al. 2020](https://arxiv.org/abs/2001.10528).
/// - `entropy`: of the softmax, in nats; 0 where the model is sure, and the logarithm
///   of the number of classes where it has no idea. It does not depend on the target.
/// - `el2n`: the L2 norm of the softmax less the one-hot target, of
///   [Paul et al. 2021](https://arxiv.org/abs/2107.07075), from 0 to the root of 2.
///
/// A sample whose logits hold a NaN has NaN for all three.
///
/// # Shapes
/// Logits `[batch, classes]` of two or more classes, targets `[batch]`; each column
/// is `[batch]`.
///
/// ```
/// use tlc_burn::{Difficulty, MetricsCollector};
///
/// let columns = Difficulty::new().columns();
/// let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
/// assert_eq!(names, ["margin", "entropy", "el2n"]);
/// ```
#[derive(Clone, Debug)]
pub struct Difficulty(());

impl Difficulty {
    /// All three measures.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

impl Default for Difficulty {
    fn default() -> Self {
        Self::new()
    }
}

impl MetricsCollector for Difficulty {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let column = |name: &str, text: &str| Column::metric(name).description(text);
        vec![
            column("margin", "logit of the target less the largest other logit"),
            column("entropy", "entropy of the softmax").unit("nats"),
            column("el2n", "L2 norm of the softmax less the one-hot target"),
        ]
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let dims @ [batch, classes] = input.logits.dims();
        if classes < 2 {
            return Err(Error::Shape {
                collector: NAME.to_owned(),
                column: "margin".to_owned(),
                expected: format!("[{batch}, 2 or more classes]"),
                found: dims.to_vec(),
            });
        }
        let targets = TARGETS.register(input.targets, [batch], &dims, readback)?;
        let targets = as_indices(targets, classes).unsqueeze_dim::<2>(1);
        let log_probabilities = log_softmax(input.logits.clone(), 1);
        let el2n = el2n(log_probabilities.clone().exp(), targets.clone());
        readback.register("margin", margin(input.logits, targets))?;
        readback.register("entropy", entropy(log_probabilities))?;
        readback.register("el2n", el2n)
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let classes = batch.dims("predictions")?.get(1).copied();
        TARGETS.classes(batch, classes.unwrap_or_default(), |_| true)?;
        let entropy = batch.floats("entropy")?;
        let mut margin = batch.floats("margin")?;
        // Backends differ in what the largest of values with a NaN is.
        for (margin, _) in margin
            .iter_mut()
            .zip(&entropy)
            .filter(|(_, of)| of.is_nan())
        {
            *margin = f32::NAN;
        }
        Ok(Columns::new()
            .column("margin", margin)
            .column("entropy", entropy)
            .column("el2n", batch.floats("el2n")?))
    }
}

/// From logits `[batch, classes]` and targets `[batch, 1]`: `[batch]`.
fn margin(logits: Tensor<2>, targets: Tensor<2, Int>) -> Tensor<1> {
    let own = logits.clone().gather(1, targets.clone()); // [batch, 1]
    let never = own.full_like(f32::NEG_INFINITY);
    let others = logits.scatter(1, targets, never, IndexingUpdateOp::Add);
    (own - others.max_dim(1)).squeeze_dim::<1>(1)
}

/// From log probabilities `[batch, classes]`: `[batch]`.
fn entropy(log_probabilities: Tensor<2>) -> Tensor<1> {
    let finite = log_probabilities.clone().clamp_min(LOG_OF_ZERO);
    let information = log_probabilities.exp() * finite;
    information.sum_dim(1).abs().squeeze_dim::<1>(1)
}

/// From probabilities `[batch, classes]` and targets `[batch, 1]`: `[batch]`.
fn el2n(probabilities: Tensor<2>, targets: Tensor<2, Int>) -> Tensor<1> {
    let minus_one = probabilities
        .clone()
        .gather(1, targets.clone())
        .full_like(-1);
    let error = probabilities.scatter(1, targets, minus_one, IndexingUpdateOp::Add);
    error.square().sum_dim(1).sqrt().squeeze_dim::<1>(1)
}

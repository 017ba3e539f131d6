//! What semantic segmentation needs of a model's output.

use crate::collect::CollectorInput;
use burn::tensor::{Int, Tensor};

/// Logits and the true class of every pixel. It can be a model's output as it stands.
///
/// # Shapes
/// - logits: `[batch, classes, height, width]`
/// - targets: `[batch, height, width]`
#[derive(Clone, Debug)]
pub struct SegmentationInput {
    /// Scores before softmax, `[batch, classes, height, width]`.
    pub logits: Tensor<4>,
    /// Class indices, `[batch, height, width]`.
    pub targets: Tensor<3, Int>,
}

impl SegmentationInput {
    /// Logits `[batch, classes, height, width]` and targets `[batch, height, width]`.
    #[must_use]
    pub fn new(logits: Tensor<4>, targets: Tensor<3, Int>) -> Self {
        Self { logits, targets }
    }
}

impl CollectorInput for SegmentationInput {}

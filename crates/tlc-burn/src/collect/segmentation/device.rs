//! Loss of pixels, on the device.

use burn::tensor::{Int, Tensor};

/// Cross-entropy from log probabilities `[batch, classes, height, width]` and targets
/// `[batch, height, width]`: `[batch, height, width]`.
pub(super) fn losses(log_probabilities: Tensor<4>, targets: Tensor<3, Int>) -> Tensor<3> {
    let [_, classes, _, _] = log_probabilities.dims();
    let last_class = i64::try_from(classes).unwrap_or(i64::MAX) - 1;
    // A label that is no class would be read out of bounds; the host phase refuses or
    // ignores it, so its loss is never seen.
    let index = targets.clamp(0, last_class.max(0)).unsqueeze_dim::<4>(1);
    log_probabilities.gather(1, index).neg().squeeze_dim::<3>(1)
}

/// The sum over the pixels of each sample that are not to be ignored: `[batch]`.
pub(super) fn sum(
    losses: Tensor<3>,
    targets: &Tensor<3, Int>,
    ignore_index: Option<i64>,
) -> Tensor<1> {
    let losses = match ignore_index {
        Some(index) => losses.mask_fill(targets.clone().equal_elem(index), 0.0),
        None => losses,
    };
    losses.sum_dims_squeeze::<1, _>(&[1, 2])
}

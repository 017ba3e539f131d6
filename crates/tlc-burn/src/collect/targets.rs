//! Targets: on the device as they come, on the host each of them checked.

use super::host::HostBatch;
use super::readback::Readback;
use crate::{Error, Result};
use burn::tensor::{Int, Tensor, kind};

/// Name of the registered tensor.
const TARGETS: &str = "targets";

/// Who needs targets and for what, as its errors tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets<'a> {
    pub(super) collector: &'a str,
    pub(super) column: &'a str,
}

impl Targets<'_> {
    /// The targets of predictions of shape `predictions`, registered for the host.
    pub(super) fn register<const D: usize, K: kind::Transaction>(
        &self,
        targets: Option<Tensor<D, K>>,
        expected: [usize; D],
        predictions: &[usize],
        readback: &mut Readback,
    ) -> Result<Tensor<D, K>> {
        let (collector, column) = (self.collector.to_owned(), self.column.to_owned());
        let Some(targets) = targets else {
            return Err(Error::NoTargets {
                collector,
                column,
                predictions: predictions.to_vec(),
            });
        };
        let found = targets.dims();
        if found != expected {
            return Err(Error::Shape {
                collector,
                column,
                expected: format!("{expected:?} for targets of predictions {predictions:?}"),
                found: found.to_vec(),
            });
        }
        readback.note_shape("predictions", predictions);
        readback.register(TARGETS, targets.clone())?;
        Ok(targets)
    }

    /// The targets on the host, row after row, each in `0..classes`; those that do not
    /// count, by their position, are not looked at.
    pub(super) fn classes(
        &self,
        batch: &HostBatch,
        classes: usize,
        counts: impl Fn(usize) -> bool,
    ) -> Result<Vec<i64>> {
        let targets = batch.ints(TARGETS)?;
        let dims = batch.dims(TARGETS)?;
        let width = dims.iter().skip(1).product::<usize>().max(1);
        let valid = |label: i64| usize::try_from(label).is_ok_and(|label| label < classes);
        let bad = targets
            .iter()
            .enumerate()
            .find(|(at, label)| counts(*at) && !valid(**label));
        let Some((at, label)) = bad else {
            return Ok(targets);
        };
        let example_id = batch.example_ids().get(at / width);
        Err(Error::Label {
            collector: self.collector.to_owned(),
            column: self.column.to_owned(),
            example_id: example_id.map_or(0, |id| id.0),
            label: *label,
            classes,
            predictions: batch.dims("predictions")?.to_vec(),
            targets: dims.to_vec(),
        })
    }
}

/// Targets as indices for `gather` and `scatter`. A label that is no class would be
/// read out of bounds; the host phase refuses it, so what it gives is never seen.
pub(super) fn as_indices<const D: usize>(
    targets: Tensor<D, Int>,
    classes: usize,
) -> Tensor<D, Int> {
    let last_class = i64::try_from(classes).unwrap_or(i64::MAX) - 1;
    targets.clamp(0, last_class.max(0))
}

/// A prediction as a class. Where logits are NaN, backends differ in which index they
/// give, and it need not be one of a class.
pub(super) fn class_of(predicted: i64, classes: usize) -> i32 {
    let last_class = i64::try_from(classes).unwrap_or(i64::MAX) - 1;
    i32::try_from(predicted.min(last_class).max(0)).unwrap_or_default()
}

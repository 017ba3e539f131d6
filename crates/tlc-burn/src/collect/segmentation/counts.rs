//! Pixels of each class: what overlap, precision and recall are made of.

use serde::{Deserialize, Serialize};

/// What prediction and target say about the pixels of one class.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct ClassPixels {
    /// Whose target it is.
    pub(super) target: u64,
    /// Whose prediction it is.
    pub(super) predicted: u64,
    /// Whose target and prediction it is.
    pub(super) both: u64,
}

impl ClassPixels {
    /// Intersection over union; `None` for a class that is in neither.
    pub(super) fn iou(self) -> Option<f64> {
        ratio(self.both, self.target + self.predicted - self.both)
    }

    /// Of the pixels that are predicted, how many are right.
    pub(super) fn precision(self) -> Option<f64> {
        ratio(self.both, self.predicted)
    }

    /// Of the pixels that are to be found, how many are.
    pub(super) fn recall(self) -> Option<f64> {
        ratio(self.both, self.target)
    }
}

/// The pixels of every class, those without a target left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Counts {
    classes: Vec<ClassPixels>,
}

impl Counts {
    /// No pixel yet.
    pub(super) fn new(classes: usize) -> Self {
        let classes = vec![ClassPixels::default(); classes];
        Self { classes }
    }

    /// Counts the pixels of a sample. A prediction that is no class finds nothing.
    /// The error is a target that is no class.
    pub(super) fn count(
        mut self,
        predicted: &[i64],
        targets: &[i64],
        ignore_index: Option<i64>,
    ) -> Result<Self, i64> {
        for (predicted, target) in predicted.iter().zip(targets) {
            if Some(*target) == ignore_index {
                continue;
            }
            self.class(*target).ok_or(*target)?.target += 1;
            let Some(class) = self.class(*predicted) else {
                continue;
            };
            class.predicted += 1;
            class.both += u64::from(predicted == target);
        }
        Ok(self)
    }

    /// The pixels of both.
    pub(super) fn plus(mut self, other: &Self) -> Self {
        for (sum, class) in self.classes.iter_mut().zip(&other.classes) {
            sum.target += class.target;
            sum.predicted += class.predicted;
            sum.both += class.both;
        }
        self
    }

    pub(super) fn classes(&self) -> &[ClassPixels] {
        &self.classes
    }

    /// Pixels that have a target.
    pub(super) fn pixels(&self) -> u64 {
        self.classes.iter().map(|class| class.target).sum()
    }

    /// Of the pixels that have a target, how many are right.
    pub(super) fn accuracy(&self) -> Option<f64> {
        let right = self.classes.iter().map(|class| class.both).sum();
        ratio(right, self.pixels())
    }

    /// The mean over the classes that are in a prediction or a target.
    pub(super) fn mean_iou(&self) -> Option<f64> {
        let present = || self.classes.iter().filter_map(|class| class.iou());
        let classes = present().count();
        (classes > 0).then(|| present().sum::<f64>() / classes as f64)
    }

    fn class(&mut self, index: i64) -> Option<&mut ClassPixels> {
        self.classes.get_mut(usize::try_from(index).ok()?)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

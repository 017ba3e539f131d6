//! Which predicted box finds which ground truth: COCO's greedy matching.

use super::images::{Predicted, Truth};

/// What a predicted box found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) iou: f64,
    /// Whether the box counts neither as right nor as wrong.
    pub(super) is_ignored: bool,
}

/// The boxes of one class in one image, and how they overlap.
pub(super) struct Matching {
    /// `[predicted, ground truth]`.
    ious: Vec<Vec<f64>>,
    crowds: Vec<bool>,
}

/// A ground truth while boxes are matched to it.
struct Candidate {
    index: usize,
    is_crowd: bool,
    is_ignored: bool,
    is_taken: bool,
}

impl Matching {
    /// Of predicted boxes by falling score.
    pub(super) fn new(predicted: &[&Predicted], truths: &[&Truth]) -> Self {
        let ious = predicted.iter().map(|found| {
            let iou = |truth: &&Truth| found.bounds.iou(truth.bounds, truth.is_crowd);
            truths.iter().map(iou).collect()
        });
        Self {
            ious: ious.collect(),
            crowds: truths.iter().map(|truth| truth.is_crowd).collect(),
        }
    }

    /// What each predicted box finds at a threshold, where `is_ignored` says which ground
    /// truths need not be found; crowds always belong to these.
    ///
    /// Box after box takes what it overlaps most. A ground truth is found once, a crowd
    /// by any number of boxes. One that is ignored is only taken if no other is there.
    pub(super) fn at(&self, threshold: f64, is_ignored: &[bool]) -> Vec<Option<Match>> {
        let truths = self.crowds.iter().zip(is_ignored).enumerate();
        let mut candidates: Vec<Candidate> = truths
            .map(|(index, (is_crowd, is_ignored))| Candidate {
                index,
                is_crowd: *is_crowd,
                is_ignored: *is_ignored,
                is_taken: false,
            })
            .collect();
        candidates.sort_by_key(|candidate| candidate.is_ignored);
        let found = self.ious.iter();
        found
            .map(|ious| take_best(ious, threshold, &mut candidates))
            .collect()
    }
}

fn take_best(ious: &[f64], threshold: f64, candidates: &mut [Candidate]) -> Option<Match> {
    // Two equal boxes overlap by slightly less than 1 where rounding wants it.
    let mut least = threshold.min(1.0 - 1e-10);
    let mut best: Option<&mut Candidate> = None;
    for candidate in candidates {
        if candidate.is_taken && !candidate.is_crowd {
            continue;
        }
        if candidate.is_ignored && best.as_ref().is_some_and(|best| !best.is_ignored) {
            break;
        }
        // Of two with the same overlap, COCO takes the later one.
        let iou = ious.get(candidate.index).copied().unwrap_or_default();
        if iou >= least {
            least = iou;
            best = Some(candidate);
        }
    }
    let best = best?;
    best.is_taken = true;
    Some(Match {
        iou: least,
        is_ignored: best.is_ignored,
    })
}

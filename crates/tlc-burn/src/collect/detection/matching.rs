//! Which predicted box finds which ground truth: COCO's greedy matching.

use super::images::{Predicted, Truth};

/// What a predicted box found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) iou: f64,
    /// Whether the box counts neither as right nor as wrong.
    pub(super) is_ignored: bool,
}

/// How the predicted boxes of one class in one image overlap its ground truths.
#[derive(Default)]
pub(super) struct Matching {
    /// `[predicted, ground truth]`.
    ious: Vec<f64>,
    crowds: Vec<bool>,
}

/// The ground truths of a class while boxes are matched to them, those first that are to
/// be found.
pub(super) struct Candidates(Vec<Candidate>);

struct Candidate {
    index: usize,
    is_crowd: bool,
    is_ignored: bool,
    is_taken: bool,
}

impl Matching {
    /// Of predicted boxes by falling score.
    pub(super) fn new(predicted: &[Predicted], truths: &[Truth]) -> Self {
        let ious = predicted.iter().flat_map(|found| {
            let iou = |truth: &Truth| found.bounds.iou(truth.bounds, truth.is_crowd);
            truths.iter().map(iou)
        });
        Self {
            ious: ious.collect(),
            crowds: truths.iter().map(|truth| truth.is_crowd).collect(),
        }
    }

    /// The ground truths, where `is_ignored` says which need not be found; crowds always
    /// belong to these.
    pub(super) fn candidates(&self, is_ignored: &[bool]) -> Candidates {
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
        Candidates(candidates)
    }

    /// What each of the first so many predicted boxes finds at a threshold.
    ///
    /// Box after box takes what it overlaps most. A ground truth is found once, a crowd
    /// by any number of boxes. One that is ignored is only taken if no other is there.
    pub(super) fn at(
        &self,
        threshold: f64,
        candidates: &mut Candidates,
        boxes: usize,
    ) -> Vec<Option<Match>> {
        for candidate in &mut candidates.0 {
            candidate.is_taken = false;
        }
        let truths = self.crowds.len();
        (0..boxes)
            .map(|at| {
                let ious = self.ious.get(at * truths..(at + 1) * truths);
                take_best(ious.unwrap_or_default(), threshold, &mut candidates.0)
            })
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

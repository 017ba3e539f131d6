//! COCO's average precision and recall of one class, as pycocotools computes them.

use super::images::{Predicted, Truth};
use super::matching::{Match, Matching};
use serde::{Deserialize, Serialize};

/// Overlaps from 0.50 to 0.95 at which a box may count as right.
pub(super) const THRESHOLDS: usize = 10;
/// Index of the threshold 0.50.
pub(super) const AT_50: usize = 0;
/// Index of the threshold 0.75.
pub(super) const AT_75: usize = 5;
/// Boxes of one class in one image that can count, those with the largest scores.
pub(super) const MAX_DETECTIONS: usize = 100;
/// Points of recall at which precision is read off.
const RECALL_POINTS: usize = 101;

/// Which objects are to be found, by area in square pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    All,
    Small,
    Medium,
    Large,
}

impl Area {
    const EACH: [Self; 4] = [Self::All, Self::Small, Self::Medium, Self::Large];

    fn holds(self, area: f64) -> bool {
        let (small, medium, all) = (32.0 * 32.0, 96.0 * 96.0, 1e10);
        let range = match self {
            Self::All => 0.0..=all,
            Self::Small => 0.0..=small,
            Self::Medium => small..=medium,
            Self::Large => medium..=all,
        };
        range.contains(&area)
    }

    /// Whether a ground truth need not be found.
    fn ignores(self, truth: &Truth) -> bool {
        truth.is_crowd || !self.holds(truth.area)
    }

    fn index(self) -> usize {
        self as usize
    }
}

/// What a class was found with over all images. It keeps every predicted box that can
/// count, in 24 bytes, since precision at a recall needs all scores in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ClassEvaluation {
    found: Vec<Found>,
    /// Ground truths to be found, for each [`Area`].
    positives: [usize; 4],
    /// Images with a ground truth that is no crowd.
    pub(super) images: usize,
    /// Ground truths that are no crowds.
    pub(super) instances: usize,
}

/// A predicted box, once it is matched.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(from = "StoredFound", into = "StoredFound")]
struct Found {
    score: f32,
    /// Place by falling score among those of its class in its image.
    rank: u8,
    outcomes: [Outcomes; 4],
}

/// Short, since there may be millions: bits of the score, rank, outcomes.
type StoredFound = (u32, u8, [Outcomes; 4]);

impl From<StoredFound> for Found {
    fn from((score_bits, rank, outcomes): StoredFound) -> Self {
        Self {
            score: f32::from_bits(score_bits),
            rank,
            outcomes,
        }
    }
}

impl From<Found> for StoredFound {
    fn from(found: Found) -> Self {
        (found.score.to_bits(), found.rank, found.outcomes)
    }
}

/// What became of a box, a bit for each threshold.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(from = "(u16, u16)", into = "(u16, u16)")]
struct Outcomes {
    is_right: u16,
    is_ignored: u16,
}

impl From<(u16, u16)> for Outcomes {
    fn from((is_right, is_ignored): (u16, u16)) -> Self {
        Self {
            is_right,
            is_ignored,
        }
    }
}

impl From<Outcomes> for (u16, u16) {
    fn from(outcomes: Outcomes) -> Self {
        (outcomes.is_right, outcomes.is_ignored)
    }
}

/// Average precision and recall at one threshold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Averages {
    pub(super) precision: f64,
    pub(super) recall: f64,
}

impl ClassEvaluation {
    /// Takes in what was found in images after these.
    pub(super) fn merge(&mut self, other: Self) {
        self.found.extend(other.found);
        for (positives, more) in self.positives.iter_mut().zip(other.positives) {
            *positives += more;
        }
        self.images += other.images;
        self.instances += other.instances;
    }

    /// Takes in an image.
    pub(super) fn add(&mut self, predicted: &[Predicted], truths: &[Truth], matching: &Matching) {
        let instances = truths.iter().filter(|truth| !truth.is_crowd);
        let instances = instances.count();
        self.instances += instances;
        self.images += usize::from(instances > 0);
        let predicted = predicted.get(..MAX_DETECTIONS).unwrap_or(predicted);
        let mut rounds = Rounds::default();
        let of_each = Area::EACH.map(|area| {
            let is_ignored = truths.iter().map(|truth| area.ignores(truth)).collect();
            outcomes(
                area,
                predicted,
                rounds.of(matching, is_ignored, predicted.len()),
            )
        });
        for ((found, rank), at) in predicted.iter().zip(0..=u8::MAX).zip(0..) {
            let outcome = |area: &Vec<Outcomes>| area.get(at).copied().unwrap_or_default();
            self.found.push(Found {
                score: found.score,
                rank,
                outcomes: of_each.each_ref().map(outcome),
            });
        }
        for (positives, area) in self.positives.iter_mut().zip(Area::EACH) {
            *positives += truths.iter().filter(|truth| !area.ignores(truth)).count();
        }
    }

    /// Puts all boxes in the order of their scores, equal ones in that of the images.
    pub(super) fn sort(&mut self) {
        let by_score = |a: &Found, b: &Found| b.score.partial_cmp(&a.score);
        self.found
            .sort_by(|a, b| by_score(a, b).unwrap_or(std::cmp::Ordering::Equal));
    }

    /// Precision and recall at each threshold, of objects of an area and so many boxes
    /// an image; `None` if there is nothing to be found. The boxes must be in order.
    pub(super) fn averages(&self, area: Area, max: usize) -> Option<[Averages; THRESHOLDS]> {
        let positives = self.positives[area.index()];
        if positives == 0 {
            return None;
        }
        let outcomes = || {
            let found = self.found.iter();
            let found = found.filter(|found| usize::from(found.rank) < max);
            found.map(|found| found.outcomes[area.index()])
        };
        Some(std::array::from_fn(|bit| {
            let at_threshold = outcomes().map(|outcomes| {
                let is = |bits: u16| bits >> bit & 1 == 1;
                (is(outcomes.is_right), is(outcomes.is_ignored))
            });
            averages(at_threshold, positives)
        }))
    }
}

/// What each box finds, at each threshold.
type Round = [Vec<Option<Match>>; THRESHOLDS];

/// The boxes of an image matched to its ground truths, once for all areas that let the
/// same of these be.
#[derive(Default)]
struct Rounds(Vec<(Vec<bool>, Round)>);

impl Rounds {
    fn of(&mut self, matching: &Matching, is_ignored: Vec<bool>, boxes: usize) -> &Round {
        let done = self.0.iter().position(|(same, _)| *same == is_ignored);
        let at = done.unwrap_or_else(|| {
            let mut candidates = matching.candidates(&is_ignored);
            let round = thresholds().map(|least| matching.at(least, &mut candidates, boxes));
            self.0.push((is_ignored, round));
            self.0.len() - 1
        });
        &self.0[at].1
    }
}

/// What becomes of the boxes of an image, where objects of an area are to be found.
fn outcomes(area: Area, predicted: &[Predicted], round: &Round) -> Vec<Outcomes> {
    let mut outcomes = vec![Outcomes::default(); predicted.len()];
    for (bit, matches) in round.iter().enumerate() {
        for ((found, matched), outcome) in predicted.iter().zip(matches).zip(&mut outcomes) {
            let outside = || !area.holds(found.bounds.area());
            let is_ignored = matched.map_or_else(outside, |matched| matched.is_ignored);
            outcome.is_ignored |= u16::from(is_ignored) << bit;
            outcome.is_right |= u16::from(matched.is_some() && !is_ignored) << bit;
        }
    }
    outcomes
}

/// From what became of each box in order: whether it is right, whether it is ignored.
fn averages(outcomes: impl Iterator<Item = (bool, bool)>, positives: usize) -> Averages {
    let (mut right, mut wrong) = (0.0, 0.0);
    let mut curve: Vec<(f64, f64)> = outcomes
        .map(|(is_right, is_ignored)| {
            right += f64::from(u8::from(is_right));
            wrong += f64::from(u8::from(!is_right && !is_ignored));
            (
                right / positives as f64,
                right / (right + wrong + f64::EPSILON),
            )
        })
        .collect();
    // Precision never falls as recall does.
    let mut best = 0.0_f64;
    for (_, precision) in curve.iter_mut().rev() {
        best = best.max(*precision);
        *precision = best;
    }
    let at_recall = |point: usize| {
        let recall = point as f64 * 0.01; // to the bit as numpy's `linspace(0, 1, 101)`
        let at = curve.partition_point(|(reached, _)| *reached < recall);
        curve.get(at).map_or(0.0, |(_, precision)| *precision)
    };
    Averages {
        precision: (0..RECALL_POINTS).map(at_recall).sum::<f64>() / RECALL_POINTS as f64,
        recall: curve.last().map_or(0.0, |(recall, _)| *recall),
    }
}

/// The thresholds, to the bit those of numpy's `linspace(0.5, 0.95, 10)`.
fn thresholds() -> [f64; THRESHOLDS] {
    let step = (0.95 - 0.5) / (THRESHOLDS - 1) as f64;
    std::array::from_fn(|at| match at + 1 {
        THRESHOLDS => 0.95,
        _ => at as f64 * step + 0.5,
    })
}

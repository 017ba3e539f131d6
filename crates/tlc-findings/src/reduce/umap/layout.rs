//! The optimiser: attraction along the edges, repulsion from vertices drawn at random.
//!
//! One edge after the other, as in the paper: each move starts from where the one before has
//! led, so this is the work of one thread, and the same whatever the machine has.

use super::curve::Curve;
use super::graph::Graph;
use crate::random::Random;
use crate::{Progress, Result};

/// Vertices drawn for each attraction.
const NEGATIVE_SAMPLES: usize = 5;
/// The largest move along an axis, before the learning rate.
const LARGEST_MOVE: f32 = 4.0;

/// What the layout is optimised with.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) graph: &'a Graph,
    pub(super) curve: Curve,
    pub(super) epochs: usize,
    pub(super) seed: u64,
    pub(super) progress: &'a Progress,
}

impl Layout<'_> {
    /// The points after the last epoch, from where they are at first.
    pub(super) fn optimize<const D: usize>(
        &self,
        mut points: Vec<[f32; D]>,
    ) -> Result<Vec<[f32; D]>> {
        let mut random = Random::new(self.seed);
        self.progress.begin("layout", self.epochs);
        for epoch in 0..self.epochs {
            self.progress.check()?;
            self.progress.advance(1);
            let rate = 1.0 - epoch as f32 / self.epochs as f32;
            for vertex in 0..points.len() {
                for (other, weight) in self.graph.edges(vertex) {
                    if is_due(epoch, *weight) {
                        self.move_edge(&mut points, [vertex, *other as usize], rate, &mut random);
                    }
                }
            }
        }
        Ok(points)
    }

    /// Pulls both ends towards each other, and pushes the first away from others.
    fn move_edge<const D: usize>(
        &self,
        points: &mut [[f32; D]],
        ends: [usize; 2],
        rate: f32,
        random: &mut Random,
    ) {
        let [Some(mut point), Some(mut other)] = ends.map(|end| points.get(end).copied()) else {
            return;
        };
        let pull = moved(&point, &other, rate, |square| self.curve.attraction(square));
        for ((point, other), moved) in point.iter_mut().zip(&mut other).zip(pull) {
            *point += moved;
            *other -= moved;
        }
        set(points, ends[1], other);
        for _ in 0..NEGATIVE_SAMPLES {
            let drawn = random.below(points.len());
            let Some(other) = points.get(drawn).filter(|_| drawn != ends[0]) else {
                continue;
            };
            let push = moved(&point, other, rate, |square| self.curve.repulsion(square));
            point
                .iter_mut()
                .zip(push)
                .for_each(|(point, moved)| *point += moved);
        }
        set(points, ends[0], point);
    }
}

fn set<const D: usize>(points: &mut [[f32; D]], vertex: usize, point: [f32; D]) {
    if let Some(place) = points.get_mut(vertex) {
        *place = point;
    }
}

/// A move of a point along its difference from another, by a factor of their squared distance.
fn moved<const D: usize>(
    point: &[f32; D],
    other: &[f32; D],
    rate: f32,
    factor: impl Fn(f32) -> f32,
) -> [f32; D] {
    let mut moved = *point;
    moved.iter_mut().zip(other).for_each(|(a, b)| *a -= b);
    let square: f32 = moved.iter().map(|difference| difference * difference).sum();
    let factor = if square > 0.0 { factor(square) } else { 0.0 };
    moved.map(|difference| rate * (factor * difference).clamp(-LARGEST_MOVE, LARGEST_MOVE))
}

/// Whether an edge, which acts in this share of the epochs, acts in this one.
fn is_due(epoch: usize, share: f32) -> bool {
    let times = |epochs: usize| (epochs as f32 * share) as usize;
    times(epoch + 1) > times(epoch)
}

//! The optimiser: attraction along the edges, repulsion from vertices drawn at random.
//!
//! The paper moves one edge after the other. Here an epoch has a few parts, and each vertex
//! of a part moves by its own edges, from where all were after the part before: the vertices
//! of a part are independent of each other, so any number of threads gives the same layout.

use super::curve::Curve;
use super::graph::Graph;
use rayon::prelude::*;

/// Vertices drawn for each attraction.
const NEGATIVE_SAMPLES: usize = 5;
/// The largest move along an axis, before the learning rate.
const LARGEST_MOVE: f32 = 4.0;
/// Keeps the repulsion of close points finite.
const SOFTENING: f32 = 1e-3;
/// Vertices that a thread takes at a time, and the parts of an epoch, between which they are
/// dealt out. More parts are nearer to one edge after the other.
const VERTICES: usize = 32;
const PARTS: usize = 16;

/// What the layout is optimised with.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) graph: &'a Graph,
    pub(super) curve: Curve,
    pub(super) epochs: usize,
    pub(super) seed: u64,
}

impl Layout<'_> {
    /// The points after the last epoch, from where they are at first.
    pub(super) fn optimize<const D: usize>(&self, mut points: Vec<[f32; D]>) -> Vec<[f32; D]> {
        for epoch in 0..self.epochs {
            for part in 0..PARTS {
                self.move_part(epoch, part, &mut points);
            }
        }
        points
    }

    fn move_part<const D: usize>(&self, epoch: usize, part: usize, points: &mut [[f32; D]]) {
        let starts = (part * VERTICES..points.len()).step_by(PARTS * VERTICES);
        let ranges = starts.map(|start| start..points.len().min(start + VERTICES));
        let ranges: Vec<_> = ranges.collect();
        let before = &*points;
        let moved = ranges.par_iter().map(|vertices| {
            let vertices = vertices.clone();
            vertices
                .map(|vertex| self.moved(epoch, vertex, before))
                .collect()
        });
        let moved: Vec<Vec<[f32; D]>> = moved.collect();
        for (vertices, moved) in ranges.into_iter().zip(&moved) {
            if let Some(points) = points.get_mut(vertices) {
                points.copy_from_slice(moved);
            }
        }
    }

    fn moved<const D: usize>(&self, epoch: usize, vertex: usize, points: &[[f32; D]]) -> [f32; D] {
        let Some(mut point) = points.get(vertex).copied() else {
            return [0.0; D];
        };
        let rate = 1.0 - epoch as f32 / self.epochs as f32;
        let mut random = Random::new(self.seed, epoch, vertex);
        let edges = self.graph.edges(vertex);
        let due = edges.iter().filter(|(_, weight)| is_due(epoch, *weight));
        let near: Vec<&[f32; D]> = due
            .filter_map(|(other, _)| points.get(*other as usize))
            .collect();
        // Once as this end of the edge, and once, at another time, as the other end's neighbour.
        let again = near.iter().cycle().skip(near.len() / 2);
        for (other, later) in near.iter().zip(again) {
            self.push(&mut point, other, rate, Curve::attraction);
            for _ in 0..NEGATIVE_SAMPLES {
                let drawn = random.below(points.len());
                if let Some(other) = points.get(drawn).filter(|_| drawn != vertex) {
                    self.push(&mut point, other, rate, Curve::repulsion);
                }
            }
            self.push(&mut point, later, rate, Curve::attraction);
        }
        point
    }

    /// Moves a point along the difference from another, by a factor of their squared distance.
    fn push<const D: usize>(
        &self,
        point: &mut [f32; D],
        other: &[f32; D],
        rate: f32,
        factor: impl Fn(Curve, f32) -> f32,
    ) {
        let pairs = point.iter().zip(other);
        let square: f32 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
        if square <= 0.0 {
            return;
        }
        let factor = factor(self.curve, square);
        for (a, b) in point.iter_mut().zip(other) {
            *a += rate * (factor * (*a - b)).clamp(-LARGEST_MOVE, LARGEST_MOVE);
        }
    }
}

impl Curve {
    fn attraction(self, square: f32) -> f32 {
        let power = square.powf(self.b);
        -2.0 * self.a * self.b * power / (square * (1.0 + self.a * power))
    }

    fn repulsion(self, square: f32) -> f32 {
        let power = square.powf(self.b);
        2.0 * self.b / ((SOFTENING + square) * (1.0 + self.a * power))
    }
}

/// Whether an edge, which acts in this share of the epochs, acts in this one.
fn is_due(epoch: usize, share: f32) -> bool {
    let times = |epochs: usize| (epochs as f32 * share) as usize;
    times(epoch + 1) > times(epoch)
}

/// Numbers of a vertex in an epoch (splitmix64 of Steele, Lea and Flood).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64, epoch: usize, vertex: usize) -> Self {
        let mut mixed = Self(seed);
        for part in [epoch as u64, vertex as u64] {
            mixed = Self(mixed.next() ^ part);
        }
        mixed
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }
}

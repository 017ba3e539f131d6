//! Exact search: matrix products say which rows can be near, `f64` says how near.

use super::{Metric, Neighbors};
use crate::Embeddings;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::collections::BinaryHeap;

/// Queries and rows of one product, and how many of its values are compared at once.
const QUERIES: usize = 512;
const ROWS: usize = 512;
const CHUNK: usize = 64;

pub(super) fn search(
    queries: &Embeddings,
    embeddings: &Embeddings,
    k: usize,
    metric: Metric,
    same: bool,
) -> Neighbors {
    let rounding = Rounding::new(queries, embeddings, metric);
    let points = Points::new(embeddings, metric, &rounding);
    let others = (!same).then(|| Points::new(queries, metric, &rounding));
    let space = Space {
        queries: others.as_ref().unwrap_or(&points),
        points: &points,
        blocks: points.blocks(),
        metric,
        same,
        rounding,
    };
    let starts: Vec<usize> = (0..queries.len()).step_by(QUERIES).collect();
    let blocks: Vec<Vec<Vec<Near>>> = starts
        .into_par_iter()
        .map(|first| space.nearest(first, QUERIES.min(queries.len() - first), k))
        .collect();
    let (mut rows, mut distances) = (Vec::new(), Vec::new());
    for near in blocks.into_iter().flatten().flatten() {
        rows.push(near.row);
        distances.push(near.distance);
    }
    Neighbors {
        k,
        example_ids: queries.example_ids().collect(),
        rows,
        distances,
    }
}

/// How far products in `f32` can be off.
struct Rounding {
    /// A power of two that brings all values near 1, so that products stay in range.
    scale: f64,
    /// Of the squared lengths of two vectors: a product has as many roundings as the
    /// vectors have values, each of at most half a unit.
    relative: f64,
    /// Where products are too small for a unit of their own.
    absolute: f64,
}

impl Rounding {
    fn new(queries: &Embeddings, embeddings: &Embeddings, metric: Metric) -> Self {
        let dim = embeddings.dim() as f64;
        let values = queries.values().iter().chain(embeddings.values());
        let largest = values.fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = match metric {
            Metric::Euclidean if largest > 0.0 => (-f64::from(largest).log2().ceil()).exp2(),
            _ => 1.0,
        };
        Self {
            scale,
            relative: (dim + 8.0) * f64::from(f32::EPSILON),
            absolute: dim * f64::from(f32::MIN_POSITIVE),
        }
    }

    /// The part of a squared length that certainly counts.
    fn certain(&self, square: f64) -> f64 {
        square * (1.0 - self.relative)
    }
}

/// Vectors as the product takes them: unit vectors for the cosine.
struct Points<'a> {
    original: &'a Embeddings,
    values: Vec<f32>,
    /// Lengths of the vectors for the cosine.
    lengths: Vec<f64>,
    /// Squared lengths of `values`.
    squares: Vec<f64>,
    /// Half of what is certain of them, rounded down.
    halves: Vec<f32>,
}

impl<'a> Points<'a> {
    fn new(original: &'a Embeddings, metric: Metric, rounding: &Rounding) -> Self {
        let lengths: Vec<f64> = match metric {
            Metric::Euclidean => Vec::new(),
            Metric::Cosine => original.rows().map(length).collect(),
        };
        let mut values = Vec::with_capacity(original.values().len());
        for (at, row) in original.rows().enumerate() {
            let factor = match lengths.get(at) {
                Some(length) if *length > 0.0 => 1.0 / length,
                _ => rounding.scale,
            };
            values.extend(row.iter().map(|value| (f64::from(*value) * factor) as f32));
        }
        let rows = values.chunks_exact(original.dim());
        let squares: Vec<f64> = rows.map(|row| length(row).powi(2)).collect();
        let half = |square: &f64| ((rounding.certain(*square) / 2.0) as f32).next_down();
        Self {
            original,
            halves: squares.iter().map(half).collect(),
            values,
            lengths,
            squares,
        }
    }

    /// The vectors as matrices `[rows, dim]`.
    fn blocks(&self) -> Vec<DMatrix<f32>> {
        let dim = self.original.dim();
        let blocks = self.values.chunks(ROWS * dim);
        blocks
            .map(|block| DMatrix::from_row_slice(block.len() / dim, dim, block))
            .collect()
    }
}

struct Space<'a> {
    queries: &'a Points<'a>,
    points: &'a Points<'a>,
    /// Of the points.
    blocks: Vec<DMatrix<f32>>,
    metric: Metric,
    /// Whether queries and points are the same rows, and none is its own neighbour.
    same: bool,
    rounding: Rounding,
}

impl Space<'_> {
    /// The nearest of the queries of a block, each in order.
    fn nearest(&self, first: usize, queries: usize, k: usize) -> Vec<Vec<Near>> {
        let mut nearest: Vec<Nearest> = (0..queries).map(|_| Nearest::new(k)).collect();
        let dim = self.queries.original.dim();
        // Columns of nalgebra's matrices are contiguous: [dim, queries] is row-major here.
        let block = first * dim..(first + queries) * dim;
        let values = self.queries.values.get(block).unwrap_or_default();
        let vectors = DMatrixView::from_slice(values, dim, queries);
        let mut products = DMatrix::zeros(0, queries);
        for (start, block) in (0..).step_by(ROWS).zip(&self.blocks) {
            let rows = block.nrows();
            if products.nrows() != rows {
                products = DMatrix::zeros(rows, queries);
            }
            products.gemm(1.0, block, &vectors, 0.0);
            let columns = products.as_slice().chunks_exact(rows);
            for (at, (column, nearest)) in columns.zip(&mut nearest).enumerate() {
                self.offer(first + at, start, column, nearest);
            }
        }
        nearest.into_iter().map(Nearest::into_sorted).collect()
    }

    /// Offers the rows from `start` on, whose products with the query these are.
    fn offer(&self, query: usize, start: usize, products: &[f32], nearest: &mut Nearest) {
        let halves = self.points.halves.get(start..).unwrap_or_default();
        let chunks = products.chunks(CHUNK).zip(halves.chunks(CHUNK));
        for (start, (products, halves)) in (start..).step_by(CHUNK).zip(chunks) {
            let pairs = products.iter().zip(halves);
            let differences = pairs.map(|(product, half)| product - half);
            let far = differences
                .clone()
                .fold(true, |all, difference| all & (difference < nearest.far));
            if far {
                continue;
            }
            for (row, difference) in (start..).zip(differences) {
                if difference < nearest.far || (self.same && row == query) {
                    continue;
                }
                nearest.push(Near {
                    distance: self.distance(query, row),
                    row: u32::try_from(row).unwrap_or(u32::MAX),
                });
                nearest.far = self.far(query, nearest.farthest());
            }
        }
    }

    /// A row is certainly farther than the farthest of the nearest so far if its product
    /// less half its square is below this: `|a - b|^2 = |a|^2 + |b|^2 - 2ab`.
    fn far(&self, query: usize, farthest: Option<f64>) -> f32 {
        let Some(farthest) = farthest else {
            return f32::NEG_INFINITY;
        };
        let limit = match self.metric {
            Metric::Euclidean => (farthest * self.rounding.scale).powi(2),
            Metric::Cosine => 2.0 * farthest,
        };
        let square = self.queries.squares.get(query).copied().unwrap_or_default();
        let certain = self.rounding.certain(square) - self.rounding.absolute;
        (((certain - limit) / 2.0) as f32).next_down()
    }

    fn distance(&self, query: usize, row: usize) -> f64 {
        let (a, b) = (
            self.queries.original.row(query),
            self.points.original.row(row),
        );
        let pairs = a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        if self.metric == Metric::Euclidean {
            return pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        }
        let lengths = (
            self.queries.lengths.get(query),
            self.points.lengths.get(row),
        );
        match lengths {
            (Some(p), Some(q)) if *p > 0.0 && *q > 0.0 => {
                let difference = |(a, b): (f64, f64)| a / p - b / q;
                pairs.map(|pair| difference(pair).powi(2)).sum::<f64>() / 2.0
            }
            _ => 1.0,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Near {
    distance: f64,
    row: u32,
}

impl Eq for Near {}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let distances = self.distance.total_cmp(&other.distance);
        distances.then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The `k` nearest so far.
struct Nearest {
    k: usize,
    heap: BinaryHeap<Near>,
    /// See [`Space::far`].
    far: f32,
}

impl Nearest {
    fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::with_capacity(k + 1),
            far: f32::NEG_INFINITY,
        }
    }

    fn push(&mut self, near: Near) {
        self.heap.push(near);
        if self.heap.len() > self.k {
            self.heap.pop();
        }
    }

    /// Distance of the farthest of `k`.
    fn farthest(&self) -> Option<f64> {
        let full = self.heap.len() == self.k;
        self.heap.peek().filter(|_| full).map(|near| near.distance)
    }

    fn into_sorted(self) -> Vec<Near> {
        self.heap.into_sorted_vec()
    }
}

fn length(row: &[f32]) -> f64 {
    let squares = row.iter().map(|value| f64::from(*value).powi(2));
    squares.sum::<f64>().sqrt()
}

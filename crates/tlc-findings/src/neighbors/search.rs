//! Exact search: matrix products say which rows can be near, `f64` says how near.

use super::{Metric, Neighbors};
use crate::Embeddings;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::collections::BinaryHeap;

/// Queries and rows of one product.
const QUERIES: usize = 128;
const ROWS: usize = 1024;

pub(super) fn search(
    queries: &Embeddings,
    embeddings: &Embeddings,
    k: usize,
    metric: Metric,
    same: bool,
) -> Neighbors {
    let space = Space {
        queries: Points::new(queries, metric),
        points: Points::new(embeddings, metric),
        metric,
        same,
        // Of a product of two vectors: n roundings of at most half a unit each.
        rounding: (embeddings.dim() as f64 + 8.0) * f64::from(f32::EPSILON),
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
    Neighbors { k, rows, distances }
}

/// Vectors as the product takes them: unit vectors for the cosine.
struct Points<'a> {
    original: &'a Embeddings,
    values: Vec<f32>,
    /// What each vector was divided by.
    scales: Vec<f64>,
    /// Squared lengths of `values`.
    squares: Vec<f64>,
}

impl<'a> Points<'a> {
    fn new(original: &'a Embeddings, metric: Metric) -> Self {
        let scale = |row: &[f32]| match metric {
            Metric::Euclidean => 1.0,
            Metric::Cosine => length(row.iter().copied()),
        };
        let scales: Vec<f64> = original.rows().map(scale).collect();
        let rows = original.rows().zip(&scales);
        let divided = |(row, scale): (&'a [f32], &f64)| {
            let divisor = if *scale > 0.0 { *scale } else { 1.0 };
            let divided = row
                .iter()
                .map(move |value| (f64::from(*value) / divisor) as f32);
            divided.collect::<Vec<_>>()
        };
        let values: Vec<f32> = rows.flat_map(divided).collect();
        let squares = values.chunks_exact(original.dim());
        let squares = squares
            .map(|row| length(row.iter().copied()).powi(2))
            .collect();
        Self {
            original,
            values,
            scales,
            squares,
        }
    }

    fn values(&self, first: usize, rows: usize) -> &[f32] {
        let dim = self.original.dim();
        let values = self.values.get(first * dim..(first + rows) * dim);
        values.unwrap_or_default()
    }
}

struct Space<'a> {
    queries: Points<'a>,
    points: Points<'a>,
    metric: Metric,
    /// Whether queries and points are the same rows, and none is its own neighbour.
    same: bool,
    rounding: f64,
}

impl Space<'_> {
    /// The nearest of the queries of a block, each in order.
    fn nearest(&self, first: usize, queries: usize, k: usize) -> Vec<Vec<Near>> {
        let mut nearest: Vec<Nearest> = (0..queries).map(|_| Nearest::new(k)).collect();
        let dim = self.queries.original.dim();
        // Columns of nalgebra's matrices are contiguous: [dim, queries] is row-major here.
        let block = DMatrixView::from_slice(self.queries.values(first, queries), dim, queries);
        for start in (0..self.points.original.len()).step_by(ROWS) {
            let rows = ROWS.min(self.points.original.len() - start);
            let points = DMatrix::from_row_slice(rows, dim, self.points.values(start, rows));
            let products = points * block;
            for (at, (column, nearest)) in products.column_iter().zip(&mut nearest).enumerate() {
                self.offer(first + at, start, column.iter(), nearest);
            }
        }
        nearest.into_iter().map(Nearest::into_sorted).collect()
    }

    fn offer<'p>(
        &self,
        query: usize,
        start: usize,
        products: impl Iterator<Item = &'p f32>,
        nearest: &mut Nearest,
    ) {
        let square = self.queries.squares.get(query).copied().unwrap_or_default();
        let squares = self.points.squares.iter().skip(start).zip(products);
        for (row, (other, product)) in (start..).zip(squares) {
            let slack = self.rounding * (square + other);
            let at_least = square + other - 2.0 * f64::from(*product) - slack;
            if at_least > nearest.limit || (self.same && row == query) {
                continue;
            }
            nearest.push(Near {
                distance: self.distance(query, row),
                row: u32::try_from(row).unwrap_or(u32::MAX),
            });
            nearest.limit = nearest
                .farthest()
                .map_or(f64::INFINITY, |far| self.squared(far));
        }
    }

    /// The square of the length of the difference that makes a distance.
    fn squared(&self, distance: f64) -> f64 {
        match self.metric {
            Metric::Euclidean => distance * distance,
            Metric::Cosine => 2.0 * distance,
        }
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
        let scale = |points: &Points, row: usize| points.scales.get(row).copied();
        match (scale(&self.queries, query), scale(&self.points, row)) {
            (Some(p), Some(q)) if p > 0.0 && q > 0.0 => {
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
    /// Squared difference above which nothing is near enough.
    limit: f64,
}

impl Nearest {
    fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::with_capacity(k + 1),
            limit: f64::INFINITY,
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

fn length(values: impl Iterator<Item = f32>) -> f64 {
    values
        .map(|value| f64::from(value).powi(2))
        .sum::<f64>()
        .sqrt()
}

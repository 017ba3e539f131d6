//! Search among some of the points: matrix products say which can be near, `f64` says how
//! near.

use super::points::{Points, Rounding};
use super::{Metric, Neighbors};
use crate::Progress;
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Queries and points of one product, and how many of its values are compared at once.
pub(super) const QUERIES: usize = 512;
const POINTS: usize = 512;
const CHUNK: usize = 64;

/// What is searched, and by what.
pub(super) struct Space<'a> {
    pub(super) queries: &'a Points<'a>,
    pub(super) points: &'a Points<'a>,
    pub(super) metric: Metric,
    /// Whether queries and points are the same rows, and none is its own neighbour.
    pub(super) same: bool,
    pub(super) rounding: Rounding,
    pub(super) progress: &'a Progress,
}

/// Points in blocks, as the products take them.
pub(super) struct Blocks {
    blocks: Vec<Block>,
    /// The blocks of each cell.
    cells: Vec<Range<usize>>,
}

struct Block {
    /// Ascending within a cell.
    rows: Vec<u32>,
    /// `[rows, dim]`, column-major.
    vectors: DMatrix<f32>,
    halves: Vec<f32>,
}

impl Blocks {
    /// From the rows of each cell.
    pub(super) fn new(points: &Points<'_>, cells: &[Vec<u32>]) -> Self {
        let block = |rows: &[u32]| Block {
            vectors: DMatrix::from_row_slice(rows.len(), points.dim(), &points.vectors(rows)),
            halves: rows.iter().map(|row| points.half(*row as usize)).collect(),
            rows: rows.to_vec(),
        };
        let of_cell = |rows: &Vec<u32>| {
            let blocks = rows.len().div_ceil(POINTS).max(1);
            let rows = rows.chunks(rows.len().div_ceil(blocks).max(1));
            rows.map(block).collect::<Vec<_>>()
        };
        let blocks: Vec<Vec<Block>> = cells.par_iter().map(of_cell).collect();
        let cells = blocks.iter().scan(0, |end, blocks| {
            let start = *end;
            *end += blocks.len();
            Some(start..*end)
        });
        Self {
            cells: cells.collect(),
            blocks: blocks.into_iter().flatten().collect(),
        }
    }
}

/// A cell and the queries that look into it, by their place among those of a search.
pub(super) type Look = (usize, Vec<usize>);

impl Space<'_> {
    /// The nearest of all points: one cell, which every query looks into.
    pub(super) fn exact(&self, k: usize) -> Neighbors {
        let blocks = Blocks::new(self.points, &[numbered(self.points.len())]);
        let queries = numbered(self.queries.len());
        self.search(&blocks, &queries, k, |queries| {
            vec![(0, (0..queries.len()).collect())]
        })
    }

    /// The nearest of each query, which are searched as they are given, among the points of
    /// the cells that `looks` names for some of them; the result is in order of the rows of
    /// the queries.
    pub(super) fn search(
        &self,
        blocks: &Blocks,
        queries: &[u32],
        k: usize,
        looks: impl Fn(&[u32]) -> Vec<Look> + Sync,
    ) -> Neighbors {
        self.progress.begin("neighbours", queries.len());
        let parts = queries.par_chunks(QUERIES);
        let found = parts.map(|queries| {
            if self.progress.is_cancelled() {
                return Vec::new();
            }
            let found = self.nearest(blocks, queries, k, looks(queries));
            self.progress.advance(queries.len());
            found
        });
        let found: Vec<Vec<Near>> = found.collect();
        let (mut rows, mut distances) = (vec![0; queries.len() * k], vec![0.0; queries.len() * k]);
        let found = found.iter().flat_map(|found| found.chunks_exact(k));
        for (query, found) in queries.iter().zip(found) {
            let start = *query as usize * k;
            let rows = rows.iter_mut().skip(start);
            for ((row, distance), near) in rows.zip(distances.iter_mut().skip(start)).zip(found) {
                (*row, *distance) = (near.row, near.distance);
            }
        }
        Neighbors::new(k, rows, distances)
    }

    /// The `k` nearest of some queries, each in order, one query after the other.
    pub(super) fn nearest(
        &self,
        blocks: &Blocks,
        queries: &[u32],
        k: usize,
        looks: Vec<Look>,
    ) -> Vec<Near> {
        let dim = self.queries.dim();
        let vectors = self.queries.vectors(queries);
        let mut nearest: Vec<Nearest> = queries.iter().map(|_| Nearest::new(k)).collect();
        let mut products = vec![0.0; POINTS * queries.len()];
        for (cell, looking) in looks {
            let range = blocks.cells.get(cell).cloned().unwrap_or_default();
            for block in blocks.blocks.get(range).unwrap_or_default() {
                let first = block.rows.first().copied().unwrap_or_default();
                let open = |at: &&usize| nearest.get(**at).is_some_and(|near| near.can_take(first));
                let looking: Vec<usize> = looking.iter().filter(open).copied().collect();
                let asked = match looking.len() == queries.len() {
                    true => Cow::Borrowed(&vectors),
                    false => Cow::Owned(some_of(&vectors, dim, &looking)),
                };
                let asked = DMatrixView::from_slice(&asked, dim, looking.len());
                let rows = block.rows.len();
                DMatrixViewMut::from_slice(&mut products, rows, looking.len()).gemm(
                    1.0,
                    &block.vectors,
                    &asked,
                    0.0,
                );
                let columns = products.chunks_exact(rows.max(1));
                for (at, column) in looking.iter().zip(columns) {
                    if let (Some(query), Some(nearest)) = (queries.get(*at), nearest.get_mut(*at)) {
                        self.offer(*query as usize, block, column, nearest);
                    }
                }
            }
        }
        nearest.into_iter().flat_map(Nearest::into_sorted).collect()
    }

    /// Offers the points of a block, whose products with the query these are.
    fn offer(&self, query: usize, block: &Block, products: &[f32], nearest: &mut Nearest) {
        let chunks = products.chunks(CHUNK).zip(block.halves.chunks(CHUNK));
        for ((products, halves), rows) in chunks.zip(block.rows.chunks(CHUNK)) {
            let pairs = products.iter().zip(halves);
            let differences = pairs.map(|(product, half)| product - half);
            let far = differences
                .clone()
                .fold(true, |all, difference| all & (difference < nearest.far));
            if far {
                continue;
            }
            for (row, difference) in rows.iter().zip(differences) {
                let itself = self.same && *row as usize == query;
                if difference < nearest.far || itself || !nearest.can_take(*row) {
                    continue;
                }
                nearest.push(Near {
                    distance: self.queries.distance(query, self.points, *row as usize),
                    row: *row,
                });
                nearest.far = self.far(query, nearest.farthest());
            }
        }
    }

    /// A row is certainly farther than the farthest of the nearest so far if its product
    /// less half its square is below this: `|a - b|^2 = |a|^2 + |b|^2 - 2ab`.
    fn far(&self, query: usize, farthest: Option<Near>) -> f32 {
        let Some(Near { distance, .. }) = farthest else {
            return f32::NEG_INFINITY;
        };
        let limit = match self.metric {
            Metric::Euclidean => (distance * self.rounding.scale).powi(2),
            Metric::Cosine => 2.0 * distance,
        };
        let square = self.queries.square(query);
        let certain = self.rounding.certain(square) - self.rounding.absolute;
        (((certain - limit) / 2.0) as f32).next_down()
    }
}

/// Some of these vectors.
fn some_of(vectors: &[f32], dim: usize, places: &[usize]) -> Vec<f32> {
    let some = places
        .iter()
        .filter_map(|at| vectors.get(at * dim..(at + 1) * dim));
    some.flatten().copied().collect()
}

/// All of so many rows.
pub(super) fn numbered(rows: usize) -> Vec<u32> {
    (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    pub(super) distance: f64,
    pub(super) row: u32,
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

    /// The farthest of `k`.
    fn farthest(&self) -> Option<Near> {
        let full = self.heap.len() == self.k;
        self.heap.peek().filter(|_| full).copied()
    }

    /// Whether a row could be among the nearest, at any distance: not where `k` duplicates of
    /// smaller rows are.
    fn can_take(&self, row: u32) -> bool {
        let nothing = Near { distance: 0.0, row };
        self.farthest().is_none_or(|farthest| nothing < farthest)
    }

    fn into_sorted(self) -> Vec<Near> {
        self.heap.into_sorted_vec()
    }
}

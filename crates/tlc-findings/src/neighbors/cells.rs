//! Cells: parts of the space, each the points that are nearest to its centre (k-means, by
//! Lloyd's algorithm).

use super::points::Points;
use super::search::QUERIES;
use crate::Progress;
use crate::random::Random;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

/// Points that centres are found by, for each of them, and how often centres move.
const SAMPLED: usize = 50;
const MOVES: usize = 8;

/// Products are made of no fewer vectors than this, some of them 0: `nalgebra` makes narrower
/// ones in another order, and equal vectors must come out equal.
const NARROWEST: usize = 6;

pub(super) struct Cells {
    /// `[cells, dim]`, column-major.
    centres: DMatrix<f32>,
    /// Half of their squared lengths.
    halves: Vec<f32>,
}

impl Cells {
    /// Finds the centres of so many cells by a sample of the points.
    pub(super) fn find(points: &Points<'_>, count: usize, seed: u64, progress: &Progress) -> Self {
        let mut random = Random::new(seed);
        let sampled = random.sample(points.len(), count.saturating_mul(SAMPLED));
        let vectors = points.vectors(&sampled);
        let dim = points.dim();
        let mut centres: Vec<f32> = vectors.iter().copied().take(count * dim).collect();
        progress.begin("cells", MOVES);
        for _ in 0..MOVES {
            if progress.is_cancelled() {
                break;
            }
            progress.advance(1);
            let cells = Self::new(&centres, dim);
            let blocks = vectors.par_chunks(QUERIES * dim);
            let homes = blocks.flat_map_iter(|vectors| cells.homes(vectors));
            let homes: Vec<usize> = homes.collect();
            means(&mut centres, dim, &vectors, &homes);
        }
        Self::new(&centres, dim)
    }

    fn new(centres: &[f32], dim: usize) -> Self {
        let half = |centre: &[f32]| centre.iter().map(|x| x * x).sum::<f32>() / 2.0;
        Self {
            centres: DMatrix::from_row_slice(centres.len() / dim, dim, centres),
            halves: centres.chunks_exact(dim).map(half).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.halves.len()
    }

    /// The cell of each of some points.
    pub(super) fn of(&self, points: &Points<'_>, rows: &[u32]) -> Vec<usize> {
        let blocks = rows.par_chunks(QUERIES);
        let homes = blocks.flat_map_iter(|rows| self.homes(&points.vectors(rows)));
        homes.collect()
    }

    /// How near each cell is to some vectors, `[cells]` for each: half the squared distance
    /// of its centre, less half the vector's square.
    pub(super) fn distances(&self, vectors: &[f32]) -> impl Iterator<Item = Vec<f32>> + use<'_> {
        let (dim, count) = (self.centres.ncols(), vectors.len() / self.centres.ncols());
        let mut vectors = vectors.to_vec();
        vectors.resize(count.max(NARROWEST) * dim, 0.0);
        let vectors = DMatrixView::from_slice(&vectors, dim, count.max(NARROWEST));
        let mut products = DMatrix::zeros(self.len(), vectors.ncols());
        products.gemm(1.0, &self.centres, &vectors, 0.0);
        (0..count).map(move |at| {
            let column = products.column(at);
            let pairs = column.iter().zip(&self.halves);
            pairs.map(|(product, half)| half - product).collect()
        })
    }

    fn homes(&self, vectors: &[f32]) -> impl Iterator<Item = usize> + use<'_> {
        self.distances(vectors).map(|distances| {
            let nearest = distances.iter().enumerate();
            let nearest = nearest.min_by(|a, b| a.1.total_cmp(b.1));
            nearest.map_or(0, |(cell, _)| cell)
        })
    }
}

/// Moves each centre to the mean of the vectors that are at home with it, if any are.
fn means(centres: &mut [f32], dim: usize, vectors: &[f32], homes: &[usize]) {
    let mut sums = vec![0.0_f64; centres.len()];
    let mut counts = vec![0_u32; centres.len() / dim];
    for (vector, home) in vectors.chunks_exact(dim).zip(homes) {
        let sums = sums.iter_mut().skip(home * dim);
        sums.zip(vector).for_each(|(sum, x)| *sum += f64::from(*x));
        if let Some(count) = counts.get_mut(*home) {
            *count += 1;
        }
    }
    let centres = centres.chunks_exact_mut(dim).zip(sums.chunks_exact(dim));
    for ((centre, sums), count) in centres.zip(counts).filter(|(_, count)| *count > 0) {
        for (x, sum) in centre.iter_mut().zip(sums) {
            *x = (sum / f64::from(count)) as f32;
        }
    }
}

//! Approximate search: exact among the points of the cells nearest to a query (an inverted
//! file; Jégou, Douze and Schmid, *Product Quantization for Nearest Neighbor Search*, 2011,
//! without the quantization). Into how many cells a query looks is what the asked recall
//! takes for a sample of queries whose neighbours are searched exactly.
//!
//! Equal vectors are in one cell, and a query looks into its own, so that duplicates are
//! found whatever the recall.

use super::Neighbors;
use super::cells::Cells;
use super::search::{Blocks, Look, Space, numbered};
use crate::random::Random;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Queries that are searched exactly: by half of them the number of cells is chosen, by the
/// other half the recall is told.
const SAMPLED: usize = 1024;
/// Of what may be missed, so much is kept back, since a sample is no more than that.
const KEPT_BACK: f64 = 0.25;

/// Searches with the asked recall.
pub(super) fn search(space: &Space<'_>, k: usize, recall: f64, seed: u64) -> Neighbors {
    let points = space.points;
    let cells = Cells::find(points, count(points.len()), seed, space.progress);
    let homes = cells.of(points, &numbered(points.len()));
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); cells.len()];
    for (row, home) in (0..).zip(&homes) {
        if let Some(rows) = rows.get_mut(*home) {
            rows.push(row);
        }
    }
    let blocks = Blocks::new(points, &rows);
    let points_of_cell: Vec<usize> = rows.iter().map(Vec::len).collect();
    let (looked_into, recall) = calibrated(space, &cells, &blocks, &homes, k, recall, seed);
    let queries = match space.same {
        true => rows.into_iter().flatten().collect(),
        false => by_cell(&cells.of(space.queries, &numbered(space.queries.len()))),
    };
    let reach = Reach {
        cells: &cells,
        points: &points_of_cell,
        looked_into,
        needed: k + usize::from(space.same),
    };
    let found = space.search(&blocks, &queries, k, |queries| {
        reach.looks(queries, &space.queries.vectors(queries))
    });
    found.with_recall(recall)
}

/// How many cells there are for so many points: a search compares a query with as many
/// centres as points of a cell.
fn count(points: usize) -> usize {
    (points as f64).sqrt().ceil() as usize
}

/// Rows in order of their cells.
fn by_cell(homes: &[usize]) -> Vec<u32> {
    let mut rows = numbered(homes.len());
    rows.sort_by_key(|row| homes.get(*row as usize).copied());
    rows
}

/// Where a query looks.
struct Reach<'a> {
    cells: &'a Cells,
    /// Of each cell, how many.
    points: &'a [usize],
    looked_into: usize,
    /// Points that there must be, whatever the number of cells.
    needed: usize,
}

impl Reach<'_> {
    /// The cells that some queries look into, the most wanted first.
    fn looks(&self, queries: &[u32], vectors: &[f32]) -> Vec<Look> {
        let mut looking: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, distances) in (0..queries.len()).zip(self.cells.distances(vectors)) {
            for cell in self.nearest(distances) {
                looking.entry(cell).or_default().push(at);
            }
        }
        let mut looks: Vec<Look> = looking.into_iter().collect();
        looks.sort_by_key(|(_, looking)| std::cmp::Reverse(looking.len()));
        looks
    }

    fn nearest(&self, distances: Vec<f32>) -> impl Iterator<Item = usize> {
        let mut order: Vec<(f32, usize)> = distances.into_iter().zip(0..).collect();
        let nearer = |a: &(f32, usize), b: &(f32, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let points = |(_, cell): &(f32, usize)| self.points.get(*cell).copied().unwrap_or_default();
        let mut number = self.looked_into.min(order.len());
        if number < order.len() {
            order.select_nth_unstable_by(number, nearer);
        }
        if order.iter().take(number).map(points).sum::<usize>() < self.needed {
            order.sort_unstable_by(nearer);
            let ends = order.iter().scan(0, |sum, cell| {
                *sum += points(cell);
                Some(*sum)
            });
            let too_few = ends.take_while(|sum| *sum < self.needed).count();
            number = number.max(too_few + 1);
        }
        order.into_iter().take(number).map(|(_, cell)| cell)
    }
}

/// Into how many cells each query looks for the asked recall, and the recall that gives.
fn calibrated(
    space: &Space<'_>,
    cells: &Cells,
    blocks: &Blocks,
    homes: &[usize],
    k: usize,
    recall: f64,
    seed: u64,
) -> (usize, f64) {
    let mut random = Random::new(!seed);
    let queries = random.sample(space.queries.len(), SAMPLED);
    space.progress.begin("recall", queries.len());
    let ranks = queries.par_chunks(SAMPLED / 16).map(|queries| {
        if space.progress.is_cancelled() {
            return Vec::new();
        }
        space.progress.advance(queries.len());
        let everywhere = (0..cells.len()).map(|cell| (cell, (0..queries.len()).collect()));
        let near = space.nearest(blocks, queries, k, everywhere.collect());
        let distances = cells.distances(&space.queries.vectors(queries));
        let of_query = near
            .chunks_exact(k)
            .zip(distances)
            .map(|(near, distances)| {
                let homes = near.iter().map(|near| homes.get(near.row as usize));
                let ranks = homes.map(|home| rank(&distances, home.copied().unwrap_or_default()));
                ranks.collect::<Vec<usize>>()
            });
        of_query.collect::<Vec<_>>()
    });
    let ranks: Vec<Vec<usize>> = ranks.flatten().collect();
    let (by, told): (Vec<_>, Vec<_>) = ranks.into_iter().zip(0..).partition(|(_, at)| at % 2 == 0);
    let flat = |ranks: Vec<(Vec<usize>, usize)>| -> Vec<usize> {
        ranks.into_iter().flat_map(|(ranks, _)| ranks).collect()
    };
    let (mut by, mut told) = (flat(by), flat(told));
    if told.is_empty() {
        told.clone_from(&by);
    }
    by.sort_unstable();
    let missed = (1.0 - recall) * (1.0 - KEPT_BACK) * by.len() as f64;
    let last = by.len().saturating_sub(1 + missed as usize);
    let number = by.get(last).map_or(cells.len(), |rank| rank + 1);
    let found = told.iter().filter(|rank| **rank < number).count();
    (number, found as f64 / told.len().max(1) as f64)
}

/// How many cells are nearer than one of them.
fn rank(distances: &[f32], cell: usize) -> usize {
    let Some(own) = distances.get(cell) else {
        return 0;
    };
    let nearer = distances.iter().enumerate();
    let nearer = nearer.filter(|(at, other)| other.total_cmp(own).then(at.cmp(&cell)).is_lt());
    nearer.count()
}

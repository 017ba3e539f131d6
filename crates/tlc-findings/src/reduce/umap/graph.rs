//! The fuzzy graph of neighbours (sections 3.1 and 4.1 of the paper).

use crate::neighbors::Neighbors;
use rayon::prelude::*;

/// Bisections of a bandwidth.
const STEPS: usize = 64;
/// A bandwidth is at least this fraction of the mean distance.
const SMALLEST_SCALE: f64 = 1e-3;

/// The neighbours of every vertex in either direction, and how much each belongs to it: 1
/// for the strongest edge.
pub(super) struct Graph {
    /// Where the edges of each vertex start, and where the last end.
    starts: Vec<usize>,
    edges: Vec<(u32, f32)>,
}

impl Graph {
    /// The union of what the neighbours say of each other: `a + b - ab`.
    pub(super) fn new(neighbors: &Neighbors) -> Self {
        let vertices = 0..neighbors.len();
        let directed = vertices.into_par_iter().flat_map_iter(|vertex| {
            let weights = memberships(neighbors.distances(vertex));
            let vertex = u32::try_from(vertex).unwrap_or(u32::MAX);
            let edges = neighbors.rows(vertex as usize).iter().zip(weights);
            edges.flat_map(move |(other, weight)| {
                [(vertex, *other, weight), (*other, vertex, weight)]
            })
        });
        let mut edges: Vec<(u32, u32, f64)> = directed.collect();
        edges.par_sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        // An edge that both ends name stands there twice.
        edges.dedup_by(|second, first| {
            let same = (second.0, second.1) == (first.0, first.1);
            if same {
                first.2 = first.2 + second.2 - first.2 * second.2;
            }
            same
        });
        let strongest = edges
            .iter()
            .fold(0.0_f64, |strongest, edge| strongest.max(edge.2));
        let vertices = 0..=neighbors.len();
        let start = |vertex| edges.partition_point(|edge| (edge.0 as usize) < vertex);
        Self {
            starts: vertices.map(start).collect(),
            edges: edges
                .iter()
                .map(|(_, other, weight)| (*other, (weight / strongest) as f32))
                .collect(),
        }
    }

    /// Neighbours of a vertex and the weights of the edges, at most 1.
    pub(super) fn edges(&self, vertex: usize) -> &[(u32, f32)] {
        match self.starts.get(vertex..).unwrap_or_default() {
            [start, end, ..] => self.edges.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// How much neighbours at these ascending distances belong to a sample: 1 for the nearest,
/// and the logarithm of their number, the sample itself counted, in all.
pub(super) fn memberships(distances: &[f64]) -> Vec<f64> {
    let nearest = distances.iter().copied().find(|distance| *distance > 0.0);
    let nearest = nearest.unwrap_or_default();
    let bandwidth = bandwidth(distances, nearest);
    let weights = distances.iter().map(|d| membership(d - nearest, bandwidth));
    weights.collect()
}

fn membership(beyond: f64, bandwidth: f64) -> f64 {
    match beyond > 0.0 {
        true => (-beyond / bandwidth).exp(),
        false => 1.0,
    }
}

fn bandwidth(distances: &[f64], nearest: f64) -> f64 {
    let wanted = (distances.len() as f64 + 1.0).log2();
    let (mut low, mut high, mut bandwidth) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..STEPS {
        let sum: f64 = distances
            .iter()
            .map(|d| membership(d - nearest, bandwidth))
            .sum();
        if sum > wanted {
            high = bandwidth;
        } else {
            low = bandwidth;
        }
        bandwidth = match high.is_finite() {
            true => (low + high) / 2.0,
            false => bandwidth * 2.0,
        };
    }
    let mean = distances.iter().sum::<f64>() / (distances.len() as f64).max(1.0);
    bandwidth.max(SMALLEST_SCALE * mean).max(f64::MIN_POSITIVE)
}

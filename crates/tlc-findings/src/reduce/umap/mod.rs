//! Uniform manifold approximation and projection.

mod curve;
mod graph;
mod layout;
mod lookup;
mod options;

pub use self::options::UmapOptions;

use self::curve::Curve;
use self::graph::Graph;
use self::layout::Layout;
use self::lookup::Lookup;
use super::Pca;
use crate::neighbors::{Metric, nearest_to, nearest_with};
use crate::random::Random;
use crate::{Embeddings, Error, Progress, Result};
use std::sync::Arc;

/// Distance in the layout that stands for far.
const SPREAD: f64 = 1.0;
/// Extent of the layout that the optimiser starts from, and how far points of it are put
/// apart at random.
const FIRST_EXTENT: f32 = 10.0;
const FIRST_NOISE: f32 = 1e-4;

/// A layout that keeps neighbours together, after McInnes, Healy and Melville, "UMAP: Uniform
/// Manifold Approximation and Projection for Dimension Reduction" (2018), started from the principal
/// components. Neighbours are exact, but of large sets, see
/// [`UmapOptions::search`].
///
/// The same embeddings, options and seed give the same layout, bit by bit, whatever the
/// number of threads. Distances between clusters and their sizes say little.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::reduce::{Umap, UmapOptions};
///
/// let values = (0..60).map(|at| ((at * at) as f32).sin() + (at / 30) as f32 * 9.0);
/// let embeddings = Embeddings::new(values.collect(), 3)?;
/// let umap = Umap::fit(&embeddings, &UmapOptions::new().neighbors(5))?;
/// assert_eq!((umap.points().len(), umap.points().dim()), (20, 2));
/// assert_eq!(umap.transform(&embeddings)?, *umap.points());
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Umap {
    pub(super) metric: Metric,
    pub(super) neighbors: usize,
    pub(super) vectors: Arc<Embeddings>,
    pub(super) points: Arc<Embeddings>,
    lookup: Arc<Lookup>,
}

impl Umap {
    /// Lays out the embeddings. Equal vectors have equal points.
    ///
    /// # Errors
    /// [`Error::Setting`] for options out of range; [`Error::TooFew`] for fewer rows than
    /// `neighbors`, or vectors shorter than `components`.
    pub fn fit(embeddings: &Embeddings, options: &UmapOptions) -> Result<Self> {
        Self::fit_with(embeddings, options, &Progress::new())
    }

    /// As [`fit`](Self::fit), followed and ended by its progress.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::Cancelled`].
    pub fn fit_with(
        embeddings: &Embeddings,
        options: &UmapOptions,
        progress: &Progress,
    ) -> Result<Self> {
        options.check()?;
        if embeddings.len() < options.neighbors {
            return Err(Error::TooFew {
                what: "rows to fit UMAP: as many as `neighbors` or more",
                needed: options.neighbors,
                found: embeddings.len(),
            });
        }
        let lookup = Lookup::new(embeddings);
        let points = match options.components {
            2 => lay_out::<2>(embeddings, &lookup, options, progress)?,
            _ => lay_out::<3>(embeddings, &lookup, options, progress)?,
        };
        Ok(Self {
            metric: options.metric,
            neighbors: options.neighbors,
            vectors: Arc::new(embeddings.vectors()),
            points: Arc::new(points),
            lookup: Arc::new(lookup),
        })
    }

    /// One that was fitted before, if it is what [`fit`](Self::fit) gives; else what is
    /// wrong with it.
    pub(super) fn fitted(
        metric: Metric,
        neighbors: usize,
        vectors: Embeddings,
        points: Embeddings,
    ) -> Result<Self, &'static str> {
        if points.len() != vectors.len() {
            return Err("it has not one point for each vector");
        }
        if !(2..=3).contains(&points.dim()) {
            return Err("its points have not two or three components");
        }
        if !(2..=vectors.len()).contains(&neighbors) {
            return Err("its neighbors are too few, or more than its vectors");
        }
        Ok(Self {
            metric,
            neighbors,
            lookup: Arc::new(Lookup::new(&vectors)),
            vectors: Arc::new(vectors),
            points: Arc::new(points),
        })
    }

    /// The layout of the rows that were fitted, `[samples, components]`.
    #[must_use]
    pub fn points(&self) -> &Embeddings {
        &self.points
    }

    /// Number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        self.points.dim()
    }

    /// Places for other embeddings, `[samples, components]`. A vector that was fitted gets
    /// its own point; another one the mean of the points of its nearest fitted neighbours,
    /// weighted by how much they belong to it. The layout itself does not change.
    ///
    /// # Errors
    /// [`Error::Shape`] for vectors of another length than those fitted.
    pub fn transform(&self, embeddings: &Embeddings) -> Result<Embeddings> {
        if embeddings.dim() != self.vectors.dim() {
            return Err(Error::Shape {
                what: "embeddings to reduce",
                expected: format!("[samples, {}]", self.vectors.dim()),
                found: format!("[{}, {}]", embeddings.len(), embeddings.dim()),
            });
        }
        let fitted: Vec<Option<usize>> = embeddings
            .rows()
            .map(|vector| self.lookup.first(&self.vectors, vector))
            .collect();
        let others = embeddings.rows().zip(&fitted);
        let others = others.filter(|(_, fitted)| fitted.is_none());
        let others = others.flat_map(|(vector, _)| vector).copied().collect();
        let means = self.means(&Embeddings::new(others, embeddings.dim())?)?;
        let mut means = means.rows();
        let points = fitted.iter().flat_map(|row| match row {
            Some(row) => self.points.row(*row),
            None => means.next().unwrap_or_default(),
        });
        Embeddings::new(points.copied().collect(), self.components())
    }

    /// The mean of the points of the nearest fitted neighbours of each vector.
    fn means(&self, embeddings: &Embeddings) -> Result<Embeddings> {
        let k = self.neighbors.saturating_sub(1);
        let near = nearest_to(embeddings, &self.vectors, k, self.metric)?;
        let mut means = Vec::with_capacity(near.len() * self.components());
        for query in 0..near.len() {
            let weights = graph::memberships(near.distances(query));
            let total: f64 = weights.iter().sum();
            let mut mean = vec![0.0; self.components()];
            for (row, weight) in near.rows(query).iter().zip(weights) {
                let point = self.points.row(*row as usize);
                for (mean, value) in mean.iter_mut().zip(point) {
                    *mean += f64::from(*value) * weight / total;
                }
            }
            means.extend(mean.into_iter().map(|value| value as f32));
        }
        Embeddings::new(means, self.components())
    }
}

fn lay_out<const D: usize>(
    embeddings: &Embeddings,
    lookup: &Lookup,
    options: &UmapOptions,
    progress: &Progress,
) -> Result<Embeddings> {
    let first = first_points::<D>(embeddings, options.seed)?;
    let neighbors = nearest_with(
        options.search,
        embeddings,
        options.neighbors - 1,
        options.metric,
        progress,
    )?;
    let graph = Graph::new(&neighbors);
    let epochs = match embeddings.len() {
        ..=10_000 => 500,
        _ => 200,
    };
    let layout = Layout {
        graph: &graph,
        curve: Curve::fit(options.min_dist, SPREAD),
        epochs: options.epochs.unwrap_or(epochs),
        seed: options.seed,
        progress,
    };
    let points = layout.optimize(first)?;
    let rows = embeddings.rows();
    let rows = rows.filter_map(|vector| lookup.first(embeddings, vector));
    let points = rows.filter_map(|row| points.get(row));
    Embeddings::new(points.flatten().copied().collect(), D)
}

/// Principal components, each axis scaled to the same extent, duplicates a little apart.
fn first_points<const D: usize>(embeddings: &Embeddings, seed: u64) -> Result<Vec<[f32; D]>> {
    let components = Pca::fit(embeddings, D)?.transform(embeddings)?;
    let (rows, _) = components.values().as_chunks::<D>();
    let mut points = rows.to_vec();
    let mut random = Random::new(!seed);
    for axis in 0..D {
        let values = || rows.iter().filter_map(|row| row.get(axis));
        let low = values().fold(f32::INFINITY, |low, value| low.min(*value));
        let high = values().fold(f32::NEG_INFINITY, |high, value| high.max(*value));
        let scale = match high > low {
            true => FIRST_EXTENT / (high - low),
            false => 0.0,
        };
        for value in points.iter_mut().filter_map(|point| point.get_mut(axis)) {
            let noise = random.next() as f64 / u64::MAX as f64 - 0.5;
            *value = (*value - low) * scale + FIRST_NOISE * noise as f32;
        }
    }
    Ok(points)
}

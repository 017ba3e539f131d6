//! What a layout is asked to be.

use crate::neighbors::{Metric, Search};
use crate::{Error, Result};

/// Settings of a [`Umap`](super::Umap); the defaults are those of `umap-learn`.
///
/// ```
/// use tlc_findings::reduce::UmapOptions;
///
/// let options = UmapOptions::new().components(3).neighbors(30).seed(7);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UmapOptions {
    pub(super) components: usize,
    pub(super) neighbors: usize,
    pub(super) min_dist: f64,
    pub(super) metric: Metric,
    pub(super) search: Search,
    pub(super) epochs: Option<usize>,
    pub(super) seed: u64,
}

impl Default for UmapOptions {
    fn default() -> Self {
        Self {
            components: 2,
            neighbors: 15,
            min_dist: 0.1,
            metric: Metric::Euclidean,
            search: Search::Auto,
            epochs: None,
            seed: 0,
        }
    }
}

impl UmapOptions {
    /// Two components, 15 neighbours, a smallest distance of 0.1, Euclidean, seed 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Dimensions of the layout: 2 or 3.
    #[must_use]
    pub fn components(self, components: usize) -> Self {
        Self { components, ..self }
    }

    /// Neighbours that a sample is held together with, itself counted: few show detail, many
    /// show the whole.
    #[must_use]
    pub fn neighbors(self, neighbors: usize) -> Self {
        Self { neighbors, ..self }
    }

    /// How near neighbours may come in the layout: 0 to 1.
    #[must_use]
    pub fn min_dist(self, min_dist: f64) -> Self {
        Self { min_dist, ..self }
    }

    /// How far two embeddings are apart.
    #[must_use]
    pub fn metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// How the neighbours of the samples are searched.
    #[must_use]
    pub fn search(self, search: Search) -> Self {
        Self { search, ..self }
    }

    /// Steps of the optimiser: 500 up to 10,000 samples, else 200, if not set.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self {
            epochs: Some(epochs),
            ..self
        }
    }

    /// Another seed gives another layout; the same seed gives the same one.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(super) fn check(&self) -> Result<()> {
        let refuse = |setting, expected, found: String| {
            Err(Error::Setting {
                setting,
                expected,
                found,
            })
        };
        if !(2..=3).contains(&self.components) {
            return refuse("components", "2 or 3", self.components.to_string());
        }
        if self.neighbors < 2 {
            return refuse("neighbors", "2 or more", self.neighbors.to_string());
        }
        if !(0.0..=1.0).contains(&self.min_dist) {
            return refuse("min_dist", "0 to 1", self.min_dist.to_string());
        }
        Ok(())
    }
}

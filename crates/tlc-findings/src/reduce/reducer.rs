//! Either kind of reducer.

use super::{Pca, Umap};
use crate::{Embeddings, Result};

/// A fitted reducer, as [`save`](super::save), [`load`](super::load) and
/// [`apply`](super::apply) take it. A clone shares the fitted rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reducer {
    /// Principal components.
    Pca(Pca),
    /// A layout that keeps neighbours together.
    Umap(Umap),
}

impl Reducer {
    /// The embeddings reduced, `[samples, components]`.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) for vectors of another length than those fitted.
    pub fn transform(&self, embeddings: &Embeddings) -> Result<Embeddings> {
        match self {
            Self::Pca(pca) => pca.transform(embeddings),
            Self::Umap(umap) => umap.transform(embeddings),
        }
    }

    /// Number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        match self {
            Self::Pca(pca) => pca.components(),
            Self::Umap(umap) => umap.components(),
        }
    }

    /// What a column that it made is called after the column it was made of, and described as.
    pub(super) fn labels(&self) -> (&'static str, &'static str) {
        match self {
            Self::Pca(_) => ("pca", "principal components"),
            Self::Umap(_) => ("umap", "layout by UMAP"),
        }
    }
}

impl From<Pca> for Reducer {
    fn from(pca: Pca) -> Self {
        Self::Pca(pca)
    }
}

impl From<Umap> for Reducer {
    fn from(umap: Umap) -> Self {
        Self::Umap(umap)
    }
}

impl From<&Pca> for Reducer {
    fn from(pca: &Pca) -> Self {
        Self::Pca(pca.clone())
    }
}

impl From<&Umap> for Reducer {
    fn from(umap: &Umap) -> Self {
        Self::Umap(umap.clone())
    }
}

impl From<&Self> for Reducer {
    fn from(reducer: &Self) -> Self {
        reducer.clone()
    }
}

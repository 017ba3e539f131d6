//! Principal components.

use crate::{Embeddings, Error, Result};
use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

/// Rows that are added to the covariance at a time.
const BLOCK_ROWS: usize = 1024;

/// Principal component analysis, exact: eigenvectors of the covariance, in `f64`.
///
/// The sign of a component is such that its entry of largest magnitude is positive, as in
/// scikit-learn, so the same data give the same picture.
///
/// ```
/// use tlc_findings::Embeddings;
/// use tlc_findings::reduce::Pca;
///
/// let line = Embeddings::new(vec![0.0, 0.0, 3.0, 4.0, 6.0, 8.0], 2)?;
/// let pca = Pca::fit(&line, 1)?;
/// assert_eq!(pca.transform(&line)?.values(), [-5.0, 0.0, 5.0]);
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pca {
    mean: Vec<f64>,
    /// One vector `[dim]` for each component.
    components: Vec<Vec<f64>>,
    explained_variance: Vec<f64>,
    total_variance: f64,
}

impl Pca {
    /// Fits this many components.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer than two rows, no component, or more than the vectors
    /// are long.
    pub fn fit(embeddings: &Embeddings, components: usize) -> Result<Self> {
        let dim = embeddings.dim();
        for (what, needed, found) in [
            ("rows to fit principal components", 2, embeddings.len()),
            ("components", 1, components),
            ("dimensions to find components in", components, dim),
        ] {
            if found < needed {
                return Err(Error::TooFew {
                    what,
                    needed,
                    found,
                });
            }
        }
        let mean = mean(embeddings);
        let covariance = covariance(embeddings, &mean);
        let total_variance = covariance.trace();
        let eigen = SymmetricEigen::new(covariance);
        let mut order: Vec<(usize, f64)> = eigen.eigenvalues.iter().copied().enumerate().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        order.truncate(components);
        let component = |(at, _): &(usize, f64)| {
            signed(eigen.eigenvectors.column(*at).iter().copied().collect())
        };
        Ok(Self {
            mean,
            components: order.iter().map(component).collect(),
            explained_variance: order.iter().map(|(_, value)| value.max(0.0)).collect(),
            total_variance,
        })
    }

    /// The embeddings in the space of the components, `[samples, components]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for vectors of another length than those fitted.
    pub fn transform(&self, embeddings: &Embeddings) -> Result<Embeddings> {
        if embeddings.dim() != self.mean.len() {
            return Err(Error::Shape {
                what: "embeddings to reduce",
                expected: format!("[samples, {}]", self.mean.len()),
                found: format!("[{}, {}]", embeddings.len(), embeddings.dim()),
            });
        }
        let values = embeddings.rows().flat_map(|row| {
            let centered = row.iter().zip(&self.mean);
            let centered: Vec<f64> = centered.map(|(x, mean)| f64::from(*x) - mean).collect();
            self.components.iter().map(move |component| {
                let products = component.iter().zip(&centered).map(|(a, b)| a * b);
                products.sum::<f64>() as f32
            })
        });
        Embeddings::new(values.collect(), self.components.len())
    }

    /// Itself, if it is what [`fit`](Self::fit) gives; else what is wrong with it.
    pub(super) fn checked(self) -> Result<Self, &'static str> {
        let (components, dim) = (self.components.len(), self.mean.len());
        if self.components.iter().any(|vector| vector.len() != dim) {
            return Err("its components are not of one length");
        }
        if !(1..=dim).contains(&components) || self.explained_variance.len() != components {
            return Err("its components are none, too many, or have no variance");
        }
        Ok(self)
    }

    /// Number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        self.components.len()
    }

    /// Variance along each component `[components]`, of `samples - 1`.
    #[must_use]
    pub fn explained_variance(&self) -> &[f64] {
        &self.explained_variance
    }

    /// The same as a fraction of the variance of all dimensions.
    #[must_use]
    pub fn explained_variance_ratio(&self) -> Vec<f64> {
        let ratio = |variance: &f64| match self.total_variance > 0.0 {
            true => variance / self.total_variance,
            false => 0.0,
        };
        self.explained_variance.iter().map(ratio).collect()
    }
}

fn mean(embeddings: &Embeddings) -> Vec<f64> {
    let mut mean = vec![0.0; embeddings.dim()];
    for row in embeddings.rows() {
        for (sum, value) in mean.iter_mut().zip(row) {
            *sum += f64::from(*value);
        }
    }
    let rows = embeddings.len() as f64;
    mean.iter().map(|sum| sum / rows).collect()
}

/// `[dim, dim]`, from blocks of centred rows.
fn covariance(embeddings: &Embeddings, mean: &[f64]) -> DMatrix<f64> {
    let dim = embeddings.dim();
    let mut covariance = DMatrix::<f64>::zeros(dim, dim);
    for block in embeddings.values().chunks(BLOCK_ROWS * dim) {
        let means = mean.iter().cycle();
        let centered = block
            .iter()
            .zip(means)
            .map(|(x, mean)| f64::from(*x) - mean);
        // Columns are contiguous: [dim, rows].
        let block = DMatrix::from_iterator(dim, block.len() / dim, centered);
        covariance += &block * block.transpose();
    }
    covariance / (embeddings.len() as f64 - 1.0)
}

fn signed(component: Vec<f64>) -> Vec<f64> {
    let largest = component.iter().fold(0.0_f64, |largest, value| {
        if value.abs() > largest.abs() {
            *value
        } else {
            largest
        }
    });
    let sign = if largest < 0.0 { -1.0 } else { 1.0 };
    component.iter().map(|value| sign * value).collect()
}

//! Vectors of one length, one a sample, in memory.

use crate::{Error, Result, column};
use tlc_core::MetricsTable;
use tlc_core::arrow::datatypes::Float32Type;

/// Vectors `[samples, dim]`, row-major, all finite.
///
/// ```
/// use tlc_findings::Embeddings;
///
/// let embeddings = Embeddings::new(vec![0.0, 1.0, 2.0, 3.0], 2)?;
/// assert_eq!((embeddings.len(), embeddings.row(1)), (2, &[2.0, 3.0][..]));
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    values: Vec<f32>,
    dim: usize,
}

impl Embeddings {
    /// From values `[samples, dim]`, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if they are no multiple of `dim`, [`Error::NotFinite`].
    pub fn new(values: Vec<f32>, dim: usize) -> Result<Self> {
        if dim == 0 || !values.len().is_multiple_of(dim) {
            return Err(Error::Shape {
                what: "embeddings",
                expected: format!("[samples, {dim}], not empty vectors"),
                found: format!("{} values", values.len()),
            });
        }
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(Self { values, dim }),
            Some(at) => Err(Error::NotFinite {
                row: at / dim,
                dimension: at % dim,
            }),
        }
    }

    /// From a column of a metrics table, in its row order.
    ///
    /// # Errors
    /// [`Error::NotCollected`], [`Error::ColumnType`], [`Error::NotFinite`]; storage errors.
    pub fn of_metrics(metrics: &MetricsTable, column: &str) -> Result<Self> {
        let dim = column::list_len(metrics, column, HINT)?;
        let mut values = Vec::with_capacity(metrics.len().saturating_mul(dim));
        for batch in metrics.scan().columns([column]).batches()? {
            let batch = batch?;
            let lists = column::of(&batch, column)?;
            values.extend(column::list_values::<Float32Type>(
                metrics.name(),
                column,
                lists,
            )?);
        }
        Self::new(values, dim)
    }

    /// Number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    /// Whether there is no vector.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Length of a vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// All values, row-major.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// One vector `[dim]`; empty past the last.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row.saturating_mul(self.dim);
        self.values
            .get(start..start.saturating_add(self.dim))
            .unwrap_or_default()
    }

    /// The vectors in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dim)
    }
}

pub(crate) const HINT: &str = "collect Embeddings of a tapped activation";

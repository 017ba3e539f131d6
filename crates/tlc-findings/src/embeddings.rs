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
    /// Where they are not the numbers of the rows.
    example_ids: Option<Vec<i64>>,
}

impl Embeddings {
    /// From values `[samples, dim]`, row-major. The samples are numbered from 0 on.
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
            None => Ok(Self {
                values,
                dim,
                example_ids: None,
            }),
            Some(at) => Err(Error::NotFinite {
                row: at / dim,
                dimension: at % dim,
            }),
        }
    }

    /// From a column of a metrics table, in its row order, with its `example_id`.
    ///
    /// # Errors
    /// [`Error::Spaces`] if the rows are of several folds or epochs, as those of
    /// cross-validation: each model has a space of its own. [`Error::NotCollected`],
    /// [`Error::ColumnType`], [`Error::NotFinite`]; storage errors.
    pub fn of_metrics(metrics: &MetricsTable, column: &str) -> Result<Self> {
        Self::sampled(metrics, column, usize::MAX)
    }

    /// As [`of_metrics`](Self::of_metrics), of some rows at even distances, at most `most`: no
    /// more than these are held in memory.
    ///
    /// # Errors
    /// As [`of_metrics`](Self::of_metrics).
    pub fn sampled(metrics: &MetricsTable, column: &str, most: usize) -> Result<Self> {
        let step = metrics.len().div_ceil(most.max(1)).max(1);
        let dim = column::list_len(metrics, column, HINT)?;
        OF_A_MODEL
            .into_iter()
            .try_for_each(|column| check_one(metrics, column))?;
        let rows = metrics.len().div_ceil(step);
        let mut values = Vec::with_capacity(rows.saturating_mul(dim));
        let mut before = 0;
        for batch in metrics.scan().columns([column]).batches()? {
            let batch = batch?;
            let lists = column::of(&batch, column)?;
            let all = column::list_values::<Float32Type>(metrics.name(), column, lists)?;
            let wanted = all.chunks_exact(dim.max(1)).zip(before..);
            let wanted = wanted.filter(|(_, row)| row % step == 0);
            values.extend(wanted.flat_map(|(vector, _)| vector));
            before += batch.num_rows();
        }
        let ids = column::example_ids(metrics)?;
        let ids: Vec<i64> = ids.into_iter().step_by(step).collect();
        let are_rows = ids.iter().zip(0..).all(|(id, row)| *id == row);
        Ok(Self {
            example_ids: (!are_rows).then_some(ids),
            ..Self::new(values, dim)?
        })
    }

    /// The sample of a row.
    pub(crate) fn example_id(&self, row: usize) -> i64 {
        let ids = self.example_ids.as_ref();
        let known = ids.and_then(|ids| ids.get(row)).copied();
        known.unwrap_or_else(|| i64::try_from(row).unwrap_or(i64::MAX))
    }

    /// The samples, in the order of the vectors.
    pub fn example_ids(&self) -> impl ExactSizeIterator<Item = i64> {
        (0..self.len()).map(|row| self.example_id(row))
    }

    /// Some of the vectors: one of each place that is true.
    pub(crate) fn kept(&self, is_kept: &[bool]) -> Self {
        let rows = || (0..self.len()).filter(|row| is_kept.get(*row) == Some(&true));
        Self {
            values: rows().flat_map(|row| self.row(row)).copied().collect(),
            dim: self.dim,
            example_ids: Some(rows().map(|row| self.example_id(row)).collect()),
        }
    }

    /// The vectors alone, numbered from 0 on.
    pub(crate) fn vectors(&self) -> Self {
        Self {
            values: self.values.clone(),
            dim: self.dim,
            example_ids: None,
        }
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

/// Columns that say which model a row is of.
const OF_A_MODEL: [&str; 2] = ["fold", "epoch"];

/// Fails if rows differ in such a column.
fn check_one(metrics: &MetricsTable, name: &'static str) -> Result<()> {
    if metrics.schema().column(name).is_none() || metrics.constants().any(|known| known == name) {
        return Ok(());
    }
    let values = column::integers(metrics.name(), name, &metrics.column(name)?)?;
    match values.array_windows().find(|[one, next]| one != next) {
        None => Ok(()),
        Some([first, found]) => Err(Error::Spaces {
            metrics: metrics.name().to_owned(),
            column: name,
            first: *first,
            found: *found,
        }),
    }
}

pub(crate) const HINT: &str = "collect Embeddings of a tapped activation";

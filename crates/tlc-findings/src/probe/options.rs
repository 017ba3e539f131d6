//! What a probe is asked to be.

use super::folds::Folds;
use crate::{Error, Result};

/// Settings of a [`Probe`](super::Probe), built by chaining.
///
/// ```
/// use tlc_findings::probe::ProbeOptions;
///
/// let options = ProbeOptions::new().folds(10).seed(7).grid([0.01, 0.1]);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeOptions {
    folds: usize,
    seed: u64,
    given: Option<Vec<usize>>,
    pub(super) grid: Vec<f64>,
    pub(super) tolerance: f64,
    pub(super) max_iterations: usize,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self {
            folds: 5,
            seed: 0,
            given: None,
            grid: vec![1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0],
            tolerance: 1e-4,
            max_iterations: 500,
        }
    }
}

impl ProbeOptions {
    /// Five folds by seed 0, `C` from 0.0001 to 100 by powers of ten.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of folds.
    #[must_use]
    pub fn folds(mut self, count: usize) -> Self {
        self.folds = count;
        self
    }

    /// Sets the seed; the same seed deals the same rows to the same folds.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the fold of each row, from 0 on, where they are dealt elsewhere: by patient, by
    /// video, or as those of a model that was trained.
    #[must_use]
    pub fn fold_of_row(mut self, folds: impl Into<Vec<usize>>) -> Self {
        self.given = Some(folds.into());
        self
    }

    /// Sets the values of `C` to choose from; one value is taken as it is. `C` is the inverse
    /// strength of the penalty, as in scikit-learn: `C` times the sum of the losses of the
    /// training part, plus half of the sum of the squared weights, is minimised.
    #[must_use]
    pub fn grid(mut self, c: impl IntoIterator<Item = f64>) -> Self {
        self.grid = c.into_iter().collect();
        self
    }

    /// Sets when weights are found: no entry of the gradient of the mean loss is above this.
    /// The default is 0.0001, as in scikit-learn.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets after how many steps they are taken as they are; the default is 500.
    #[must_use]
    pub fn max_iterations(mut self, steps: usize) -> Self {
        self.max_iterations = steps;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let positive = |value: &f64| value.is_finite() && *value > 0.0;
        let refuse = |setting, expected, found| {
            Err(Error::Setting {
                setting,
                expected,
                found,
            })
        };
        if self.grid.is_empty() || !self.grid.iter().all(positive) {
            return refuse(
                "grid",
                "one or more values above 0",
                format!("{:?}", self.grid),
            );
        }
        if !positive(&self.tolerance) {
            return refuse("tolerance", "above 0", self.tolerance.to_string());
        }
        Ok(())
    }

    /// Rows of one unit are dealt to one fold.
    pub(super) fn deal(&self, labels: &[u32], units: Option<&[i64]>) -> Result<Folds> {
        let Some(given) = &self.given else {
            return Folds::deal(self.folds, self.seed, labels, units);
        };
        if given.len() != labels.len() {
            return Err(Error::Shape {
                what: "folds of rows",
                expected: format!("[{}]", labels.len()),
                found: format!("[{}]", given.len()),
            });
        }
        Folds::given(given.clone())
    }
}

//! The model of a fold.

use super::softmax::Part;

/// Weights of standardised features, as they were fitted on all folds but one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinearModel {
    /// Classes that the training part has samples of, ascending.
    pub classes: Vec<usize>,
    /// Mean of each feature in the training part `[dim]`.
    pub mean: Vec<f64>,
    /// Its standard deviation `[dim]`; 1 for a constant feature.
    pub scale: Vec<f64>,
    /// Weights of the standardised features `[classes, dim]`, row-major.
    pub coefficients: Vec<f64>,
    /// One for each of the classes; not penalised.
    pub intercepts: Vec<f64>,
    /// Whether the search has ended by its tolerance.
    pub converged: bool,
}

impl LinearModel {
    pub(super) fn new(part: &Part<'_>, weights: &[f64], converged: bool) -> Self {
        let classes = part.classes().to_vec();
        let coefficients = classes.len() * part.given.mean.len();
        let (coefficients, intercepts) = weights.split_at_checked(coefficients).unwrap_or_default();
        Self {
            mean: part.given.mean.clone(),
            scale: part.given.scale.clone(),
            coefficients: coefficients.to_vec(),
            intercepts: intercepts.to_vec(),
            classes,
            converged,
        }
    }
}

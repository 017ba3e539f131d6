//! Curves: what a run logged over time.

use crate::Result;
use serde::Serialize;
use tlc_core::{Axis, Run};

/// What a run logged under one key, over one axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Curve {
    /// What was logged, such as `train_loss`.
    pub key: String,
    /// What `points` are over: `epoch`, `iteration`, `step` or `time`, in seconds since the run
    /// was created.
    pub axis: &'static str,
    /// Position on the axis, and value.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// All that a run logged.
    ///
    /// # Errors
    /// As [`Run::aggregates`].
    pub fn all(run: &Run) -> Result<Vec<Self>> {
        let series = run.aggregates()?.into_iter();
        let curves = series.map(|series| Self {
            axis: name_of(series.axis),
            key: series.key,
            points: series.points,
        });
        Ok(curves.collect())
    }
}

fn name_of(axis: Axis) -> &'static str {
    match axis {
        Axis::Epoch => "epoch",
        Axis::Iteration => "iteration",
        Axis::Step => "step",
        Axis::Time => "time",
    }
}

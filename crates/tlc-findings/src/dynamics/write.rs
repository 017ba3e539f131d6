//! Dynamics as a metrics table of the run they were read from.

use super::Dynamics;
use crate::{Result, beside};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, BooleanArray, Float32Array, Int64Array};
use tlc_core::{Column, MetricsTable, MetricsTableWriter, Role, Run, Table, ValueType};

/// Stream of the metrics tables that hold training dynamics.
pub const STREAM: &str = "training_dynamics";

impl Dynamics {
    /// Writes the values into the run as a metrics table about `table`, stream
    /// `training_dynamics`, with a column for each field and `never_learned`.
    ///
    /// # Errors
    /// As [`MetricsTableWriter`].
    pub fn write(&self, run: &Run, table: &Table) -> Result<MetricsTable> {
        Ok(self.writer(run, table)?.finish()?)
    }

    pub(crate) fn writer(&self, run: &Run, table: &Table) -> Result<MetricsTableWriter> {
        let columns = columns(self.area_under_margin.is_some());
        let columns: Vec<_> = columns.into_iter().zip(self.arrays()).collect();
        let about = beside::About::table(table);
        beside::writer(run, &about, STREAM, &self.example_ids, &columns)
    }

    /// In the order of the columns.
    fn arrays(&self) -> Vec<ArrayRef> {
        let floats = |values: &Vec<f32>| Arc::new(Float32Array::from(values.clone())) as ArrayRef;
        let ints = |values: &Vec<i64>| Arc::new(Int64Array::from(values.clone())) as ArrayRef;
        let never: Vec<bool> = self
            .first_epoch_learned
            .iter()
            .map(Option::is_none)
            .collect();
        let first = Int64Array::from(self.first_epoch_learned.clone());
        let mut arrays = vec![
            ints(&self.epochs),
            floats(&self.mean_confidence),
            floats(&self.mean_loss),
            floats(&self.variability),
            floats(&self.correctness),
            ints(&self.forgetting_events),
            Arc::new(BooleanArray::from(never)),
            Arc::new(first),
        ];
        arrays.extend(self.area_under_margin.iter().map(floats));
        arrays
    }
}

fn columns(has_margin: bool) -> Vec<Column> {
    let metric = |name: &str, value: ValueType, description: &str| {
        Column::new(name, value)
            .description(description)
            .role(Role::Metric)
    };
    let mut columns = vec![
        metric("epochs", ValueType::Int64, "epochs that saw the sample"),
        metric(
            "mean_confidence",
            ValueType::Confidence,
            "mean probability of the given label over the epochs",
        ),
        metric(
            "mean_loss",
            ValueType::Float32,
            "mean cross-entropy of the given label over the epochs",
        ),
        metric(
            "variability",
            ValueType::Float32,
            "standard deviation of that probability",
        ),
        metric(
            "correctness",
            ValueType::Float32,
            "fraction of epochs that predicted the given label",
        ),
        metric(
            "forgetting_events",
            ValueType::Int64,
            "how often the sample was right and then wrong",
        ),
        metric("never_learned", ValueType::Bool, "never right in any epoch"),
        metric(
            "first_epoch_learned",
            ValueType::Int64,
            "first epoch that was right",
        )
        .nullable(true),
    ];
    if has_margin {
        columns.push(metric(
            "area_under_margin",
            ValueType::Float32,
            "mean margin of the given label over the largest other logit",
        ));
    }
    columns
}

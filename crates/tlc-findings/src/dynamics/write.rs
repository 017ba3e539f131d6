//! Dynamics as a metrics table of the run they were read from.

use super::Dynamics;
use crate::Result;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, BooleanArray, Float32Array, Int64Array};
use tlc_core::{
    Column, Columns, EXAMPLE_ID, MetricsOptions, MetricsTable, MetricsTableWriter, Role, Run,
    Table, ValueType,
};

/// Stream of the metrics tables that hold training dynamics.
pub const STREAM: &str = "training_dynamics";

/// Rows of a batch that is written.
const BATCH_ROWS: usize = 65_536;

impl Dynamics {
    /// Writes the values into the run as a metrics table about `table`, stream
    /// `training_dynamics`, with a column for each field and `never_learned`.
    ///
    /// # Errors
    /// As [`MetricsTableWriter`].
    pub fn write(&self, run: &Run, table: &Table) -> Result<MetricsTable> {
        let options = MetricsOptions::new()
            .run(run)
            .foreign_table(table)
            .stream(STREAM)
            .finding(true)
            .columns(columns(self.area_under_margin.is_some()));
        let mut writer = MetricsTableWriter::new(options)?;
        let arrays = self.arrays();
        for first in (0..self.example_ids.len()).step_by(BATCH_ROWS) {
            let len = BATCH_ROWS.min(self.example_ids.len() - first);
            let mut batch = Columns::new();
            for (name, values) in &arrays {
                batch.push(*name, values.slice(first, len));
            }
            writer.add_batch(batch)?;
        }
        let metrics = writer.finalize()?;
        run.update_metrics(&[metrics.info()])?;
        Ok(metrics)
    }

    fn arrays(&self) -> Vec<(&'static str, ArrayRef)> {
        let floats = |values: &Vec<f32>| Arc::new(Float32Array::from(values.clone())) as ArrayRef;
        let ints = |values: &Vec<i64>| Arc::new(Int64Array::from(values.clone())) as ArrayRef;
        let never: Vec<bool> = self
            .first_epoch_learned
            .iter()
            .map(Option::is_none)
            .collect();
        let first = Int64Array::from(self.first_epoch_learned.clone());
        let mut arrays = vec![
            (EXAMPLE_ID, ints(&self.example_ids)),
            ("epochs", ints(&self.epochs)),
            ("mean_confidence", floats(&self.mean_confidence)),
            ("variability", floats(&self.variability)),
            ("correctness", floats(&self.correctness)),
            ("forgetting_events", ints(&self.forgetting_events)),
            ("never_learned", Arc::new(BooleanArray::from(never))),
            ("first_epoch_learned", Arc::new(first)),
        ];
        if let Some(margins) = &self.area_under_margin {
            arrays.push(("area_under_margin", floats(margins)));
        }
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

//! The weights of rows, read and checked.

use crate::{Error, Result};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, AsArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float64Type};
use tlc_core::{Table, ValueType};

/// Rows and their weights, all above 0 and finite.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) rows: Vec<usize>,
    pub(super) weights: Vec<f64>,
}

impl Weights {
    /// Of these rows of a table, or of all; those of weight 0 are left out.
    pub(super) fn read(
        table: &Table,
        column: &str,
        selected: Option<&Arc<[usize]>>,
    ) -> Result<Self> {
        let all = numbers(table, column)?;
        let refused = |reason| refused(table, column, reason);
        let mut kept = Self {
            rows: Vec::new(),
            weights: Vec::new(),
        };
        let mut take = |row: usize| match all.get(row) {
            Some(weight) if weight.is_finite() && *weight >= 0.0 => {
                if *weight > 0.0 {
                    kept.rows.push(row);
                    kept.weights.push(*weight);
                }
                Ok(())
            }
            Some(weight) if weight.is_nan() => Err(refused(format!("no number in row {row}"))),
            Some(weight) => Err(refused(format!(
                "{weight} in row {row}, but a weight is a finite number from 0 on"
            ))),
            None => Err(refused(format!("there is no row {row}"))),
        };
        match selected {
            None => (0..all.len()).try_for_each(&mut take)?,
            Some(rows) => rows.iter().copied().try_for_each(&mut take)?,
        }
        if kept.rows.is_empty() {
            let rows = selected.map_or(all.len(), |rows| rows.len());
            return Err(refused(format!(
                "none of {rows} rows has one above 0, so there is nothing to train on"
            )));
        }
        Ok(kept)
    }
}

/// The first column of weights.
pub(crate) fn weight_column(table: &Table) -> Result<String> {
    let mut columns = table.schema().columns().iter();
    let weights = columns.find(|column| column.value == ValueType::SampleWeight);
    weights
        .map(|column| column.name.clone())
        .ok_or_else(|| Error::NoWeights {
            table: table.url().clone(),
        })
}

/// A column of numbers; NaN where there is none.
fn numbers(table: &Table, column: &str) -> Result<Vec<f64>> {
    let mut numbers = Vec::with_capacity(table.len());
    for batch in table.scan().columns([column]).batches()? {
        for values in batch?.columns() {
            let wide = widened(table, column, values)?;
            let wide = wide.as_primitive::<Float64Type>().iter();
            numbers.extend(wide.map(|number| number.unwrap_or(f64::NAN)));
        }
    }
    Ok(numbers)
}

fn widened(table: &Table, column: &str, values: &ArrayRef) -> Result<ArrayRef> {
    if !values.data_type().is_numeric() {
        let reason = format!("{} is no number", values.data_type());
        return Err(refused(table, column, reason));
    }
    let arrow = |source| tlc_core::Error::Arrow {
        doing: "read weights",
        source,
    };
    Ok(cast(values, &DataType::Float64).map_err(arrow)?)
}

fn refused(table: &Table, column: &str, reason: String) -> Error {
    Error::Weights {
        table: table.url().clone(),
        column: column.to_owned(),
        reason,
    }
}

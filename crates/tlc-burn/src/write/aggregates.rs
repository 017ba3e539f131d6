//! Counts, means and summaries over a collection, computed while rows stream by.

use serde::{Deserialize, Serialize};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float64Type};

/// The keys of a run's log that are axes.
const AXES: [&str; 3] = ["epoch", "iteration", "step"];

#[derive(Default)]
pub(super) struct Aggregates {
    rows: usize,
    means: Vec<Mean>,
    /// Values that are no means.
    others: Vec<(String, f64)>,
}

struct Mean {
    column: String,
    sum: f64,
    values: usize,
}

/// What was added up, for another process to go on with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sums {
    rows: usize,
    /// Column, bits of its sum, since JSON has no NaN, and number of values.
    means: Vec<(String, u64, usize)>,
}

impl Aggregates {
    pub(super) fn count(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// Adds the values of a column; one that holds no numbers has no mean.
    pub(super) fn add(&mut self, column: &str, values: &ArrayRef) {
        let is_number = values.data_type().is_numeric() || values.data_type() == &DataType::Boolean;
        let Some(numbers) = is_number
            .then(|| cast(values, &DataType::Float64))
            .and_then(Result::ok)
        else {
            return;
        };
        let Some(numbers) = numbers.as_primitive_opt::<Float64Type>() else {
            return;
        };
        let sum = numbers.iter().flatten().sum::<f64>();
        self.add_sum(column, sum, numbers.len() - numbers.null_count());
    }

    /// Adds a value as it is.
    pub(super) fn set(&mut self, name: String, value: f64) {
        self.others.push((name, value));
    }

    /// The sums over what was added so far.
    pub(super) fn sums(&self) -> Sums {
        let means = self.means.iter();
        Sums {
            rows: self.rows,
            means: means
                .map(|mean| (mean.column.clone(), mean.sum.to_bits(), mean.values))
                .collect(),
        }
    }

    /// Adds what was added elsewhere.
    pub(super) fn merge(&mut self, sums: Sums) {
        self.rows += sums.rows;
        for (column, sum_bits, values) in sums.means {
            self.add_sum(&column, f64::from_bits(sum_bits), values);
        }
    }

    /// What to log: the axes among the constants, the count, and the means.
    pub(super) fn values(
        &self,
        split: &str,
        constants: &[(String, ArrayRef)],
    ) -> Vec<(String, f64)> {
        let key = |name: &str| match split {
            "" => name.to_owned(),
            split => format!("{split}_{name}"),
        };
        let axes = constants
            .iter()
            .filter(|(name, _)| AXES.contains(&name.as_str()));
        let axes = axes.filter_map(|(name, value)| Some((name.clone(), first_number(value)?)));
        let means = self.means.iter().filter(|mean| mean.values > 0);
        let means = means.map(|mean| (key(&mean.column), mean.sum / mean.values as f64));
        let others = self.others.iter().map(|(name, value)| (key(name), *value));
        axes.chain([(key("count"), self.rows as f64)])
            .chain(means)
            .chain(others)
            .collect()
    }

    fn add_sum(&mut self, column: &str, sum: f64, values: usize) {
        match self.means.iter_mut().find(|mean| mean.column == column) {
            Some(mean) => {
                mean.sum += sum;
                mean.values += values;
            }
            None => self.means.push(Mean {
                column: column.to_owned(),
                sum,
                values,
            }),
        }
    }
}

fn first_number(value: &ArrayRef) -> Option<f64> {
    let value = cast(value, &DataType::Float64).ok()?;
    value
        .as_primitive_opt::<Float64Type>()?
        .iter()
        .next()
        .flatten()
}

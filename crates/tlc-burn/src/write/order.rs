//! Whether rows come out of a forward pass in the order they went in.

use super::stop::catch_panic;
use crate::collect::{AnyCollector, HostBatch, HostPhase};
use crate::{Error, Result};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float64Type};

/// What floating point may differ by, of a row computed at another place of its batch: a
/// share of the row's largest value, one of the column's, and what is as good as zero, such
/// as the losses of a model that is sure.
const OF_ROW: f64 = 1e-2;
const OF_COLUMN: f64 = 1e-3;
const ZERO: f64 = 1e-5;

/// Fewer rows than change places may differ: where two classes are as good as equal,
/// another place in the batch may decide between them.
const ROWS: usize = 2;

/// Holds what was computed of a batch against the same in reverse order: what collectors
/// make of both, where that is floating point. What they refuse is told elsewhere.
pub(super) fn check<B, O>(
    collectors: &[AnyCollector<'_, B, O>],
    batches: &[HostBatch],
    reversed: &[HostBatch],
) -> Result<()> {
    for (collector, (batch, reversed)) in collectors.iter().zip(batches.iter().zip(reversed)) {
        let (Some(there), Some(back)) = (
            columns(&collector.host, batch),
            columns(&collector.host, reversed),
        ) else {
            continue;
        };
        let checked = batch.example_ids().len();
        for ((column, there), (_, back)) in there.iter().zip(&back) {
            let rows = different_rows(there, back, checked);
            if rows >= ROWS {
                return Err(Error::Order {
                    collector: batch.collector().to_owned(),
                    column: column.clone(),
                    rows,
                    checked,
                });
            }
        }
    }
    Ok(())
}

/// The columns of floating point, with the values of all rows.
fn columns(host: &HostPhase<'_>, batch: &HostBatch) -> Option<Vec<(String, Vec<f64>)>> {
    let columns = catch_panic(String::new, || (host.collect)(batch))
        .ok()?
        .ok()?;
    let values = columns.names().filter_map(|name| {
        let values = floats(columns.get(name)?)?;
        Some((name.to_owned(), values))
    });
    Some(values.collect())
}

fn floats(array: &ArrayRef) -> Option<Vec<f64>> {
    match array.data_type() {
        kind if kind.is_floating() => {
            let numbers = cast(array, &DataType::Float64).ok()?;
            let numbers = numbers.as_primitive_opt::<Float64Type>()?;
            Some(
                numbers
                    .iter()
                    .map(|number| number.unwrap_or(f64::NAN))
                    .collect(),
            )
        }
        DataType::FixedSizeList(_, _) => floats(array.as_fixed_size_list_opt()?.values()),
        _ => None,
    }
}

fn different_rows(there: &[f64], back: &[f64], rows: usize) -> usize {
    let width = there.len() / rows.max(1);
    if width == 0 || there.len() != back.len() {
        return 0;
    }
    let of_column = ZERO + OF_COLUMN * largest(there);
    let rows = there.chunks(width).zip(back.chunks(width).rev());
    let differ = |there: &[f64], back: &[f64]| {
        let tolerance = of_column + OF_ROW * largest(there);
        let mut values = there.iter().zip(back);
        values.any(|(there, back)| !is_same(*there, *back, tolerance))
    };
    rows.filter(|(there, back)| differ(there, back)).count()
}

fn largest(values: &[f64]) -> f64 {
    let finite = values.iter().filter(|value| value.is_finite());
    finite.fold(0.0, |largest, value| largest.max(value.abs()))
}

fn is_same(there: f64, back: f64, tolerance: f64) -> bool {
    there == back || (there.is_nan() && back.is_nan()) || (there - back).abs() <= tolerance
}

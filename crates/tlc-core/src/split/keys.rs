//! Values of a column as hashes, by which rows are told apart and dealt.

use crate::arrow::array::{Array, ArrayRef, AsArray};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use crate::{Error, Result, Table};
use twox_hash::XxHash3_128;

/// Gives the hash of the value of each row, in their order; none where there is no value.
pub(super) fn each(
    table: &Table,
    column: &str,
    seed: u64,
    mut take: impl FnMut(usize, Option<u128>) -> Result<()>,
) -> Result<()> {
    let mut rows = 0..;
    each_batch(table, column, |values| {
        let hashes = hashes(values, column, seed)?.into_iter();
        hashes
            .zip(rows.by_ref())
            .try_for_each(|(hash, row)| take(row, hash))
    })
}

/// Gives the values of a column, batch by batch.
pub(super) fn each_batch(
    table: &Table,
    column: &str,
    mut take: impl FnMut(&ArrayRef) -> Result<()>,
) -> Result<()> {
    for batch in table.scan().columns([column]).batches()? {
        batch?.columns().iter().try_for_each(&mut take)?;
    }
    Ok(())
}

/// The hash of an integer, label, boolean or moment.
pub(super) fn of_whole(number: i64, seed: u64) -> u128 {
    XxHash3_128::oneshot_with_seed(seed, &number.to_le_bytes())
}

/// A row without a value where one is needed.
pub(super) fn missing(table: &Table, column: &str, row: usize) -> Error {
    Error::Split {
        table: table.url().clone(),
        reason: format!(
            "row {row} has no `{column}` by which to say its part: give it one, or leave out such \
             rows with `derive`"
        ),
    }
}

/// A column whose values are nothing to divide by.
pub(super) fn unfit(column: &str, values: &ArrayRef, needed: &str) -> Error {
    let found = values.data_type();
    Error::column(
        column,
        format!("{found} is nothing to divide rows by, but {needed}"),
    )
}

fn hashes(values: &ArrayRef, column: &str, seed: u64) -> Result<Vec<Option<u128>>> {
    let hash = |bytes: &[u8]| XxHash3_128::oneshot_with_seed(seed, bytes);
    let arrow = |source| Error::arrow("hash values", source);
    Ok(match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>().iter();
            texts
                .map(|text| text.map(|text| hash(text.as_bytes())))
                .collect()
        }
        DataType::Binary => {
            let values = values.as_binary::<i32>().iter();
            values.map(|bytes| bytes.map(hash)).collect()
        }
        DataType::UInt64 => {
            let numbers = values.as_primitive::<UInt64Type>().iter();
            numbers
                .map(|number| number.map(|number| hash(&number.to_le_bytes())))
                .collect()
        }
        DataType::Float32 | DataType::Float64 => {
            let numbers = cast(values, &DataType::Float64).map_err(arrow)?;
            let numbers = numbers.as_primitive::<Float64Type>().iter();
            numbers
                .map(|number| number.map(|number| hash(&one_of_equals(number))))
                .collect()
        }
        data_type if is_whole(data_type) => {
            let numbers = cast(values, &DataType::Int64).map_err(arrow)?;
            let numbers = numbers.as_primitive::<Int64Type>().iter();
            numbers
                .map(|number| number.map(|number| of_whole(number, seed)))
                .collect()
        }
        _ => {
            return Err(unfit(
                column,
                values,
                "texts, labels, numbers, moments and bytes are",
            ));
        }
    })
}

fn is_whole(data_type: &DataType) -> bool {
    let is_other = matches!(data_type, DataType::Boolean | DataType::Timestamp(..));
    is_other || data_type.is_integer()
}

/// The bytes of a number, the same for -0 and 0 and for all that are no number.
fn one_of_equals(number: f64) -> [u8; 8] {
    let number = match number {
        number if number.is_nan() => f64::NAN,
        0.0 => 0.0, // -0, too
        number => number,
    };
    number.to_le_bytes()
}

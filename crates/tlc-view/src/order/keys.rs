//! Values as whole numbers of the same order.

use crate::column::{Number, with_numbers};
use crate::{Column, Result};
use rayon::prelude::*;
use tlc_core::arrow::array::AsArray;

/// Rows without a value come after all others.
pub(super) const MISSING: u64 = u64::MAX;
const NAN: u64 = u64::MAX - 1;
/// The greatest key of a value.
pub(super) const GREATEST: u64 = u64::MAX - 2;

/// A key a row: the order of the keys is that of the values.
#[derive(Debug)]
pub(super) struct Keys(Vec<u64>);

#[cfg(test)]
impl From<Vec<u64>> for Keys {
    fn from(keys: Vec<u64>) -> Self {
        Self(keys)
    }
}

impl Keys {
    pub(super) fn of(column: &Column, descending: bool) -> Result<Self> {
        let values = column.values();
        let directed = |key: Option<u64>| match key {
            None => MISSING,
            Some(NAN) => NAN,
            Some(key) if descending => GREATEST - key,
            Some(key) => key,
        };
        if column.classes().is_some() || values.as_boolean_opt().is_some() {
            let (places, ids) = (column.places(), column.ids());
            // Numbers that are no class come after those that are.
            let key = |row| match places(row) {
                Some(place) => Some(place as u64),
                None => Some(whole(ids(row)?) | 1 << 63),
            };
            return Ok(Self::by(column, |row| {
                directed(key(row).map(|key| key.min(GREATEST)))
            }));
        }
        if values.as_string_opt::<i64>().is_some() {
            let ranks = ranks(column);
            return Ok(Self::by(column, |row| {
                directed(ranks.get(row).copied().flatten())
            }));
        }
        let is_valid = column.validity();
        let keys = with_numbers!(values, |numbers| {
            Self::by(column, |row| {
                let number = numbers.get(row).filter(|_| is_valid(row));
                directed(number.map(|number| key_of(*number)))
            })
        });
        keys.ok_or_else(|| column.of_other_kind("a column that has an order"))
    }

    pub(super) fn as_slice(&self) -> &[u64] {
        &self.0
    }

    pub(super) fn get(&self, row: u32) -> u64 {
        self.0.get(row as usize).copied().unwrap_or(MISSING)
    }

    fn by(column: &Column, key: impl Fn(usize) -> u64 + Sync + Send) -> Self {
        let keys = (0..column.len()).into_par_iter().with_min_len(1 << 14);
        Self(keys.map(key).collect())
    }
}

/// Whole numbers of both signs, and those without, each have an order of their own type.
fn key_of<N: Number>(number: N) -> u64 {
    match number.to_u64() {
        Some(number) if N::IS_UNSIGNED => number.min(GREATEST),
        _ => match number.to_i64() {
            Some(number) => whole(number).min(GREATEST),
            None => float(number.to_f64()),
        },
    }
}

fn whole(number: i64) -> u64 {
    u64::from_ne_bytes(number.to_ne_bytes()) ^ 1 << 63
}

/// The bits of a number as a distance from those of 0, which is -0, too. So numbers of 32 bits
/// differ in few of the bits.
fn float(number: f64) -> u64 {
    const ZERO: u64 = 1 << 63;
    if number.is_nan() {
        return NAN;
    }
    let distance = number.abs().to_bits();
    match number < 0.0 {
        true => ZERO - distance,
        false => ZERO + distance,
    }
}

/// The place of each text among all of them; the same for those that are equal.
fn ranks(column: &Column) -> Vec<Option<u64>> {
    let mut rows: Vec<usize> = (0..column.len()).collect();
    rows.par_sort_unstable_by_key(|row| column.text(*row));
    let mut ranks = vec![None; column.len()];
    let mut rank = 0;
    let mut before: Option<&str> = None;
    for row in rows {
        let Some(text) = column.text(row) else {
            continue;
        };
        if before.is_some_and(|before| before != text) {
            rank += 1;
        }
        before = Some(text);
        if let Some(place) = ranks.get_mut(row) {
            *place = Some(rank);
        }
    }
    ranks
}

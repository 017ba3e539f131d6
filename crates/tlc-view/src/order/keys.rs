//! Values as whole numbers of the same order.

use crate::column::{Number, with_numbers};
use crate::{Column, Result};
use rayon::prelude::*;
use tlc_core::arrow::array::{Array, AsArray};

/// Rows without a value come after all others.
const MISSING: u64 = u64::MAX;
const NAN: u64 = u64::MAX - 1;
/// The greatest key of a value.
const GREATEST: u64 = u64::MAX - 2;

/// A key a row: the order of the keys is that of the values.
#[derive(Debug)]
pub(super) struct Keys(Vec<u64>);

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
            return Ok(Self::by(column, |row| directed(place(column, row))));
        }
        if values.as_string_opt::<i64>().is_some() {
            let ranks = ranks(column);
            return Ok(Self::by(column, |row| {
                directed(ranks.get(row).copied().flatten())
            }));
        }
        let keys = with_numbers!(values, |numbers| {
            Self::by(column, |row| {
                let there = values.is_valid(row);
                let number = numbers.get(row).filter(|_| there);
                directed(number.map(|number| key_of(*number)))
            })
        });
        keys.ok_or_else(|| column.of_other_kind("a column that has an order"))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn get(&self, row: u32) -> u64 {
        self.0.get(row as usize).copied().unwrap_or(MISSING)
    }

    fn by(column: &Column, key: impl Fn(usize) -> u64 + Sync + Send) -> Self {
        let keys = (0..column.len()).into_par_iter().with_min_len(1 << 14);
        Self(keys.map(key).collect())
    }
}

/// Numbers that are no class come after those that are.
fn place(column: &Column, row: usize) -> Option<u64> {
    let id = || column.id(row).map(|id| whole(id) | 1 << 63);
    let place = column.place(row).map(|place| place as u64);
    place.or_else(id).map(|key| key.min(GREATEST))
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

/// The bits of a number, those of negative ones turned: 0 and -0 are the same.
fn float(number: f64) -> u64 {
    if number.is_nan() {
        return NAN;
    }
    let bits = (number + 0.0).to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
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

//! A choice of rows and columns.

use super::Choice;
use super::plain::{Identity, Plain, Value};
use super::world::World;
use serde::Deserialize;
use std::collections::HashMap;
use tlc_core::{Derivation, Error, Table};

/// Chooses of a table; nothing if all of it is chosen.
pub(super) fn make(world: &World, table: usize, choices: &[Choice]) -> Option<(Table, Plain)> {
    let (table, mut plain) = world.pick(table);
    let mut derivation = table.derive().unwrap();
    for choice in choices {
        let places = |plain: &Plain| places(world, &table, plain);
        if let Some(rows) = choose(&mut derivation, &mut plain, choice, places) {
            plain = plain.only(&rows);
        }
    }
    match derivation.commit("chosen") {
        Ok(made) => Some((made, plain)),
        Err(Error::NothingChanged { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

#[derive(Deserialize)]
struct Row {
    number: Option<i64>,
}

/// Makes one choice; which of the rows are left, in their order.
fn choose(
    derivation: &mut Derivation,
    plain: &mut Plain,
    choice: &Choice,
    places: impl Fn(&Plain) -> HashMap<usize, usize>,
) -> Option<Vec<usize>> {
    let len = plain.rows.len();
    Some(match choice {
        Choice::Mask(bits) => {
            let mask: Vec<bool> = (0..len).map(|row| bits >> (row % 64) & 1 == 1).collect();
            derivation.mask(&mask).unwrap();
            (0..len).filter(|row| mask[*row]).collect()
        }
        Choice::Filter(wanted) => {
            let values = plain.column("number")?;
            if values.contains(&Value::Missing) {
                return None;
            }
            let keep = |number: i64| number % 3 != *wanted;
            let is_wanted = |row: Row| row.number.is_some_and(keep);
            derivation.filter(is_wanted).unwrap();
            (0..len).filter(|row| keep(values[*row].number())).collect()
        }
        Choice::Reverse => {
            derivation.rows((0..len).rev()).unwrap();
            (0..len).rev().collect()
        }
        Choice::Slice(start, count) => {
            let range = (*start).min(len)..(start + count).min(len);
            derivation.slice(range.clone()).unwrap();
            range.collect()
        }
        Choice::Shuffle(seed) => {
            derivation.shuffle(*seed).unwrap();
            // Which order is not told, but that it is of the same rows.
            let place_of = places(plain);
            derivation.chosen().map(|row| place_of[&row]).collect()
        }
        Choice::Columns(bits) => {
            let names = plain.columns.iter().enumerate();
            let wanted = names.filter(|(place, _)| bits >> place & 1 == 1);
            let wanted: Vec<String> = wanted.map(|(_, (name, _))| name.clone()).collect();
            if wanted.is_empty() {
                return None;
            }
            derivation.columns(wanted.clone()).unwrap();
            plain.columns.retain(|(name, _)| wanted.contains(name));
            (0..len).collect()
        }
    })
}

/// Place in a choice of each row of the table that it was made of.
fn places(world: &World, table: &Table, chosen: &Plain) -> HashMap<usize, usize> {
    let (_, all) = world
        .tables
        .iter()
        .find(|(known, _)| known.id() == table.id())
        .unwrap();
    let row_of: HashMap<Identity, usize> = all.rows.iter().copied().zip(0..).collect();
    chosen
        .rows
        .iter()
        .enumerate()
        .map(|(place, id)| (row_of[id], place))
        .collect()
}

//! Dealing groups of rows, each as a whole.

use super::keys;
use super::number::number;
use crate::{Error, Result, Table};
use std::cmp::Reverse;
use std::collections::HashMap;

/// The part of each row; rows of one group are in one part.
pub(super) fn deal(table: &Table, column: &str, sizes: &[usize], seed: u64) -> Result<Vec<u8>> {
    let mut rows: HashMap<u128, usize> = HashMap::new();
    keys::each(table, column, seed, |row, group| {
        let group = group.ok_or_else(|| keys::missing(table, column, row))?;
        *rows.entry(group).or_default() += 1;
        Ok(())
    })?;
    if rows.len() < sizes.len() {
        let (groups, parts) = (rows.len(), sizes.len());
        return Err(Error::Split {
            table: table.url().clone(),
            reason: format!("{groups} groups by `{column}` are too few for {parts} parts"),
        });
    }
    let part_of = parts_of(rows.into_iter().collect(), sizes);
    let mut of_row = Vec::with_capacity(table.len());
    keys::each(table, column, seed, |_, group| {
        let part = group.and_then(|group| part_of.get(&group).copied());
        of_row.push(number(part.unwrap_or(usize::MAX)));
        Ok(())
    })?;
    Ok(of_row)
}

/// The part of each group: the largest are dealt first, each to the part that lacks most rows,
/// and those that are as large in the order of their hashes.
fn parts_of(mut groups: Vec<(u128, usize)>, sizes: &[usize]) -> HashMap<u128, usize> {
    groups.sort_unstable_by_key(|(group, rows)| (Reverse(*rows), *group));
    let mut dealt = vec![0_usize; sizes.len()];
    let mut of_group = HashMap::with_capacity(groups.len());
    for (left, (group, rows)) in (1..=groups.len()).rev().zip(groups) {
        // The last groups are for parts that have none.
        let empty = dealt.iter().filter(|rows| **rows == 0).count();
        let lacking = dealt.iter().zip(sizes).enumerate();
        let open = lacking.filter(|(_, (rows, _))| left > empty || **rows == 0);
        let lacks = |size: usize, rows: usize| size as i128 - rows as i128;
        let part = open.max_by_key(|(part, (rows, size))| (lacks(**size, **rows), Reverse(*part)));
        let part = part.map_or(0, |(part, _)| part);
        dealt
            .iter_mut()
            .skip(part)
            .take(1)
            .for_each(|dealt| *dealt += rows);
        of_group.insert(group, part);
    }
    of_group
}

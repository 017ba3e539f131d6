//! Rows in groups: by class, flag, run, epoch or any whole number; and what two columns of
//! classes say together.

mod confusion;

pub use self::confusion::{Confused, Confusion};

use crate::{Column, Error, Filtered, Kind, Result, Statistics};
use rayon::prelude::*;
use std::collections::BTreeMap;
use tlc_core::arrow::array::Array;

/// More groups than anybody looks at.
const MOST_GROUPS: usize = 100_000;

/// Rows that have the same value in a column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// The value: the id of a class, 0 or 1 of a flag, or the number; `None` for rows without.
    pub key: Option<i64>,
    /// What people call it.
    pub name: String,
    /// How many rows there are.
    pub rows: u64,
    /// What another column is like in them.
    pub statistics: Option<Statistics>,
}

impl Filtered {
    /// The rows that pass by the values of a column of classes, flags or whole numbers, in the
    /// order of these; and the statistics of another column in each group.
    ///
    /// # Errors
    /// [`Error::ColumnKind`]; [`Error::Setting`] for more than 100,000 groups; as
    /// [`View::column`](crate::View::column).
    pub fn groups(&self, by: &str, of: Option<&str>) -> Result<Vec<Group>> {
        let by = self.view().column(by)?;
        let of = of.map(|of| self.view().column(of)).transpose()?;
        of.iter().try_for_each(|of| of.require_numbers())?;
        let rows = self.rows_by(&by)?;
        let statistics = |rows: &[u32]| {
            let of = of.as_ref()?;
            Some(Statistics::of_rows(
                of,
                rows.iter().map(|row| *row as usize),
            ))
        };
        let mut groups: Vec<(Option<i64>, Vec<u32>)> = rows.into_iter().collect();
        groups.sort_by_key(|(key, _)| (key.is_none(), key.and_then(|key| place(&by, key)), *key));
        let groups = groups.into_par_iter().map(|(key, rows)| Group {
            key,
            name: name(&by, key),
            rows: rows.len() as u64,
            statistics: statistics(&rows),
        });
        Ok(groups.collect())
    }

    fn rows_by(&self, by: &Column) -> Result<BTreeMap<Option<i64>, Vec<u32>>> {
        let is_whole = by.values().data_type().is_integer();
        if !(is_whole || by.kind() == Kind::Flag) {
            return Err(by.of_other_kind("classes, flags or whole numbers"));
        }
        let (ids, places) = (by.ids(), by.places());
        let key = |row| match by.kind() {
            Kind::Flag => i64::try_from(places(row)?).ok(),
            _ => ids(row),
        };
        let mut rows: BTreeMap<Option<i64>, Vec<u32>> = BTreeMap::new();
        for row in self.mask().iter() {
            rows.entry(key(row))
                .or_default()
                .extend(u32::try_from(row).ok());
            if rows.len() > MOST_GROUPS {
                return Err(Error::Setting {
                    setting: "groups",
                    expected: "at most 100,000",
                    found: format!("more values in column `{}`", by.name()),
                });
            }
        }
        Ok(rows)
    }
}

fn place(by: &Column, key: i64) -> Option<usize> {
    let place = by
        .classes()
        .map(|classes| classes.position(i32::try_from(key).ok()?));
    // Numbers that are no class come after those that are.
    place.map(|place| place.unwrap_or(usize::MAX))
}

fn name(by: &Column, key: Option<i64>) -> String {
    let Some(key) = key else {
        return "missing".to_owned();
    };
    let class = by
        .classes()
        .and_then(|classes| classes.get(i32::try_from(key).ok()?));
    match (by.kind(), class) {
        (_, Some(class)) => class.name.clone(),
        (Kind::Flag, None) => (key != 0).to_string(),
        (_, None) => key.to_string(),
    }
}

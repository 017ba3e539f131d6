//! Which samples are held out together.

use crate::random::Random;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Rows in order of their fold, ascending within it.
#[derive(Debug)]
pub(super) struct Folds {
    /// The fold of each row.
    pub(super) of_row: Vec<usize>,
    pub(super) order: Vec<usize>,
    /// Where each fold starts in the order, and where the last ends.
    pub(super) starts: Vec<usize>,
}

impl Folds {
    /// Deals the rows of each label after those of another, in an order by the seed, so that
    /// each fold has the same share of each label, to one. Rows of one unit, which is what
    /// `units` has one number for, are dealt as the first of them.
    pub(super) fn deal(
        count: usize,
        seed: u64,
        labels: &[u32],
        units: Option<&[i64]>,
    ) -> Result<Self> {
        if count < 2 {
            return Err(Error::Setting {
                setting: "folds",
                expected: "2 or more",
                found: count.to_string(),
            });
        }
        let first_of_unit = firsts(labels.len(), units);
        let mut strata: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let firsts = first_of_unit.iter().enumerate();
        for ((row, _), label) in firsts.zip(labels).filter(|((row, first), _)| row == *first) {
            strata.entry(*label).or_default().push(row);
        }
        let found = strata.values().map(Vec::len).sum();
        if found < count {
            return Err(Error::TooFew {
                what: "samples for as many folds",
                needed: count,
                found,
            });
        }
        let mut random = Random::new(seed);
        let mut dealt = random.below(count);
        let mut of_row = vec![0; labels.len()];
        for mut rows in strata.into_values() {
            random.shuffle(&mut rows);
            for row in rows {
                if let Some(fold) = of_row.get_mut(row) {
                    *fold = dealt % count;
                }
                dealt += 1;
            }
        }
        let of_unit = |first: &usize| of_row.get(*first).copied().unwrap_or_default();
        Self::given(first_of_unit.iter().map(of_unit).collect())
    }

    /// Folds that somebody else has dealt: the number of each row's.
    pub(super) fn given(of_row: Vec<usize>) -> Result<Self> {
        let count = of_row.iter().max().map_or(0, |fold| fold.saturating_add(1));
        let mut sizes = vec![0; count.min(of_row.len() + 1)];
        for fold in &of_row {
            if let Some(size) = sizes.get_mut(*fold) {
                *size += 1;
            }
        }
        for (what, needed, found) in [
            ("folds", 2, count),
            (
                "rows of each fold",
                1,
                sizes.iter().copied().min().unwrap_or_default(),
            ),
        ] {
            if found < needed {
                return Err(Error::TooFew {
                    what,
                    needed,
                    found,
                });
            }
        }
        let mut order: Vec<usize> = (0..of_row.len()).collect();
        order.sort_by_key(|row| of_row.get(*row).copied());
        let ends = sizes.iter().scan(0, |end, size| {
            *end += size;
            Some(*end)
        });
        Ok(Self {
            starts: std::iter::once(0).chain(ends).collect(),
            order,
            of_row,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// The first row of the unit of each row.
fn firsts(rows: usize, units: Option<&[i64]>) -> Vec<usize> {
    let Some(units) = units else {
        return (0..rows).collect();
    };
    let mut seen = BTreeMap::new();
    let units = units.iter().enumerate();
    units
        .map(|(row, unit)| *seen.entry(*unit).or_insert(row))
        .collect()
}

//! What two columns of classes say together: given labels and predictions, mostly.

use crate::{Filtered, Result};
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::ClassMap;

/// How many rows have each pair of classes. A cell is a filter: the class of the one column
/// and that of the other.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Confusion {
    /// The classes of the first column.
    pub classes: Arc<ClassMap>,
    /// Those of the second one.
    pub predicted: Arc<ClassMap>,
    /// Pairs that at least one row has, the most frequent first, then by their classes.
    pub pairs: Vec<Confused>,
    /// Rows that lack one of both, or have a number that is no class.
    pub apart: u64,
}

/// How many rows have a pair of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confused {
    /// Id of the first column's class.
    pub given: i32,
    /// Id of the second column's.
    pub predicted: i32,
    /// Whether both are the same class, by name.
    pub is_right: bool,
    /// How many.
    pub rows: u64,
}

impl Filtered {
    /// Counts the rows that pass by their classes in two columns.
    ///
    /// # Errors
    /// [`ColumnKind`](crate::Error::ColumnKind) if one has no classes; as
    /// [`View::column`](crate::View::column).
    pub fn confusion(&self, given: &str, predicted: &str) -> Result<Confusion> {
        let (given, predicted) = (self.view().column(given)?, self.view().column(predicted)?);
        let (classes, others) = (given.classes_or_flags()?, predicted.classes_or_flags()?);
        let (ones, twos) = (given.places(), predicted.places());
        let counts = self.mask().fold(
            HashMap::new,
            |counts: &mut HashMap<_, u64>, row| {
                *counts.entry(ones(row).zip(twos(row))).or_default() += 1;
            },
            |mut one, other| {
                other
                    .into_iter()
                    .for_each(|(pair, rows)| *one.entry(pair).or_default() += rows);
                one
            },
        );
        let class = |classes: &ClassMap, place: usize| classes.iter().nth(place).cloned();
        let mut apart = 0;
        let mut pairs = Vec::new();
        for (pair, rows) in counts {
            let both =
                pair.and_then(|(one, other)| class(&classes, one).zip(class(&others, other)));
            match both {
                None => apart += rows,
                Some((given, predicted)) => pairs.push(Confused {
                    given: given.id,
                    predicted: predicted.id,
                    is_right: given.name == predicted.name,
                    rows,
                }),
            }
        }
        pairs.sort_by_key(|pair| {
            let places = (
                classes.position(pair.given),
                others.position(pair.predicted),
            );
            (std::cmp::Reverse(pair.rows), places)
        });
        Ok(Confusion {
            classes,
            predicted: others,
            pairs,
            apart,
        })
    }
}

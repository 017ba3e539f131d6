//! How labels and predictions go together.

use crate::Failure;
use tlc_core::ClassMap;
use tlc_view::{Confused, Defaults, Filtered};

/// Classes that a matrix has room for.
const MOST_CLASSES: usize = 30;
const MOST_PAIRS: usize = 10;

pub(crate) struct Matrix {
    /// The columns that it is about.
    pub(crate) columns: (String, String),
    pub(crate) given: Vec<String>,
    pub(crate) predicted: Vec<String>,
    /// By the classes given, then by those predicted; none where there are too many.
    pub(crate) cells: Vec<Vec<Cell>>,
    pub(crate) rows: u64,
    pub(crate) right: u64,
    /// Rows that lack one of both.
    pub(crate) apart: u64,
    /// The wrong ones that are most frequent.
    pub(crate) worst: Vec<Pair>,
}

#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) rows: u64,
    pub(crate) is_right: bool,
}

pub(crate) struct Pair {
    pub(crate) given: String,
    pub(crate) predicted: String,
    pub(crate) rows: u64,
}

impl Matrix {
    /// Nothing where there are no two columns of classes to compare.
    pub(super) fn of(all: &Filtered, defaults: &Defaults) -> Result<Option<Self>, Failure> {
        let Some((given, predicted)) = defaults.label.as_ref().zip(defaults.predicted.as_ref())
        else {
            return Ok(None);
        };
        let found = all.confusion(given, predicted)?;
        let (classes, others) = (&*found.classes, &*found.predicted);
        let sum = |pairs: &mut dyn Iterator<Item = &Confused>| pairs.map(|pair| pair.rows).sum();
        let wrong = found.pairs.iter().filter(|pair| !pair.is_right);
        let worst = wrong.take(MOST_PAIRS).map(|pair| Pair {
            given: name(classes, pair.given),
            predicted: name(others, pair.predicted),
            rows: pair.rows,
        });
        Ok(Some(Self {
            columns: (given.clone(), predicted.clone()),
            given: classes.names().map(str::to_owned).collect(),
            predicted: others.names().map(str::to_owned).collect(),
            cells: cells(classes, others, &found.pairs),
            rows: sum(&mut found.pairs.iter()),
            right: sum(&mut found.pairs.iter().filter(|pair| pair.is_right)),
            apart: found.apart,
            worst: worst.collect(),
        }))
    }
}

fn cells(classes: &ClassMap, others: &ClassMap, pairs: &[Confused]) -> Vec<Vec<Cell>> {
    if classes.len().max(others.len()) > MOST_CLASSES {
        return Vec::new();
    }
    let cell = |given: i32, predicted: i32| {
        let mut pairs = pairs.iter();
        let found = pairs.find(|pair| pair.given == given && pair.predicted == predicted);
        Cell {
            rows: found.map_or(0, |pair| pair.rows),
            is_right: classes.name(given) == others.name(predicted),
        }
    };
    let line = |given: i32| {
        others
            .ids()
            .map(|predicted| cell(given, predicted))
            .collect()
    };
    classes.ids().map(line).collect()
}

fn name(classes: &ClassMap, id: i32) -> String {
    classes.name(id).unwrap_or_default().to_owned()
}

//! Rows with a number each: which action a cell has its value of.

use std::collections::HashMap;
use tlc_core::RowSet;

/// With more than one in so many rows painted, each row has its place.
const FEW_IN: usize = 16;

/// Numbers of some rows of a table; the last one that was painted counts.
#[derive(Clone, Debug)]
pub(super) enum Painted {
    Few {
        rows: usize,
        numbers: HashMap<usize, u32>,
    },
    /// 0 where nothing is painted.
    Many(Vec<u32>),
}

impl Painted {
    pub(super) fn new(rows: usize) -> Self {
        let numbers = HashMap::new();
        Self::Few { rows, numbers }
    }

    /// Paints rows with a number, which is not 0.
    pub(super) fn paint(&mut self, painted: &RowSet, number: u32) {
        self.make_room(painted.len());
        match self {
            Self::Few { numbers, .. } => numbers.extend(painted.iter().map(|row| (row, number))),
            Self::Many(numbers) => {
                for row in painted.iter() {
                    if let Some(cell) = numbers.get_mut(row) {
                        *cell = number;
                    }
                }
            }
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<u32> {
        match self {
            Self::Few { numbers, .. } => numbers.get(&row).copied(),
            Self::Many(numbers) => numbers.get(row).copied().filter(|number| *number != 0),
        }
    }

    /// The rows that are painted, ascending.
    pub(super) fn rows(&self) -> Vec<usize> {
        match self {
            Self::Few { numbers, .. } => {
                let mut rows: Vec<usize> = numbers.keys().copied().collect();
                rows.sort_unstable();
                rows
            }
            Self::Many(numbers) => {
                let rows = numbers.iter().enumerate();
                rows.filter_map(|(row, number)| (*number != 0).then_some(row))
                    .collect()
            }
        }
    }

    fn make_room(&mut self, more: usize) {
        if let Self::Few { rows, numbers } = self
            && (numbers.len() + more) * FEW_IN > *rows
        {
            let mut many = vec![0; *rows];
            for (row, number) in std::mem::take(numbers) {
                if let Some(cell) = many.get_mut(row) {
                    *cell = number;
                }
            }
            *self = Self::Many(many);
        }
    }
}

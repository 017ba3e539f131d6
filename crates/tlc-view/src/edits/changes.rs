//! Which cells have another value than in the table.

use super::action::Action;
use super::folded::Touched;
use crate::Result;
use std::collections::VecDeque;
use std::sync::Arc;
use tlc_core::Table;
use tlc_core::arrow::array::{Array, ArrayRef};
use tlc_core::arrow::compute::kernels::cmp::distinct;

/// Cells that are compared at a time.
const BLOCK: usize = 1 << 14;

/// A cell that a commit would change.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Changed {
    /// Row of the table.
    pub row: usize,
    /// The column.
    pub column: String,
    /// The table's own value, an array of one; `None` for a column that is added.
    pub before: Option<ArrayRef>,
    /// What it would be, an array of one.
    pub after: ArrayRef,
}

/// The cells of a column that a commit would change, by row, read as they are asked for.
#[derive(Debug)]
pub struct Changes<'e> {
    table: &'e Table,
    touched: Option<&'e Touched>,
    actions: &'e [Arc<Action>],
    rows: Vec<usize>,
    next: usize,
    read: VecDeque<Changed>,
}

/// Some rows with the values that they have and would have.
struct Block {
    rows: Vec<usize>,
    before: Option<ArrayRef>,
    after: ArrayRef,
    /// Places of those that differ.
    differing: Vec<usize>,
}

impl<'e> Changes<'e> {
    pub(super) fn new(
        table: &'e Table,
        touched: Option<&'e Touched>,
        actions: &'e [Arc<Action>],
    ) -> Self {
        Self {
            table,
            touched,
            actions,
            rows: touched.map_or_else(Vec::new, Touched::rows),
            next: 0,
            read: VecDeque::new(),
        }
    }

    /// How many there are.
    pub(super) fn number(mut self) -> Result<usize> {
        let mut number = 0;
        while let Some(block) = self.block()? {
            number += block.differing.len();
        }
        Ok(number)
    }

    fn block(&mut self) -> Result<Option<Block>> {
        let end = self.rows.len().min(self.next + BLOCK);
        let rows = self.rows.get(self.next..end).unwrap_or_default().to_vec();
        let Some(touched) = self.touched.filter(|_| !rows.is_empty()) else {
            return Ok(None);
        };
        let after = touched.values(self.actions, &rows)?;
        let before = match touched.added {
            Some(_) => None,
            None => {
                let name = std::slice::from_ref(&touched.column.name);
                let table = self.table.select(name)?;
                table.take(&rows)?.columns().first().cloned()
            }
        };
        self.next = end;
        let differing = match &before {
            Some(before) => differing(before, &after),
            None => (0..rows.len()).collect(),
        };
        Ok(Some(Block {
            rows,
            before,
            after,
            differing,
        }))
    }

    fn read_block(&mut self) -> Result<bool> {
        let (Some(block), Some(touched)) = (self.block()?, self.touched) else {
            return Ok(false);
        };
        for place in block.differing {
            let row = block.rows.get(place).copied().unwrap_or_default();
            self.read.push_back(Changed {
                row,
                column: touched.column.name.clone(),
                before: block.before.as_ref().map(|before| before.slice(place, 1)),
                after: block.after.slice(place, 1),
            });
        }
        Ok(true)
    }
}

impl Iterator for Changes<'_> {
    type Item = Result<Changed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(changed) = self.read.pop_front() {
                return Some(Ok(changed));
            }
            match self.read_block() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.next = self.rows.len();
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The places at which two arrays of one type differ, bit by bit; both missing is the same.
fn differing(before: &ArrayRef, after: &ArrayRef) -> Vec<usize> {
    let places = 0..before.len();
    match distinct(&before.as_ref(), &after.as_ref()) {
        Ok(differ) => places.filter(|place| differ.value(*place)).collect(),
        // Lists and structs have no such comparison.
        Err(_) => places
            .filter(|place| before.slice(*place, 1).as_ref() != after.slice(*place, 1).as_ref())
            .collect(),
    }
}

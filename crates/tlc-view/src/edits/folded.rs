//! What actions amount to: which action each cell has its value of, and what is reviewed.

use super::action::{Action, What};
use super::painted::Painted;
use crate::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef};
use tlc_core::arrow::compute::interleave;
use tlc_core::{Column, RowSet, Table};

const REVIEWED: u32 = 1;
const NOT_REVIEWED: u32 = 2;

/// Actions put together.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    rows: usize,
    columns: Vec<Touched>,
    reviewed: Painted,
}

/// A column that was touched.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    pub(super) column: Column,
    /// The value of an added column in every row that has no other.
    pub(super) added: Option<ArrayRef>,
    /// Of each row that was set the place of its action, counted from 1.
    painted: Painted,
}

/// Which of some actions no later one of them has discarded.
pub(super) fn alive(actions: &[Arc<Action>]) -> Vec<bool> {
    let mut alive = vec![true; actions.len()];
    for (place, action) in actions.iter().enumerate() {
        if !matches!(action.written.what, What::Discard { .. }) {
            continue;
        }
        for (alive, before) in alive.iter_mut().zip(actions.iter().take(place)) {
            *alive &= !action.written.what.discards(&before.written.what);
        }
    }
    alive
}

impl Folded {
    /// Nothing but rows that were reviewed before.
    pub(super) fn new(rows: usize, reviewed: &RowSet) -> Self {
        let mut painted = Painted::new(rows);
        painted.paint(reviewed, REVIEWED);
        Self {
            rows,
            columns: Vec::new(),
            reviewed: painted,
        }
    }

    /// What all of these amount to.
    pub(super) fn of(table: &Table, reviewed: &RowSet, actions: &[Arc<Action>]) -> Self {
        let mut folded = Self::new(table.len(), reviewed);
        for (place, (action, alive)) in actions.iter().zip(alive(actions)).enumerate() {
            if alive {
                folded.push(table, place, action);
            }
        }
        folded
    }

    /// Adds the action at a place, which discards nothing.
    pub(super) fn push(&mut self, table: &Table, place: usize, action: &Action) {
        let number = u32::try_from(place + 1).unwrap_or(u32::MAX);
        if let Some((rows, is_reviewed)) = action.written.what.marks() {
            let mark = if is_reviewed { REVIEWED } else { NOT_REVIEWED };
            self.reviewed.paint(rows, mark);
        }
        match &action.written.what {
            What::Set(cells) | What::Accept(cells) => {
                if let Some(touched) = self.touched(table, &cells.column) {
                    touched.painted.paint(&cells.rows, number);
                }
            }
            What::AddColumn { column, .. } => {
                let added = action.values.clone();
                self.add((**column).clone(), added);
            }
            What::Review { .. } | What::Discard { .. } => {}
        }
    }

    /// The columns that were touched or added.
    pub(super) fn columns(&self) -> &[Touched] {
        &self.columns
    }

    pub(super) fn column(&self, name: &str) -> Option<&Touched> {
        self.columns
            .iter()
            .find(|touched| touched.column.name == name)
    }

    pub(super) fn is_reviewed(&self, row: usize) -> bool {
        self.reviewed.get(row) == Some(REVIEWED)
    }

    /// The rows that are reviewed.
    pub(super) fn reviewed(&self) -> RowSet {
        let rows = self.reviewed.rows().into_iter();
        let rows = rows.filter(|row| self.is_reviewed(*row));
        RowSet::ascending(rows)
    }

    fn touched(&mut self, table: &Table, name: &str) -> Option<&mut Touched> {
        if self.column(name).is_none() {
            // A column that was added and discarded since is none.
            let column = table.schema().column(name)?.clone();
            self.add(column, None);
        }
        let mut columns = self.columns.iter_mut();
        columns.find(|touched| touched.column.name == name)
    }

    fn add(&mut self, column: Column, added: Option<ArrayRef>) {
        self.columns.push(Touched {
            column,
            added,
            painted: Painted::new(self.rows),
        });
    }
}

impl Touched {
    /// The rows that were set, ascending.
    pub(super) fn rows(&self) -> Vec<usize> {
        self.painted.rows()
    }

    /// Whether there is a value for a row here.
    pub(super) fn has(&self, row: usize) -> bool {
        self.added.is_some() || self.painted.get(row).is_some()
    }

    /// The values of rows that [have](Self::has) one.
    pub(super) fn values(&self, actions: &[Arc<Action>], rows: &[usize]) -> Result<ArrayRef> {
        // Each action that is needed once, the value of an added column first.
        let mut sources: Vec<&dyn Array> = self.added.iter().map(AsRef::as_ref).collect();
        let (mut known, mut last) = (HashMap::new(), None);
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(number) = self.painted.get(*row) else {
                places.push((0, 0));
                continue;
            };
            let action = actions.get(number as usize - 1);
            let Some((values, cells)) = action
                .and_then(|action| Some((action.values.as_ref()?, action.written.what.cells()?)))
            else {
                places.push((0, 0));
                continue;
            };
            let source = match last {
                Some((known, source)) if known == number => source,
                _ => *known.entry(number).or_insert_with(|| {
                    sources.push(values.as_ref());
                    sources.len() - 1
                }),
            };
            last = Some((number, source));
            let place = match values.len() {
                1 => 0,
                _ => cells.rows.place(*row).unwrap_or(0),
            };
            places.push((source, place));
        }
        interleave(&sources, &places).map_err(|source| Error::arrow("put edits together", source))
    }
}

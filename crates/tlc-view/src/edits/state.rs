//! The state of the edits of a table: what the steps up to here amount to.

use super::action::{Action, Values, What, Written};
use super::folded::{Folded, alive};
use super::step::{Arrived, Checkpoint, Numbered, Step};
use super::value;
use crate::Result;
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef};
use tlc_core::{Column, RowSet, Table, Url};

/// What was done and undone, and what was committed of it.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// What was done, then what was undone, in the order in which it was done.
    pub(super) actions: Vec<Arc<Action>>,
    /// How many of them are not undone.
    pub(super) done: usize,
    /// Rows that were reviewed by actions that are gone from here.
    pub(super) reviewed: RowSet,
    /// Commits of which nobody has said what became of them: numbers and revisions.
    pub(super) commits: Vec<(u64, String)>,
    /// The revision that was committed last, as far as it was read here.
    pub(super) committed: Option<String>,
    /// From which edits what has arrived: of which table, up to which document.
    pub(super) arrived: Vec<(String, u64)>,
}

/// What a document is read with: the table, the document, and where files beside it are.
pub(super) trait Reading {
    fn table(&self) -> &Table;
    fn document(&self) -> &Url;
    fn values(&self, file: &Values, column: &Column) -> Result<ArrayRef>;
}

impl State {
    /// The actions that are not undone.
    pub(super) fn active(&self) -> &[Arc<Action>] {
        self.actions.get(..self.done).unwrap_or_default()
    }

    /// The actions that were undone, the one to be done again next first.
    pub(super) fn undone(&self) -> &[Arc<Action>] {
        self.actions.get(self.done..).unwrap_or_default()
    }

    pub(super) fn folded(&self, table: &Table) -> Folded {
        Folded::of(table, &self.reviewed, self.active())
    }

    /// The rows that were reviewed up to a document.
    pub(super) fn reviewed_up_to(&self, through: u64, table: &Table) -> RowSet {
        let active = self.active();
        let active = active.get(..self.up_to(through).min(active.len()));
        Folded::of(table, &self.reviewed, active.unwrap_or_default()).reviewed()
    }

    /// The state after another step.
    ///
    /// # Errors
    /// `Corrupt`, naming the document, for a step that cannot follow.
    pub(super) fn after(mut self, number: u64, step: Step, reading: &dyn Reading) -> Result<Self> {
        match step {
            Step::Act(written) => {
                self.actions.truncate(self.done);
                self.push(number, written, reading)?;
            }
            Step::Undo { action } => {
                let last = self.active().last().map(|action| action.id());
                check(
                    reading,
                    last == Some(&action),
                    "undoes what was not done last",
                )?;
                self.done -= 1;
            }
            Step::Redo { action } => {
                let next = self.undone().first().map(|action| action.id());
                check(reading, next == Some(&action), "redoes what was not undone")?;
                self.done += 1;
            }
            Step::Commit { revision } => self.commits.push((number, revision)),
            Step::Committed { commit, revision } => {
                check(reading, commit < number, "is about a later commit")?;
                self.commits.retain(|(known, _)| *known > commit);
                self.forget(commit, reading.table());
                self.committed = Some(revision);
            }
            Step::Dropped { commit } => self.commits.retain(|(known, _)| *known != commit),
            Step::Left { through, .. } => {
                check(reading, through < number, "is about a later document")?;
                self.forget(through, reading.table());
            }
            Step::Arrived(arrived) => self.arrive(number, arrived, reading)?,
        }
        Ok(self)
    }

    /// The state that a checkpoint is of.
    pub(super) fn of(checkpoint: Checkpoint<'_>, reading: &dyn Reading) -> Result<Self> {
        let mut state = Self {
            reviewed: checkpoint.reviewed,
            commits: checkpoint.commits,
            arrived: checkpoint.arrived,
            ..Self::default()
        };
        state.check_rows(&state.reviewed, reading)?;
        for Numbered { step, action } in checkpoint.actions {
            let last = state.actions.last().map_or(0, |action| action.step);
            let is_next = last <= step && step <= checkpoint.number;
            check(reading, is_next, "its actions are out of order")?;
            state.push(step, action.into_owned(), reading)?;
        }
        check(
            reading,
            checkpoint.done <= state.actions.len(),
            "more is done than there is",
        )?;
        state.done = checkpoint.done;
        Ok(state)
    }

    fn arrive(&mut self, number: u64, arrived: Arrived, reading: &dyn Reading) -> Result<()> {
        self.check_rows(&arrived.reviewed, reading)?;
        self.actions.truncate(self.done);
        for action in arrived.actions {
            self.push(number, action, reading)?;
        }
        let reviewed = self.reviewed.iter().chain(arrived.reviewed.iter());
        self.reviewed = reviewed.collect();
        self.arrived.push((arrived.from, arrived.through));
        Ok(())
    }

    /// Takes away what was done up to a document; what was reviewed stays so.
    fn forget(&mut self, through: u64, table: &Table) {
        self.reviewed = self.reviewed_up_to(through, table);
        let gone = self.up_to(through);
        let undone = self.undone().len().min(self.actions.len() - gone);
        self.actions.drain(..gone);
        self.done = self.actions.len() - undone;
        self.forget_cells_of_no_column(table);
    }

    /// How many actions were done up to a document.
    fn up_to(&self, through: u64) -> usize {
        self.actions
            .partition_point(|action| action.step <= through)
    }

    /// Somebody may have set cells of a column whose making is committed.
    fn forget_cells_of_no_column(&mut self, table: &Table) {
        let (mut known, mut done) = (Vec::new(), 0);
        for (place, action) in std::mem::take(&mut self.actions).into_iter().enumerate() {
            let cells = action.written.what.cells();
            let is_there = cells.is_none_or(|cells| {
                let names = |action: &Arc<Action>| {
                    added(action).is_some_and(|column| column.name == cells.column)
                };
                table.schema().column(&cells.column).is_some() || known.iter().any(names)
            });
            if is_there {
                done += usize::from(place < self.done);
                known.push(action);
            }
        }
        (self.actions, self.done) = (known, done);
    }

    /// Adds an action at the end, done.
    fn push(&mut self, step: u64, written: Written, reading: &dyn Reading) -> Result<()> {
        if let Some(rows) = written.what.rows() {
            self.check_rows(rows, reading)?;
            check(reading, !rows.is_empty(), "is about no row")?;
        }
        if let What::AddColumn { column, .. } = &written.what {
            let is_free = self.live_column(reading.table(), &column.name).is_none();
            check(reading, is_free, "adds a column that is there")?;
        }
        let values = self.values(&written.what, reading)?;
        self.actions.push(Arc::new(Action {
            written,
            step,
            values,
        }));
        self.done = self.actions.len();
        Ok(())
    }

    fn values(&self, what: &What, reading: &dyn Reading) -> Result<Option<ArrayRef>> {
        let column = match what {
            What::Set(cells) | What::Accept(cells) => {
                self.known_column(reading.table(), &cells.column)
            }
            What::AddColumn { column, .. } => Some(&**column),
            What::Review { .. } | What::Discard { .. } => return Ok(None),
        };
        let (Some(column), Some(values)) = (column, what.values()) else {
            return Err(corrupt(reading, "is about a column that is not there"));
        };
        let values = match values {
            Values::Here(values) => value::of_json(column, values)
                .map_err(|error| corrupt(reading, &error.to_string()))?,
            file => reading.values(file, column)?,
        };
        let rows = what.rows().map_or(1, RowSet::len);
        let fits = values.len() == 1 || values.len() == rows;
        check(reading, fits, "has another number of values than rows")?;
        Ok(Some(values))
    }

    /// A column as the table has it, or as it was added last.
    fn known_column<'s>(&'s self, table: &'s Table, name: &str) -> Option<&'s Column> {
        let added = self.actions.iter().rev().filter_map(added);
        let mut added = added.filter(|column| column.name == name);
        table.schema().column(name).or_else(|| added.next())
    }

    /// A column as it is now.
    pub(super) fn live_column<'s>(&'s self, table: &'s Table, name: &str) -> Option<&'s Column> {
        if let Some(column) = table.schema().column(name) {
            return Some(column);
        }
        let active = self.active().iter().zip(alive(self.active()));
        let live = active.filter(|(_, alive)| *alive);
        let mut added = live.filter_map(|(action, _)| added(action));
        added.find(|column| column.name == name)
    }

    fn check_rows(&self, rows: &RowSet, reading: &dyn Reading) -> Result<()> {
        let is_inside = rows.end() <= reading.table().len();
        check(reading, is_inside, "is about rows that the table has not")
    }
}

fn added(action: &Arc<Action>) -> Option<&Column> {
    match &action.written.what {
        What::AddColumn { column, .. } => Some(column),
        _ => None,
    }
}

fn check(reading: &dyn Reading, is_sound: bool, reason: &str) -> Result<()> {
    match is_sound {
        true => Ok(()),
        false => Err(corrupt(reading, reason)),
    }
}

fn corrupt(reading: &dyn Reading, reason: &str) -> crate::Error {
    let corrupt = tlc_core::Error::Corrupt {
        url: reading.document().clone(),
        reason: reason.to_owned(),
    };
    corrupt.into()
}

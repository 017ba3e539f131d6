//! The edits of a table that a person has made and not committed.

use super::action::{Action, ActionKind, Written};
use super::change::Change;
use super::changes::{Changed, Changes};
use super::folded::Folded;
use super::journal::Journal;
use super::state::State;
use super::step::Step;
use crate::{Error, Mask, Result};
use std::sync::{Arc, OnceLock};
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{Column, Table};

/// What a person has changed of one content of a table and not committed: labels, weights or
/// other cells, columns that were added, and which rows were reviewed. Everything can be undone
/// and done again, without limit, and nothing is lost when the process ends: each action is
/// durable once the call returns, as a numbered document in the folder of the project,
/// `edits/<table id>/`.
///
/// Any number of processes may have the edits of one table open. Whoever writes reads first
/// what the others wrote, and [`refresh`](Self::refresh) does so at any time.
///
/// ```
/// use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
/// use tlc_view::{Change, Outcome, PendingEdits};
///
/// let root = Url::parse("memory://docs-edits/")?;
/// let label = Column::new("label", ValueType::labels(["cat", "dog"]));
/// let options = TableOptions::new("pets", "train", "initial").column(label).root(root);
/// let table = Table::create(options, |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0, 1, 1]))
/// })?;
/// let mut edits = PendingEdits::open(&table)?;
/// edits.act(Change::set("label", [1], "cat").reviewed())?;
/// edits.act(Change::set("label", [0, 2], "dog"))?;
/// edits.undo()?;
///
/// let mut edits = PendingEdits::open(&table)?; // in another process, say
/// assert_eq!(edits.counts()?[0].cells, 1);
/// let Outcome::Committed(fixed) = edits.commit("row 1 is a cat")? else { panic!() };
/// assert_eq!(fixed.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(0,), (0,), (1,)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PendingEdits {
    pub(super) table: Table,
    pub(super) journal: Journal,
    pub(super) state: State,
    folded: OnceLock<Folded>,
    /// A step of which nobody knows whether it was written.
    unsure: Option<Unsure>,
}

/// How many cells of a column would be changed by a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedColumn {
    /// Its name.
    pub column: String,
    /// Whether it is new.
    pub is_added: bool,
    /// Cells with another value than the table has; of a new column all.
    pub cells: usize,
}

#[derive(Debug)]
struct Unsure {
    id: String,
    step: Step,
    landed: bool,
}

impl PendingEdits {
    /// The edits of a table, as they were left.
    ///
    /// # Errors
    /// [`tlc_core::Error::Corrupt`] for a document that is damaged or missing, naming it;
    /// [`tlc_core::Error::InvalidUrl`] for a table that is in no project;
    /// [`Error::Rows`] for one of more rows than fit 32 bits; storage errors.
    pub fn open(table: &Table) -> Result<Self> {
        if table.len() > u32::MAX as usize {
            let (rows, most) = (table.len() as u64, u64::from(u32::MAX));
            return Err(Error::Rows { rows, most });
        }
        let table = table.whole()?;
        let (journal, state) = Journal::open(&table)?;
        let mut edits = Self {
            table,
            journal,
            state,
            folded: OnceLock::new(),
            unsure: None,
        };
        edits.settle_commits()?;
        Ok(edits)
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Reads what others have done since.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn refresh(&mut self) -> Result<()> {
        self.read_on()?;
        self.unsure = None;
        self.settle_commits()
    }

    /// Does something. What was undone before can be done again no more.
    ///
    /// # Errors
    /// [`Error::Edit`] for a value that the column cannot have, naming table, column and row;
    /// [`tlc_core::Error::RowOutOfRange`], [`tlc_core::Error::NoSuchColumn`],
    /// [`tlc_core::Error::NotWritable`]; [`Error::Setting`] for no rows, or another number of
    /// values than rows. Storage errors, after which the call can be repeated.
    pub fn act(&mut self, change: Change) -> Result<Arc<Action>> {
        let landed = match self.landed()? {
            Some(Step::Act(written)) => Some(written.what),
            _ => None,
        };
        self.append(|edits| {
            let what = edits.settled(&change)?;
            let is_done = landed.as_ref() == Some(&what);
            Ok((!is_done).then(|| Step::Act(Written::now(what))))
        })?;
        let last = self.state.active().last();
        last.cloned().ok_or_else(|| self.overtaken())
    }

    /// Undoes the last action; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Overtaken`] if somebody else has done something since this one has read:
    /// nothing is undone, and [`actions`](Self::actions) has what was done. Storage errors,
    /// after which the call can be repeated.
    pub fn undo(&mut self) -> Result<Option<Arc<Action>>> {
        let Some(last) = self.state.active().last().cloned() else {
            return Ok(None);
        };
        let action = last.id().to_owned();
        let step = Step::Undo { action };
        self.append_once(&step, |edits| {
            edits.state.active().last().map(|action| action.id()) == Some(last.id())
        })?;
        Ok(Some(last))
    }

    /// Does again what was undone last; `None` if there is nothing.
    ///
    /// # Errors
    /// As [`undo`](Self::undo).
    pub fn redo(&mut self) -> Result<Option<Arc<Action>>> {
        let Some(next) = self.state.undone().first().cloned() else {
            return Ok(None);
        };
        let action = next.id().to_owned();
        let step = Step::Redo { action };
        self.append_once(&step, |edits| {
            edits.state.undone().first().map(|action| action.id()) == Some(next.id())
        })?;
        Ok(Some(next))
    }

    /// What was done and not undone, oldest first.
    #[must_use]
    pub fn actions(&self) -> &[Arc<Action>] {
        self.state.active()
    }

    /// What was undone and can be done again, the next one first.
    #[must_use]
    pub fn undone(&self) -> &[Arc<Action>] {
        self.state.undone()
    }

    /// The columns of the table and those that were added.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        let added = self.folded().columns().iter();
        let added = added.filter(|touched| touched.added.is_some());
        let own = self.table.schema().columns().iter();
        own.chain(added.map(|touched| &touched.column))
    }

    /// The value that was set for a cell, or that an added column has there: an array of one
    /// value. `None` where the table's own value stands.
    ///
    /// # Errors
    /// [`tlc_core::Error::RowOutOfRange`], [`tlc_core::Error::NoSuchColumn`].
    pub fn value(&self, row: usize, column: &str) -> Result<Option<ArrayRef>> {
        self.check_rows([row])?;
        let Some(touched) = self.folded().column(column) else {
            self.column(column)?;
            return Ok(None);
        };
        match touched.has(row) {
            true => touched.values(self.state.active(), &[row]).map(Some),
            false => Ok(None),
        }
    }

    /// What a commit would change, column by column.
    ///
    /// # Errors
    /// Storage errors.
    pub fn counts(&self) -> Result<Vec<ChangedColumn>> {
        let mut counts = Vec::new();
        for touched in self.folded().columns() {
            let is_added = touched.added.is_some();
            let cells = match is_added {
                true => self.table.len(),
                false => Changes::new(&self.table, Some(touched), self.state.active()).number()?,
            };
            if is_added || cells > 0 {
                counts.push(ChangedColumn {
                    column: touched.column.name.clone(),
                    is_added,
                    cells,
                });
            }
        }
        Ok(counts)
    }

    /// The cells of a column that have another value than in the table, row by row; of an
    /// added column those that were set.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    /// use tlc_view::{Change, PendingEdits};
    ///
    /// let root = Url::parse("memory://docs-edits-changes/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("note", vec!["a", "b"]))
    /// })?;
    /// let mut edits = PendingEdits::open(&table)?;
    /// edits.act(Change::set("note", 0..2, "b").ignore_writable())?;
    /// let changed: Vec<usize> = edits.changes_of("note")?.map(|cell| Ok(cell?.row)).collect::<tlc_view::Result<_>>()?;
    /// assert_eq!(changed, [0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`tlc_core::Error::NoSuchColumn`]; each item fails as reading the table does.
    pub fn changes_of(&self, column: &str) -> Result<Changes<'_>> {
        self.column(column)?;
        let touched = self.folded().column(column);
        Ok(Changes::new(&self.table, touched, self.state.active()))
    }

    /// The cells that have another value than in the table, column by column.
    ///
    /// # Errors
    /// Each item fails as reading the table does.
    pub fn changes(&self) -> impl Iterator<Item = Result<Changed>> + '_ {
        let columns = self.folded().columns().iter();
        columns.flat_map(|touched| Changes::new(&self.table, Some(touched), self.state.active()))
    }

    /// Whether somebody has looked at a row, and said so.
    #[must_use]
    pub fn is_reviewed(&self, row: usize) -> bool {
        self.folded().is_reviewed(row)
    }

    /// The rows that were reviewed. A revision takes over which rows of its parent were.
    #[must_use]
    pub fn reviewed(&self) -> Mask {
        Mask::of_rows(self.table.len(), self.folded().reviewed().iter())
    }

    pub(super) fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| self.state.folded(&self.table))
    }

    /// Writes the step that is made of the state, after all that others have written; `None`
    /// is no step.
    pub(super) fn append(&mut self, make: impl Fn(&Self) -> Result<Option<Step>>) -> Result<()> {
        loop {
            let Some(step) = make(self)? else {
                return Ok(());
            };
            let next = self.journal.tried(self.state.clone(), step.clone())?;
            let id = uuid::Uuid::now_v7().to_string();
            match self.journal.append(id.clone(), &step) {
                Ok(true) => {
                    self.move_on(next, &step);
                    self.journal.checkpoint(&self.state);
                    return Ok(());
                }
                Ok(false) => self.read_on()?,
                Err(error) => {
                    let landed = false;
                    self.unsure = Some(Unsure { id, step, landed });
                    return Err(error);
                }
            }
        }
    }

    /// Writes a step as long as it can follow, unless a call that failed has written it.
    fn append_once(&mut self, step: &Step, can_follow: impl Fn(&Self) -> bool) -> Result<()> {
        if self.landed()?.as_ref() == Some(step) {
            return Ok(());
        }
        self.append(|edits| match can_follow(edits) {
            true => Ok(Some(step.clone())),
            false => Err(edits.overtaken()),
        })
    }

    pub(super) fn overtaken(&self) -> Error {
        Error::Overtaken {
            table: self.table.url().clone(),
        }
    }

    pub(super) fn read_on(&mut self) -> Result<()> {
        let (state, ids) = self.journal.read_on(self.state.clone())?;
        if ids.is_empty() {
            return Ok(());
        }
        if let Some(unsure) = &mut self.unsure {
            unsure.landed |= ids.contains(&unsure.id);
        }
        self.state = state;
        self.folded = OnceLock::new();
        Ok(())
    }

    /// The step that was written though its call has failed, if that is so.
    pub(super) fn landed(&mut self) -> Result<Option<Step>> {
        if self.unsure.is_none() {
            return Ok(None);
        }
        self.read_on()?;
        let unsure = self.unsure.take().filter(|unsure| unsure.landed);
        Ok(unsure.map(|unsure| unsure.step))
    }

    /// What was put together is kept, where a step only adds to it.
    fn move_on(&mut self, state: State, step: &Step) {
        self.state = state;
        let adds = match step {
            Step::Act(written) => written.what.kind() != ActionKind::Discard,
            _ => false,
        };
        match (step, self.folded.get_mut(), self.state.active()) {
            (Step::Act(_), Some(folded), [before @ .., last]) if adds => {
                folded.push(&self.table, before.len(), last);
            }
            (Step::Commit { .. } | Step::Dropped { .. }, ..) => {}
            _ => self.folded = OnceLock::new(),
        }
    }
}

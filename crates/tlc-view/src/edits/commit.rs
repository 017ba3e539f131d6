//! From pending edits to a revision, and what happens if somebody else was quicker.

use super::action::{Action, Cells, What, Written};
use super::folded::alive;
use super::pending::PendingEdits;
use super::step::{Arrived, Step};
use super::value::taken;
use crate::Result;
use std::collections::HashSet;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, AsArray, StringArray};
use tlc_core::arrow::datatypes::Int32Type;
use tlc_core::{
    Column, Committed, Conflict, Editor, Error, Lineage, RevisionOptions, RowMap, RowSet, Table,
    Touched, ValueType,
};

/// What became of a [`commit`](PendingEdits::commit).
#[derive(Debug)]
pub enum Outcome {
    /// The edits are this revision, the latest one, and nothing is pending.
    Committed(Table),
    /// Somebody else has committed since the table was made. Nothing was made, and everything
    /// is pending as before: [`rebase`](PendingEdits::rebase) it onto
    /// [`latest`](Conflict::latest), or [`branch`](PendingEdits::branch).
    Conflict(Conflict),
}

impl PendingEdits {
    /// Makes what is pending a revision of the table, if the table is the latest of its
    /// revisions. Then nothing is pending, and the revision takes over which rows were
    /// reviewed.
    ///
    /// The call can be repeated, in another process, too: edits that were committed before it
    /// could be told are known as committed, and no revision is made twice.
    ///
    /// # Errors
    /// [`Error::NothingChanged`] if no cell would be another; [`Error::AlreadyExists`] for a
    /// name that is taken; those of [`Editor::commit_to_latest`].
    pub fn commit(&mut self, options: impl Into<RevisionOptions>) -> Result<Outcome> {
        self.make(options.into(), |editor, options| {
            editor.commit_to_latest(options)
        })
    }

    /// As [`commit`](Self::commit), whatever others have made of the table meanwhile: beside
    /// what they made.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn branch(&mut self, options: impl Into<RevisionOptions>) -> Result<Table> {
        let beside = |editor: &mut Editor, options| editor.commit(options).map(Committed::Done);
        match self.make(options.into(), beside)? {
            Outcome::Committed(table) => Ok(table),
            Outcome::Conflict(conflict) => Ok(conflict.latest().clone()),
        }
    }

    /// Moves what is pending to another revision of the same base, such as the
    /// [`latest`](Conflict::latest) after a conflict: it is pending there, action by action,
    /// and here no more. What is about rows that the other one has not is left out, and so are
    /// the cells in `theirs`: of those that [both](Conflict::both) have changed the ones in
    /// which the other revision is right. Labels go by the names of their classes.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] and [`Error::Column`] where somebody dropped a column that was
    /// edited, or added one of the same name; [`crate::Error::Edit`] where a class is gone;
    /// [`Error::OtherBase`]; storage errors, after which the call can be repeated. Nothing is
    /// moved then.
    pub fn rebase(&mut self, onto: &Table, theirs: &[Touched]) -> Result<Self> {
        self.refresh()?;
        let rows = self.table.rows_in(onto)?;
        let mut there = Self::open(onto)?;
        let Some(through) = self.journal.next().checked_sub(1) else {
            return Ok(there);
        };
        if there.table.id() == self.table.id() {
            return Ok(there);
        }
        let from = self.table.id().to_owned();
        let arrived = Arrived {
            actions: self.moved(&there, &rows, theirs)?,
            reviewed: mapped(&self.state.reviewed, &rows),
            from,
            through,
        };
        there.take_over(&arrived)?;
        let to = there.table.id().to_owned();
        self.append(|_| {
            let to = to.clone();
            Ok(Some(Step::Left { to, through }))
        })?;
        Ok(there)
    }

    /// Finds out what became of commits of which nobody knows.
    pub(super) fn settle_commits(&mut self) -> Result<()> {
        let commits = self.state.commits.clone();
        if commits.is_empty() {
            return Ok(());
        }
        let lineage = self.table.lineage()?;
        for (number, id) in commits {
            if let Some(table) = revision_of(&lineage, &id)? {
                self.close(number, &table)?;
            }
        }
        Ok(())
    }

    fn make(
        &mut self,
        mut options: RevisionOptions,
        commit: impl Fn(&mut Editor, RevisionOptions) -> tlc_core::Result<Committed>,
    ) -> Result<Outcome> {
        let before = self.state.committed.clone();
        self.landed()?;
        if let Some(table) = self.committed_since(before.as_deref())? {
            return Ok(Outcome::Committed(table));
        }
        let revision = options.reserve_id();
        self.append(|_| {
            let revision = revision.clone();
            Ok(Some(Step::Commit { revision }))
        })?;
        let number = self.journal.next() - 1;
        let made = self.editor().and_then(|mut editor| {
            let made = commit(&mut editor, options);
            made.map_err(crate::Error::from)
        });
        match made {
            Ok(Committed::Done(table)) => {
                self.close(number, &table)?;
                Ok(Outcome::Committed(table))
            }
            Ok(Committed::Conflict(conflict)) => {
                let committed = self.committed_since(before.as_deref())?;
                self.drop_commit(number)?;
                let outcome = committed.map(Outcome::Committed);
                Ok(outcome.unwrap_or(Outcome::Conflict(conflict)))
            }
            Err(error) => {
                if is_before_commit(&error) {
                    self.drop_commit(number)?;
                }
                Err(error)
            }
        }
    }

    /// The revision by which all that was pending was committed since another one: by somebody
    /// else with the same edits, or by a call that has failed after it.
    fn committed_since(&mut self, before: Option<&str>) -> Result<Option<Table>> {
        self.read_on()?;
        self.settle_commits()?;
        let committed = self.state.committed.as_deref();
        match committed.filter(|committed| Some(*committed) != before) {
            Some(id) if self.folded().columns().is_empty() => {
                revision_of(&self.table.lineage()?, id)
            }
            _ => Ok(None),
        }
    }

    fn drop_commit(&mut self, commit: u64) -> Result<()> {
        self.append(|edits| {
            let mut open = edits.state.commits.iter();
            let is_open = open.any(|(number, _)| *number == commit);
            Ok(is_open.then_some(Step::Dropped { commit }))
        })
    }

    /// Says that a commit was made, once the revision has what it takes over.
    fn close(&mut self, commit: u64, revision: &Table) -> Result<()> {
        let reviewed = self.state.reviewed_up_to(commit, &self.table);
        if !reviewed.is_empty() {
            let rows = self.table.rows_in(revision)?;
            Self::open(revision)?.take_over(&Arrived {
                from: self.table.id().to_owned(),
                through: commit,
                actions: Vec::new(),
                reviewed: mapped(&reviewed, &rows),
            })?;
        }
        self.append(|edits| {
            let mut open = edits.state.commits.iter();
            let made = open.find(|(number, _)| *number == commit).cloned();
            Ok(made.map(|(commit, revision)| Step::Committed { commit, revision }))
        })
    }

    /// Takes what comes from other edits, once.
    fn take_over(&mut self, arrived: &Arrived) -> Result<()> {
        let place = (arrived.from.clone(), arrived.through);
        self.append(|edits| {
            let is_here = edits.state.arrived.contains(&place);
            Ok((!is_here).then(|| Step::Arrived(arrived.clone())))
        })
    }

    /// What is pending, as edits of the table.
    fn editor(&self) -> Result<Editor> {
        let mut editor = self.table.edit()?;
        editor.ignore_writable();
        let actions = self.state.active();
        for touched in self.folded().columns() {
            let name = &touched.column.name;
            if touched.added.is_some() {
                let all: Vec<usize> = (0..self.table.len()).collect();
                editor.add_column(touched.column.clone(), touched.values(actions, &all)?)?;
            } else {
                let rows = touched.rows();
                let values = touched.values(actions, &rows)?;
                editor.set_values(name, rows, values)?;
            }
        }
        Ok(editor)
    }

    /// The actions that count, as they are actions of another revision.
    fn moved(&self, there: &Self, rows: &RowMap, theirs: &[Touched]) -> Result<Vec<Written>> {
        let theirs: HashSet<(usize, Option<&str>)> = theirs
            .iter()
            .map(|cell| (cell.row, cell.column.as_deref()))
            .collect();
        let active = self.state.active();
        let mut added: Vec<&Column> = Vec::new();
        let mut moved = Vec::new();
        for (action, _) in active.iter().zip(alive(active)).filter(|(_, alive)| *alive) {
            let what = match &action.written.what {
                What::AddColumn { column, .. } => {
                    added.push(column);
                    there.added_there(action, column)?
                }
                What::Review {
                    rows: own,
                    is_reviewed,
                } => What::Review {
                    rows: mapped(own, rows),
                    is_reviewed: *is_reviewed,
                },
                What::Set(cells) | What::Accept(cells) => {
                    let new = added.iter().find(|column| column.name == cells.column);
                    let column = match new {
                        Some(column) => column,
                        None => there.column(&cells.column)?,
                    };
                    let is_theirs = |row| {
                        let column = Some(cells.column.as_str());
                        theirs.contains(&(row, column)) || theirs.contains(&(row, None))
                    };
                    let to = |row: usize| rows.get(row).filter(|_| !is_theirs(row));
                    let moved = self.moved_cells(there, action, cells, (column, &to))?;
                    match action.written.what {
                        What::Accept(_) => What::Accept(moved),
                        _ => What::Set(moved),
                    }
                }
                What::Discard { .. } => continue,
            };
            if what.rows().is_none_or(|rows| !rows.is_empty()) {
                let Written { id, made, .. } = action.written.clone();
                moved.push(Written { id, made, what });
            }
        }
        Ok(moved)
    }

    fn added_there(&self, action: &Action, column: &Column) -> Result<What> {
        let is_free = self.state.live_column(&self.table, &column.name).is_none();
        match (is_free, &action.values) {
            (true, Some(value)) => Ok(What::AddColumn {
                column: Box::new(column.clone()),
                values: self.stored(value)?,
            }),
            _ => {
                let column = column.name.clone();
                let reason = "somebody else has added a column of this name".to_owned();
                Err(Error::Column { column, reason }.into())
            }
        }
    }

    /// Cells of an action as they are in another revision: its column, and its rows.
    fn moved_cells(
        &self,
        there: &Self,
        action: &Action,
        cells: &Cells,
        (column, to): (&Column, &dyn Fn(usize) -> Option<usize>),
    ) -> Result<Cells> {
        let pairs = cells.rows.iter().zip(0_u64..);
        let pairs = pairs.filter_map(|(row, place)| Some((to(row)?, place)));
        let mut pairs: Vec<(usize, u64)> = pairs.collect();
        pairs.sort_unstable();
        let (rows, places): (Vec<usize>, Vec<u64>) = pairs.into_iter().unzip();
        let values = match &action.values {
            Some(values) if values.len() == 1 => Arc::clone(values),
            Some(values) => taken(values, places)?,
            None => return Err(there.overtaken()),
        };
        let own = self.state.live_column(&self.table, &cells.column);
        let values = by_name(own.unwrap_or(column), column, &values);
        let values = values.map_err(|error| there.refused(error))?;
        Ok(Cells {
            column: cells.column.clone(),
            rows: RowSet::ascending(rows),
            values: there.stored(&values)?,
            reviewed: cells.reviewed,
        })
    }
}

/// The revision of an id, if it was made.
fn revision_of(lineage: &Lineage, id: &str) -> Result<Option<Table>> {
    match lineage.get(id).filter(|revision| !revision.is_deleted) {
        Some(revision) => Ok(Some(Table::from_url(&revision.url)?)),
        None => Ok(None),
    }
}

/// Values of a column as another revision has them.
fn by_name(own: &Column, other: &Column, values: &ArrayRef) -> tlc_core::Result<ArrayRef> {
    let (ValueType::CategoricalLabel { classes }, ValueType::CategoricalLabel { classes: others }) =
        (&own.value, &other.value)
    else {
        return other.fitted(Arc::clone(values));
    };
    let labels = values.as_primitive_opt::<Int32Type>();
    let Some(labels) = labels.filter(|_| classes != others && !classes.is_empty()) else {
        return other.fitted(Arc::clone(values));
    };
    let names = labels.iter().map(|label| {
        let class = classes.get(label?)?;
        Some(class.name.as_str())
    });
    let names: ArrayRef = Arc::new(names.collect::<StringArray>());
    other.fitted(names)
}

fn mapped(rows: &RowSet, to: &RowMap) -> RowSet {
    rows.iter().filter_map(|row| to.get(row)).collect()
}

/// Whether an error shows that no revision was made, nor ever will be by that call.
fn is_before_commit(error: &crate::Error) -> bool {
    use Error::{AlreadyExists, InvalidUrl, NothingChanged};
    let crate::Error::Core(error) = error else {
        return true;
    };
    matches!(
        error,
        AlreadyExists { .. } | InvalidUrl { .. } | NothingChanged { .. }
    )
}

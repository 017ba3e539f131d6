//! What a table will be once its edits are committed.

use super::strokes::{Strokes, Values};
use crate::arrow::array::{Array, ArrayRef, RecordBatch};
use crate::table::lay_over;
use crate::{Column, Error, Result, Schema, Table};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The columns and rows of a table, as they were edited.
#[derive(Clone, Debug)]
pub(super) struct Edited {
    pub(super) parent: Table,
    pub(super) columns: Vec<EditedColumn>,
    /// Rows of the parent.
    pub(super) dropped: BTreeSet<usize>,
    pub(super) appended: Vec<RecordBatch>,
    /// In their order, so that they can be made again.
    pub(super) edits: Vec<Edit>,
}

/// A column as it will be.
#[derive(Clone, Debug)]
pub(super) struct EditedColumn {
    pub(super) column: Column,
    pub(super) origin: Origin,
    pub(super) strokes: Strokes,
}

/// Where its values come from, but for those that were set.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A column of the parent.
    Kept(String),
    /// A value for each row of the parent.
    Added(ArrayRef),
}

/// One edit, as it can be made to another revision.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Set(String, Values),
    Add(Column, ArrayRef),
    Drop(String),
    Rename(String, String),
    Describe(Column),
    /// With the labels that have another number by it.
    Classes(Column, Option<Values>),
    DropRows(Vec<usize>),
    Append(RecordBatch),
}

impl Edited {
    pub(super) fn new(parent: Table) -> Self {
        let columns = parent.schema().columns().iter().map(|column| EditedColumn {
            column: column.clone(),
            origin: Origin::Kept(column.name.clone()),
            strokes: Strokes::default(),
        });
        Self {
            columns: columns.collect(),
            dropped: BTreeSet::new(),
            appended: Vec::new(),
            edits: Vec::new(),
            parent,
        }
    }

    /// The values that were set, by the present name of their column.
    pub(super) fn values_set(&self) -> Result<Vec<(&EditedColumn, Values)>> {
        let columns = self.columns.iter();
        let set = columns.map(|column| Ok(column.strokes.merged()?.map(|values| (column, values))));
        set.filter_map(Result::transpose).collect()
    }

    /// Makes an edit, whose values fit; or changes nothing.
    pub(super) fn apply(&mut self, edit: Edit) -> Result<()> {
        match &edit {
            Edit::Set(column, values) => {
                let strokes = &mut self.column_mut(column)?.strokes;
                strokes.push(values.rows.clone(), Arc::clone(&values.values));
            }
            Edit::Add(column, values) => self.add(column, values)?,
            Edit::Drop(name) => self.drop_column(name)?,
            Edit::Rename(from, to) => {
                self.column(from)?;
                self.describe(from, |column| to.clone_into(&mut column.name))?;
            }
            Edit::Describe(column) => {
                self.describe(&column.name, |known| *known = column.clone())?
            }
            Edit::Classes(column, renumbered) => {
                self.describe(&column.name, |known| *known = column.clone())?;
                if let Some(values) = renumbered {
                    let strokes = &mut self.column_mut(&column.name)?.strokes;
                    strokes.push(values.rows.clone(), Arc::clone(&values.values));
                }
            }
            Edit::DropRows(rows) => self.dropped.extend(rows),
            Edit::Append(batch) => self.appended.push(batch.clone()),
        }
        self.edits.push(edit);
        Ok(())
    }

    fn add(&mut self, column: &Column, values: &ArrayRef) -> Result<()> {
        let added = EditedColumn {
            column: column.clone(),
            origin: Origin::Added(Arc::clone(values)),
            strokes: Strokes::default(),
        };
        let columns = self.columns.iter().cloned().chain([added]);
        self.replace_columns(&column.name, columns.collect())
    }

    fn drop_column(&mut self, name: &str) -> Result<()> {
        self.column(name)?;
        let kept = self
            .columns
            .iter()
            .filter(|edited| edited.column.name != name);
        let kept: Vec<EditedColumn> = kept.cloned().collect();
        match kept.is_empty() {
            true => Err(Error::column(name, "the only column cannot be dropped")),
            false => self.replace_columns(name, kept),
        }
    }

    fn describe(&mut self, name: &str, change: impl Fn(&mut Column)) -> Result<()> {
        let mut columns = self.columns.clone();
        for edited in columns
            .iter_mut()
            .filter(|edited| edited.column.name == name)
        {
            change(&mut edited.column);
        }
        self.replace_columns(name, columns)
    }

    /// Rows that were appended have the columns of before.
    fn replace_columns(&mut self, changed: &str, columns: Vec<EditedColumn>) -> Result<()> {
        if !self.appended.is_empty() {
            let reason = "columns come first: change them before rows are appended";
            return Err(Error::column(changed, reason));
        }
        Schema::new(columns.iter().map(|edited| edited.column.clone()))?;
        self.columns = columns;
        Ok(())
    }

    /// The columns as they will be.
    pub(super) fn schema(&self) -> Result<Schema> {
        Schema::new(self.columns.iter().map(|edited| edited.column.clone()))
    }

    pub(super) fn column(&self, name: &str) -> Result<&EditedColumn> {
        let edited = self
            .columns
            .iter()
            .find(|edited| edited.column.name == name);
        edited.ok_or_else(|| self.no_column(name))
    }

    fn column_mut(&mut self, name: &str) -> Result<&mut EditedColumn> {
        let missing = self.no_column(name);
        let edited = self
            .columns
            .iter_mut()
            .find(|edited| edited.column.name == name);
        edited.ok_or(missing)
    }

    fn no_column(&self, name: &str) -> Error {
        let names = self.columns.iter().map(|edited| edited.column.name.clone());
        Error::NoSuchColumn {
            column: name.to_owned(),
            available: names.collect(),
        }
    }

    /// The values of a column as they will be, batch by batch, with the first row of each.
    pub(super) fn read(
        &self,
        edited: &EditedColumn,
        mut take: impl FnMut(usize, &ArrayRef) -> Result<()>,
    ) -> Result<()> {
        let set = edited.strokes.merged()?;
        let mut first = 0;
        let mut take = |values: &ArrayRef| {
            let values = match &set {
                Some(set) => lay_over(Arc::clone(values), first, (&set.rows, &set.values))?,
                None => Arc::clone(values),
            };
            take(first, &values)?;
            first += values.len();
            Ok(())
        };
        match &edited.origin {
            Origin::Added(values) => take(values),
            Origin::Kept(name) => {
                let batches = self.parent.scan().columns([name.as_str()]).batches()?;
                batches
                    .into_iter()
                    .try_for_each(|batch| take(batch?.column(0)))
            }
        }
    }
}

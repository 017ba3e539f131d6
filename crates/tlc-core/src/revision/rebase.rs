//! Edits of one revision, made to another.

use super::edit::{Editor, taken};
use super::edited::{Edit, Edited};
use super::fitting::{fitting, fitting_rows};
use super::labels::{Renumbering, classes};
use super::strokes::Values;
use crate::arrow::array::{ArrayRef, RecordBatch};
use crate::table::Columns;
use crate::{Column, Error, Result, Table};

impl Editor {
    /// The same edits of another revision of the base, such as the
    /// [`latest`](super::Conflict::latest) after a conflict. Rows are those of this editor's
    /// table; what was to be changed of rows that the other one has not is left out. Labels go
    /// by the names of their classes. Of cells that both have touched these edits count: look
    /// at [`both`](super::Conflict::both) before.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] and [`Error::Column`] where somebody dropped, added or described
    /// anew a column that these edits change, add or describe, or a class that they need is
    /// gone; [`Error::OtherBase`]; storage errors.
    pub fn rebase(&self, onto: &Table) -> Result<Self> {
        let rows = self.parent().rows_in(onto)?;
        let mut editor = onto.edit()?;
        editor.is_writable = self.is_writable;
        // As this editor's table was before each edit.
        let mut ours = Edited::new(self.parent().clone());
        for edit in &self.edited.edits {
            match edit.clone() {
                Edit::Set(column, values) => {
                    let values = values.moved(|row| rows.get(row))?;
                    let theirs = &editor.edited.column(&column)?.column;
                    let Values { rows, values } = values;
                    let values = by_name(&ours.column(&column)?.column, theirs, &values)?;
                    editor.apply(Edit::Set(column, Values { rows, values }))?;
                }
                Edit::Add(column, values) => {
                    let back = onto.rows_in(self.parent())?;
                    let (values, all_there) = taken(&values, &back, onto.len())?;
                    let nullable = column.nullable || !all_there;
                    editor.apply(Edit::Add(column.nullable(nullable), values))?;
                }
                Edit::Describe(column) => {
                    check_same(&ours, &editor.edited, &column.name)?;
                    editor.describe(column)?;
                }
                Edit::Classes(column, _) => {
                    check_same(&ours, &editor.edited, &column.name)?;
                    let classes = column.value.classes().cloned().unwrap_or_default();
                    editor.set_classes(&column.name, classes)?;
                }
                Edit::DropRows(dropped) => {
                    let dropped = dropped.iter().filter_map(|row| rows.get(*row));
                    editor.apply(Edit::DropRows(dropped.collect()))?;
                }
                Edit::Append(batch) => {
                    let batch = rows_by_name(&ours, &editor.edited, &batch)?;
                    editor.apply(Edit::Append(batch))?;
                }
                other @ (Edit::Drop(_) | Edit::Rename(..)) => {
                    editor.apply(other)?;
                }
            }
            ours.apply(edit.clone())?;
        }
        Ok(editor)
    }
}

/// Who says anew what a column means must have seen what it means now.
fn check_same(ours: &Edited, theirs: &Edited, name: &str) -> Result<()> {
    match ours.column(name)?.column == theirs.column(name)?.column {
        true => Ok(()),
        false => Err(Error::column(
            name,
            "somebody else has described it anew: describe that one",
        )),
    }
}

/// Values of a column as another revision has them.
fn by_name(ours: &Column, theirs: &Column, values: &ArrayRef) -> Result<ArrayRef> {
    match (classes(ours), classes(theirs)) {
        (Some(from), Some(to)) if from != to => {
            Renumbering::between(from, to).apply(&theirs.name, values)
        }
        _ => fitting(theirs, values),
    }
}

/// Rows that are appended as another revision has them.
fn rows_by_name(ours: &Edited, theirs: &Edited, batch: &RecordBatch) -> Result<RecordBatch> {
    let mut columns = Columns::from(batch);
    for name in batch.schema_ref().fields().iter().map(|field| field.name()) {
        if let Some(values) = batch.column_by_name(name) {
            let (ours, theirs) = (ours.column(name)?, theirs.column(name)?);
            columns.replace(name, by_name(&ours.column, &theirs.column, values)?);
        }
    }
    fitting_rows(&columns.into_plain_batch()?, &theirs.schema()?)
}

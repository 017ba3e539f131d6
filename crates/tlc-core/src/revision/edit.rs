//! Edits of a table, collected until they are committed as a revision.

use super::conflict::{Committed, Conflict};
use super::draft::{Committing, Onto, Outcome};
use super::edited::{Edit, Edited};
use super::fitting::{at_rows, fitting, fitting_rows};
use super::options::RevisionOptions;
use super::overlaying::overlaid;
use super::root::RowMap;
use super::shelf::Shelf;
use super::strokes::{Strokes, Values, is_same, repeated};
use crate::arrow::array::{Array, ArrayRef, UInt64Array};
use crate::arrow::compute::take;
use crate::table::{Cell, Columns, IntoArray, read_value, to_batch_of};
use crate::{Column, Error, Result, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Changes to a table, made by [`Table::edit`] and committed as a revision of it.
///
/// Rows are counted as the table has them, whatever else was edited before: a row that is
/// dropped shifts no other, and rows that are appended come after all and cannot be edited
/// with the same editor. Of several values for a cell the last one counts. A call that fails
/// changes nothing.
///
/// ```
/// use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
///
/// let root = Url::parse("memory://docs-edit/")?;
/// let options = TableOptions::new("pets", "train", "initial")
///     .column(Column::new("label", ValueType::labels(["cat", "dog"])))
///     .root(root);
/// let table = Table::create(options, |writer| {
///     writer.add_batch(Columns::new().column("label", vec![0, 1, 1]))
/// })?;
/// let fixed = table.edit()?.set("label", 2, "cat")?.drop_rows([0])?.commit("two mistakes")?;
/// assert_eq!(fixed.name(), "initial_0001");
/// assert_eq!(fixed.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(1,), (0,)]);
/// assert_eq!(table.len(), 3); // as it was
/// # Ok::<(), tlc_core::Error>(())
/// ```
pub struct Editor {
    pub(super) edited: Edited,
    pub(super) is_writable: bool,
    committing: Option<Committing>,
    finished: Option<Table>,
}

impl fmt::Debug for Editor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Editor")
            .field("table", &self.parent().url().to_string())
            .field("edits", &self.edited.edits.len())
            .field("finished", &self.finished.is_some())
            .finish_non_exhaustive()
    }
}

impl Table {
    /// Starts to edit the table; it stays as it is, and so does everything collected on it.
    /// What is committed is a revision beside it, which keeps no copy of its rows.
    ///
    /// # Errors
    /// For a table of which some columns were [selected](Self::select) those of
    /// [`from_url`](Self::from_url).
    pub fn edit(&self) -> Result<Editor> {
        Ok(Editor {
            edited: Edited::new(self.whole()?),
            is_writable: false,
            committing: None,
            finished: None,
        })
    }
}

impl Editor {
    /// Lets columns be edited that the schema calls not [`writable`](Column::writable).
    pub fn ignore_writable(&mut self) -> &mut Self {
        self.is_writable = true;
        self
    }

    /// Sets one cell. Text for a [label](crate::ValueType::CategoricalLabel) is the name of its class.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::RowOutOfRange`], [`Error::NotWritable`];
    /// [`Error::Batch`] for a value that the column cannot have, with its row;
    /// [`Error::Finalized`] after a commit.
    pub fn set<V: Cell>(&mut self, column: &str, row: usize, value: V) -> Result<&mut Self> {
        self.set_rows(column, [row], value)
    }

    /// Sets the cells of several rows to one value.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_rows<V: Cell>(
        &mut self,
        column: &str,
        rows: impl IntoIterator<Item = usize>,
        value: V,
    ) -> Result<&mut Self> {
        let rows: Vec<usize> = rows.into_iter().collect();
        let values = repeated(&vec![value].into_array(), rows.len())?;
        self.set_values(column, rows, values)
    }

    /// Sets the cells of several rows, each to its value.
    ///
    /// # Errors
    /// As [`set`](Self::set); [`Error::Column`] for another number of values than rows.
    pub fn set_values(
        &mut self,
        column: &str,
        rows: impl IntoIterator<Item = usize>,
        values: impl IntoArray,
    ) -> Result<&mut Self> {
        let rows: Vec<usize> = rows.into_iter().collect();
        let values = values.into_array();
        if rows.len() != values.len() {
            let reason = format!("{} values for {} rows", values.len(), rows.len());
            return Err(Error::column(column, reason));
        }
        let edited = self.edited.column(column)?;
        self.check_writable(&edited.column)?;
        self.check_rows(&rows)?;
        let values = fitting(&edited.column, &values).map_err(|error| at_rows(error, &rows))?;
        self.apply(Edit::Set(column.to_owned(), Values { rows, values }))
    }

    /// Replaces the values of a column by what a closure makes of the row and the value, as it
    /// was set before.
    ///
    /// ```
    /// use tlc_core::{Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-edit-map/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("text", vec!["Fine", "poor"]))
    /// })?;
    /// let mut editor = table.edit()?;
    /// editor.ignore_writable().map("text", |_row, text: String| text.to_lowercase())?;
    /// assert_eq!(editor.commit("lower case")?.row::<(String,)>(0)?.0, "fine");
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`set`](Self::set); [`Error::Rows`] if the values are no `T`; storage errors.
    pub fn map<T: DeserializeOwned, V: Cell>(
        &mut self,
        column: &str,
        mut change: impl FnMut(usize, T) -> V,
    ) -> Result<&mut Self> {
        let edited = self.edited.column(column)?;
        self.check_writable(&edited.column)?;
        let mut strokes = Strokes::default();
        self.edited.read(edited, |first, values| {
            let made =
                (0..values.len()).map(|row| Ok(change(first + row, read_value(values, row)?)));
            let made = made.collect::<Result<Vec<V>>>()?.into_array();
            let rows: Vec<usize> = (first..first + values.len()).collect();
            let made = fitting(&edited.column, &made).map_err(|error| at_rows(error, &rows))?;
            let all = Values { rows, values: made };
            let others = all.filtered(|place| !is_same(&all.values, values, place))?;
            strokes.push(others.rows, others.values);
            Ok(())
        })?;
        match strokes.merged()? {
            Some(values) => self.apply(Edit::Set(column.to_owned(), values)),
            None => Ok(self),
        }
    }

    /// Adds a column with a value for each row.
    ///
    /// # Errors
    /// [`Error::Column`] for a name that is there, another number of values than rows, or a
    /// table whose rows were all dropped; [`Error::Batch`] for a value that the column cannot
    /// have; [`Error::Finalized`].
    pub fn add_column(&mut self, column: Column, values: impl IntoArray) -> Result<&mut Self> {
        let column = match values.is_nullable() {
            true => column.nullable(true),
            false => column,
        };
        let values = values.into_array();
        if values.len() != self.parent().len() {
            let reason = format!("{} values for {} rows", values.len(), self.parent().len());
            return Err(Error::column(&column.name, reason));
        }
        let values = fitting(&column, &values)?;
        self.apply(Edit::Add(column, values))
    }

    /// Adds a column with one value in every row.
    ///
    /// # Errors
    /// As [`add_column`](Self::add_column).
    pub fn add_constant<V: Cell>(&mut self, column: Column, value: V) -> Result<&mut Self> {
        let value = vec![value].into_array();
        let values = repeated(&fitting(&column, &value)?, self.parent().len())?;
        self.add_column(column, values)
    }

    /// Adds a column of another table with the same base, row by row. Rows that the other one
    /// does not have are without a value, which makes the column nullable.
    ///
    /// # Errors
    /// [`Error::OtherBase`] for a table with other rows, [`Error::NoSuchColumn`]; as
    /// [`add_column`](Self::add_column); storage errors.
    pub fn add_column_of(&mut self, other: &Table, column: &str) -> Result<&mut Self> {
        let kept = other.schema().require(column)?.clone();
        let rows = self.parent().rows_in(other)?;
        let (values, all_there) = taken(&other.column(column)?, &rows, self.parent().len())?;
        let nullable = kept.nullable || !all_there;
        self.add_column(kept.nullable(nullable), values)
    }

    /// Drops a column.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for the last one, or once rows were appended;
    /// [`Error::Finalized`].
    pub fn drop_column(&mut self, column: &str) -> Result<&mut Self> {
        self.apply(Edit::Drop(column.to_owned()))
    }

    /// Gives a column another name.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for a name that is taken or impossible, or
    /// once rows were appended; [`Error::Finalized`].
    pub fn rename_column(&mut self, column: &str, name: &str) -> Result<&mut Self> {
        self.apply(Edit::Rename(column.to_owned(), name.to_owned()))
    }

    /// Says anew what the column of this name means. Its values stay as they are, and so does
    /// its Arrow type.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for another Arrow type; [`Error::Batch`] if
    /// a value, of that row, cannot be in such a column; storage errors; [`Error::Finalized`].
    pub fn describe(&mut self, column: Column) -> Result<&mut Self> {
        let edited = self.edited.column(&column.name)?;
        let (known, new) = (edited.column.value.to_arrow(), column.value.to_arrow());
        if known != new {
            let reason = "another Arrow type: add a column with the values and drop this one";
            return Err(Error::column(&column.name, reason));
        }
        if edited.column.nullable && !column.nullable {
            let reason =
                "a column whose values may be missing stays one: add another with all of them";
            return Err(Error::column(&column.name, reason));
        }
        if edited.column.value != column.value {
            self.edited.read(edited, |first, values| {
                let rows: Vec<usize> = (first..first + values.len()).collect();
                fitting(&column, values)
                    .map(drop)
                    .map_err(|error| at_rows(error, &rows))
            })?;
        }
        self.apply(Edit::Describe(column))
    }

    /// Drops rows; other rows keep the numbers that they have in this editor.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`], [`Error::Finalized`].
    pub fn drop_rows(&mut self, rows: impl IntoIterator<Item = usize>) -> Result<&mut Self> {
        let rows: Vec<usize> = rows.into_iter().collect();
        self.check_rows(&rows)?;
        self.apply(Edit::DropRows(rows))
    }

    /// Drops all rows but these, whose order stays; see [`Table::derive`] for another.
    ///
    /// # Errors
    /// As [`drop_rows`](Self::drop_rows).
    pub fn keep_rows(&mut self, rows: impl IntoIterator<Item = usize>) -> Result<&mut Self> {
        let rows: Vec<usize> = rows.into_iter().collect();
        self.check_rows(&rows)?;
        let mut is_dropped = vec![true; self.parent().len()];
        for row in rows {
            if let Some(is_dropped) = is_dropped.get_mut(row) {
                *is_dropped = false;
            }
        }
        let rows = is_dropped.iter().enumerate();
        let rows = rows.filter_map(|(row, is_dropped)| is_dropped.then_some(row));
        self.apply(Edit::DropRows(rows.collect()))
    }

    /// Adds rows after all others, by their columns. They wait in memory until the commit.
    ///
    /// # Errors
    /// Those of [`TableWriter::add_batch`](crate::TableWriter::add_batch);
    /// [`Error::Finalized`].
    pub fn append(&mut self, batch: impl Into<Columns>) -> Result<&mut Self> {
        let batch = batch.into().into_batch()?;
        let schema = self.edited.schema()?;
        let batch = fitting_rows(&batch, &schema)?;
        self.apply(Edit::Append(batch))
    }

    /// Adds rows that are serde structs after all others. They wait in memory until the commit.
    ///
    /// # Errors
    /// Those of [`TableWriter::add_rows`](crate::TableWriter::add_rows);
    /// [`Error::Finalized`].
    pub fn append_rows<T: Serialize>(&mut self, rows: &[T]) -> Result<&mut Self> {
        if rows.is_empty() {
            return Ok(self);
        }
        let schema = self.edited.schema()?;
        let batch = to_batch_of(&schema, rows)?;
        self.append(batch)
    }

    /// Makes the edits a revision, visible and durable, whatever others have made of the table
    /// meanwhile: see [`commit_to_latest`](Self::commit_to_latest). It lies beside the table's
    /// base, in its data set.
    ///
    /// ```
    /// use tlc_core::{Columns, RevisionOptions, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-edit-commit/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1]))
    /// })?;
    /// let mut editor = table.edit()?;
    /// editor.ignore_writable().set("label", 1, 0)?;
    /// let fixed = editor.commit(RevisionOptions::new("row 1 is a 0").name("fixed").author("Kim"))?;
    /// assert_eq!(fixed.parent()?.map(|parent| parent.id().to_owned()), Some(table.id().to_owned()));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NothingChanged`] if every value was so already; [`Error::AlreadyExists`] for a
    /// name that is taken; [`Error::NotFound`] if the base was deleted; storage errors, after
    /// which the edits are kept and the call can be repeated.
    pub fn commit(&mut self, options: impl Into<RevisionOptions>) -> Result<Table> {
        match self.commit_onto(Onto::Parent, options.into())? {
            Outcome::Committed(table) | Outcome::Lost(table) => Ok(table),
        }
    }

    /// As [`commit`](Self::commit), if nobody has committed a later revision: of several
    /// editors of one table exactly one succeeds, and the others learn who did, and which
    /// cells both have touched. [`rebase`](Self::rebase) makes the edits to that one.
    ///
    /// A process that has announced a revision and died is not waited for; one that lives is,
    /// for half a minute.
    ///
    /// ```
    /// use tlc_core::{Columns, Committed, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-edit-latest/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1]))
    /// })?;
    /// let (mut one, mut other) = (table.edit()?, table.edit()?);
    /// one.ignore_writable().set("label", 0, 1)?.commit_to_latest("mine")?;
    /// other.ignore_writable().set("label", 1, 0)?;
    /// let Committed::Conflict(conflict) = other.commit_to_latest("mine, too")? else { panic!() };
    /// assert!(conflict.both().is_empty());
    /// let Committed::Done(both) = other.rebase(conflict.latest())?.commit_to_latest("after theirs")? else { panic!() };
    /// assert_eq!(both.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(1,), (0,)]);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`commit`](Self::commit); [`Error::InUse`] if a living process has announced a
    /// revision and does not commit it.
    pub fn commit_to_latest(&mut self, options: impl Into<RevisionOptions>) -> Result<Committed> {
        Ok(match self.commit_onto(Onto::Latest, options.into())? {
            Outcome::Committed(table) => Committed::Done(table),
            Outcome::Lost(latest) => Committed::Conflict(Conflict::of(&self.edited, latest)?),
        })
    }

    pub(super) fn apply(&mut self, edit: Edit) -> Result<&mut Self> {
        if self.committing.is_some() || self.finished.is_some() {
            let url = self.parent().url().clone();
            return Err(Error::Finalized { url });
        }
        self.edited.apply(edit)?;
        Ok(self)
    }

    pub(super) fn parent(&self) -> &Table {
        &self.edited.parent
    }

    fn check_rows(&self, rows: &[usize]) -> Result<()> {
        let len = self.parent().len();
        match rows.iter().find(|row| **row >= len) {
            None => Ok(()),
            Some(row) => Err(Error::RowOutOfRange {
                url: self.parent().url().clone(),
                row: *row as u64,
                len,
            }),
        }
    }

    fn check_writable(&self, column: &Column) -> Result<()> {
        match self.is_writable || column.writable {
            true => Ok(()),
            false => Err(Error::NotWritable {
                url: self.parent().url().clone(),
                column: column.name.clone(),
            }),
        }
    }

    fn commit_onto(&mut self, onto: Onto, options: RevisionOptions) -> Result<Outcome> {
        if let Some(table) = &self.finished {
            return Ok(Outcome::Committed(table.clone()));
        }
        let committing = match &mut self.committing {
            Some(committing) => committing,
            None => {
                let shelf = Shelf::of(self.parent())?;
                let draft = overlaid(&self.edited, &shelf, options.content_id())?;
                self.committing
                    .insert(Committing::new(draft, shelf, options)?)
            }
        };
        let outcome = committing.commit(onto)?;
        // Nobody waits for it any more; one that has lost can be edited on.
        self.committing = None;
        if let Outcome::Committed(table) = &outcome {
            self.finished = Some(table.clone());
        }
        Ok(outcome)
    }
}

/// For each row of a table the value that another has for it, and whether it has all.
pub(super) fn taken(values: &ArrayRef, there: &RowMap, rows: usize) -> Result<(ArrayRef, bool)> {
    let places = (0..rows).map(|row| there.get(row).map(|row| row as u64));
    let places: UInt64Array = places.collect();
    let values = take(values, &places, None);
    let values = values.map_err(|source| Error::arrow("choose values", source))?;
    Ok((values, places.null_count() == 0))
}

//! A split as it was made: which rows are in which part, and what becomes of them.

use super::number::{NONE, number};
use crate::arrow::array::{ArrayRef, Int32Array};
use crate::{Column, Error, Result, RevisionOptions, Selection, Table, ValueType};
use std::sync::Arc;

/// The rows of a table in named parts, none of them in two; see [`Table::split`].
///
/// ```
/// use tlc_core::{Columns, Parts, Table, TableOptions, Url};
///
/// let root = Url::parse("memory://docs-split-made/")?;
/// let table = Table::create(TableOptions::new("demo", "pets", "initial").root(root), |writer| {
///     writer.add_batch(Columns::new().column("owner", vec!["Kim", "Kim", "Ada", "Bo"]))
/// })?;
/// let split = table.split(Parts::new([("train", 0.5), ("test", 0.5)]).grouped_by("owner"))?;
/// assert_eq!(split.names().collect::<Vec<_>>(), ["train", "test"]);
/// assert_eq!(split.rows("train")?.collect::<Vec<_>>(), [0, 1]);
/// let marked = split.column("split")?;
/// assert_eq!(marked.split(Parts::of_column("split"))?.len("test")?, 2);
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Split {
    table: Table,
    names: Vec<String>,
    of_row: Vec<u8>,
    how: String,
    /// What tables that are made of it are called, before the part.
    prefix: String,
}

impl Split {
    pub(super) fn new(table: Table, names: Vec<String>, of_row: Vec<u8>, how: String) -> Self {
        Self {
            prefix: table.name().to_owned(),
            table,
            names,
            of_row,
            how,
        }
    }

    /// Calls the tables that are made of it so before the part, `seed3_train` for `seed3`: for
    /// several splits of one table.
    #[must_use]
    pub fn called(self, prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            ..self
        }
    }

    /// The table that was split.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The names of the parts, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The rows of a part, ascending: to train on, to collect from, or to
    /// [derive](Table::derive) by.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`].
    pub fn rows(&self, part: &str) -> Result<impl Iterator<Item = usize> + Clone + '_> {
        let number = self.number(part)?;
        Ok(self.with(number))
    }

    /// Number of rows of a part.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`].
    pub fn len(&self, part: &str) -> Result<usize> {
        Ok(self.rows(part)?.count())
    }

    /// The rows that are in no part, ascending: those without a value in a
    /// [column](super::Parts::of_column) that names the parts.
    pub fn left_out(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        self.with(NONE)
    }

    /// The part of a row, if it is in one.
    #[must_use]
    pub fn part_of(&self, row: usize) -> Option<&str> {
        let part = self.of_row.get(row)?;
        self.names.get(usize::from(*part)).map(String::as_str)
    }

    /// Makes each part a table beside the one that was split, which keeps no copy of its rows:
    /// of `initial` there are `initial_train`, `initial_test` and so on, in the order of the
    /// parts. A table that is there already with just these rows is opened instead, so that a
    /// program can be run again, and a call that failed repeated. A part with all rows is the
    /// table that was split.
    ///
    /// # Errors
    /// [`Error::DataChanged`] if a table of such a name has other rows or columns;
    /// [`Error::InvalidUrl`] for a part whose name no table can have; storage errors.
    pub fn revisions(&self) -> Result<Vec<Table>> {
        let made = self.names.iter().zip(0_u8..).map(|(part, number)| {
            let options = self.options(part, &format!("part `{part}`"));
            let mask: Vec<bool> = self.of_row.iter().map(|of| *of == number).collect();
            if mask.iter().all(|is_in| *is_in) {
                return Ok(self.table.clone());
            }
            let make = || self.table.derive()?.mask(&mask)?.commit(options);
            self.reused(part, make, |known| {
                let is_whole = known.schema() == self.table.schema();
                Ok(is_whole && self.has_rows(known, self.with(number))?)
            })
        });
        made.collect()
    }

    /// Makes a revision with one column more, the label of each row's part: of `initial`, with
    /// the column `split`, it is `initial_split`. A table that is there already with just this
    /// is opened instead. Rows in no part have no value.
    ///
    /// # Errors
    /// [`Error::DataChanged`] if a table of that name is anything else; [`Error::Column`] for a
    /// column that is there, or a table without rows; storage errors.
    pub fn column(&self, name: &str) -> Result<Table> {
        let options = self.options(name, &format!("column `{name}`"));
        let column = Column::new(name, ValueType::labels(self.names.clone()));
        let column = column.nullable(self.left_out().next().is_some());
        let column = Column {
            role: None, // nothing that a model is to say
            ..column.description(format!("the part of the row, {}", self.how))
        };
        let mut expected = self.table.schema().columns().to_vec();
        expected.push(column.clone());
        let make = || {
            self.table
                .edit()?
                .add_column(column, self.labels())?
                .commit(options)
        };
        self.reused(name, make, |known| {
            let is_same = known.schema().columns() == expected
                && self.has_rows(known, 0..self.table.len())?
                && known.column(name)?.to_data() == self.labels().to_data();
            Ok(is_same)
        })
    }

    /// Keeps the rows of each part [under its name](Table::save_selection), in the order of the
    /// parts. Other revisions find them there as their own rows.
    ///
    /// # Errors
    /// Those of [`Table::save_selection`]. A call that failed can be repeated.
    pub fn selections(&self) -> Result<Vec<Selection>> {
        let kept = self.names.iter().zip(0_u8..);
        let kept = kept.map(|(part, number)| {
            let description = format!("{} {}", self.table.name(), self.how);
            self.table
                .save_selection(part, self.with(number), description)
        });
        kept.collect()
    }

    /// A label for each row, none for those in no part.
    fn labels(&self) -> ArrayRef {
        let labels = self
            .of_row
            .iter()
            .map(|part| (*part != NONE).then_some(i32::from(*part)));
        Arc::new(labels.collect::<Int32Array>())
    }

    fn with(&self, number: u8) -> impl Iterator<Item = usize> + Clone + '_ {
        let rows = self.of_row.iter().enumerate();
        rows.filter_map(move |(row, part)| (*part == number).then_some(row))
    }

    /// Whether another table has these rows of this one, in this order.
    fn has_rows(&self, other: &Table, rows: impl Iterator<Item = usize>) -> Result<bool> {
        let known = other.rows_in(&self.table)?;
        Ok((0..other.len())
            .map(|row| known.get(row))
            .eq(rows.map(Some)))
    }

    fn number(&self, part: &str) -> Result<u8> {
        let place = self.names.iter().position(|name| name == part);
        place.map(number).ok_or_else(|| Error::NoSuchPart {
            part: part.to_owned(),
            available: self.names.clone(),
        })
    }

    fn named(&self, part: &str) -> String {
        format!("{}_{part}", self.prefix)
    }

    fn options(&self, name: &str, what: &str) -> RevisionOptions {
        let description = format!("{what} of {}, {}", self.table.name(), self.how);
        RevisionOptions::new(description).name(self.named(name))
    }

    /// A table that is made, or the one that has its name and is the same.
    fn reused(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Table>,
        is_same: impl FnOnce(&Table) -> Result<bool>,
    ) -> Result<Table> {
        let taken = match make() {
            Err(error @ Error::AlreadyExists { .. }) => error,
            other => return other,
        };
        let Some(tables) = self.table.url().parent() else {
            return Err(taken);
        };
        let url = tables.join(&self.named(name))?;
        let known = Table::from_url(&url)?;
        let descent = known.manifest().descent.as_ref();
        let is_child = descent.is_some_and(|descent| descent.parent.id == self.table.id());
        match is_child && is_same(&known)? {
            true => Ok(known),
            false => Err(Error::DataChanged {
                url,
                difference: format!("`{name}` of another split, see `Split::called`"),
            }),
        }
    }
}

//! Columns that are computed of others, and the rows in which a condition is true.

use super::View;
use super::columns::{Derived, Described};
use crate::column::{all_missing, narrowed};
use crate::expression::Lookup;
use crate::{Column, Error, Expression, Mask, Meaning, Result};
use std::cell::Cell;
use std::sync::{Arc, Mutex};

/// Columns that may stand between one and those that are read.
const MOST_DEPTH: usize = 16;

impl View {
    /// The rows in which a condition is true. Its columns are read if they are not in memory.
    ///
    /// # Errors
    /// [`Error::Expression`] if it is no condition about the columns of the view, or cannot be
    /// computed; as [`column`](Self::column).
    pub fn matching(&self, condition: &Expression) -> Result<Mask> {
        condition.mask(self)
    }

    /// The same view with one more column, which is computed when it is asked for, and may stand
    /// in expressions itself. Columns in memory are in both.
    ///
    /// # Errors
    /// [`Error::Expression`] if the expression does not fit the columns of the view;
    /// [`Error::Setting`] if there is a column of the name, or too many stand in each other.
    ///
    /// ```
    /// # use tlc_core::{Columns, Table, TableOptions, Url};
    /// # use tlc_view::{Expression, ViewOptions};
    /// # let root = Url::parse("memory://docs-derive/")?;
    /// # let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
    /// #     writer.add_batch(Columns::new().column("loss", vec![0.1, 2.5]))
    /// # })?;
    /// let view = ViewOptions::new().table(&table).open()?;
    /// let view = view.derive("far", &Expression::parse("abs(loss - 0.5) * 2")?)?;
    /// assert_eq!(view.column("far")?.number(1), Some(4.0));
    /// # Ok::<(), tlc_view::Error>(())
    /// ```
    pub fn derive(&self, name: &str, expression: &Expression) -> Result<Self> {
        let mut view = Self {
            options: self.options.clone(),
            parts: self.parts.clone(),
            starts: self.starts.clone(),
            columns: self.columns.clone(),
            notes: self.notes.clone(),
            cache: Mutex::new(self.cache().clone()),
        };
        view.add(name, expression)?;
        Ok(view)
    }

    pub(super) fn is_derived(&self, name: &str) -> bool {
        let column = self.described(name);
        column.is_ok_and(|column| column.derived.is_some())
    }

    /// The values of a derived column, of those that were there before it.
    pub(super) fn compute(&self, name: &str, expression: &Expression) -> Result<Column> {
        let mut names = self.columns().map(|column| column.name.clone());
        let names = names.by_ref().take_while(|before| before != name);
        let earlier = Earlier {
            view: self,
            names: names.collect(),
        };
        expression.column(name, &earlier)
    }

    /// A view that came after this one, with the columns derived in this one. What cannot be
    /// derived any more is told in its notes.
    pub(super) fn derived_in(&self, mut fresh: Self) -> Self {
        for column in &self.columns {
            let name = &column.meaning.name;
            let Some(derived) = &column.derived else {
                continue;
            };
            if let Err(error) = fresh.add(name, &derived.expression) {
                let note = format!("the derived column `{name}` is left out: {error}");
                fresh.notes.push(note);
            }
        }
        fresh
    }

    fn add(&mut self, name: &str, expression: &Expression) -> Result<()> {
        let setting = |expected, found| Error::Setting {
            setting: "derive",
            expected,
            found,
        };
        if name.is_empty() || self.described(name).is_ok() {
            return Err(setting("a name that no column has", format!("`{name}`")));
        }
        let blank = Blank {
            view: self,
            depth: Cell::new(0),
        };
        let meaning = expression.column(name, &blank)?.meaning().clone();
        let depth = blank.depth.get() + 1;
        if depth > MOST_DEPTH {
            let expected = "a column of columns of columns, at most 16 of them in each other";
            return Err(setting(expected, format!("{depth}")));
        }
        let expression = expression.clone();
        let derived = Derived { expression, depth };
        self.columns.push(Described::derived(meaning, derived));
        Ok(())
    }
}

impl Lookup for View {
    fn column(&self, name: &str) -> Result<Arc<Column>> {
        self.column(name)
    }

    fn names(&self) -> Vec<String> {
        let names = self.columns().map(|column| column.name.clone());
        names.collect()
    }

    fn rows(&self) -> usize {
        self.len()
    }
}

/// The columns that were there when another one was derived: names mean what they meant then.
struct Earlier<'v> {
    view: &'v View,
    names: Vec<String>,
}

impl Lookup for Earlier<'_> {
    fn column(&self, name: &str) -> Result<Arc<Column>> {
        self.view.column(name)
    }

    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn rows(&self) -> usize {
        self.view.len()
    }
}

/// The columns of a view without rows: what an expression means, before anything is read.
struct Blank<'v> {
    view: &'v View,
    /// The deepest that was asked for.
    depth: Cell<usize>,
}

impl Lookup for Blank<'_> {
    fn column(&self, name: &str) -> Result<Arc<Column>> {
        let described = self.view.described(name)?;
        described.check()?;
        let depth = described
            .derived
            .as_ref()
            .map_or(0, |derived| derived.depth);
        self.depth.set(self.depth.get().max(depth));
        let meaning: &Meaning = &described.meaning;
        let values = narrowed(all_missing(meaning, 0))?;
        Ok(Arc::new(Column::new(meaning.clone(), values)))
    }

    fn names(&self) -> Vec<String> {
        self.view.names()
    }

    fn rows(&self) -> usize {
        0
    }
}

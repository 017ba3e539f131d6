//! Edits of the classes of a label column.

use super::edit::Editor;
use super::edited::Edit;
use super::fitting::at_rows;
use super::labels::{Renumbering, classes, places};
use super::strokes::{Strokes, Values, is_same};
use crate::{Column, Error, Result, ValueType};

impl Editor {
    /// Adds a class to a label column, after the others.
    ///
    /// # Errors
    /// As [`set_classes`](Self::set_classes).
    pub fn add_class(&mut self, column: &str, class: &str) -> Result<&mut Self> {
        let mut classes = self.known_classes(column)?;
        classes.push(class.to_owned());
        self.set_classes(column, classes)
    }

    /// Gives a class of a label column another name; it keeps its number.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] if the column has no such class, or has the
    /// new name already; [`Error::Finalized`].
    pub fn rename_class(&mut self, column: &str, class: &str, name: &str) -> Result<&mut Self> {
        let mut classes = self.known_classes(column)?;
        if classes.iter().any(|known| known == name) {
            let reason = format!("there is a class `{name}` already");
            return Err(Error::column(column, reason));
        }
        let renamed = classes.iter_mut().find(|known| *known == class);
        let renamed =
            renamed.ok_or_else(|| Error::column(column, format!("there is no class `{class}`")))?;
        name.clone_into(renamed);
        let described = with_classes(&self.edited.column(column)?.column, classes);
        self.apply(Edit::Describe(described))
    }

    /// Gives a label column other classes or another order of them. What each row says stays:
    /// its label is numbered anew by the name of its class.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for a column of other than labels with
    /// classes, or a class named twice; [`Error::Batch`] names a row whose class would be gone;
    /// storage errors; [`Error::Finalized`].
    pub fn set_classes<C: Into<String>>(
        &mut self,
        column: &str,
        classes: impl IntoIterator<Item = C>,
    ) -> Result<&mut Self> {
        let known = self.known_classes(column)?;
        let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
        if places(&classes).len() != classes.len() {
            return Err(Error::column(column, "a class appears twice"));
        }
        let renumbering = Renumbering::between(&known, &classes);
        let edited = self.edited.column(column)?;
        let mut strokes = Strokes::default();
        if !renumbering.is_nothing() {
            self.edited.read(edited, |first, values| {
                let rows: Vec<usize> = (first..first + values.len()).collect();
                let new = renumbering.apply(column, values);
                let all = Values {
                    values: new.map_err(|error| at_rows(error, &rows))?,
                    rows,
                };
                let others = all.filtered(|place| !is_same(&all.values, values, place))?;
                strokes.push(others.rows, others.values);
                Ok(())
            })?;
        }
        let described = with_classes(&edited.column, classes);
        self.apply(Edit::Classes(described, strokes.merged()?))
    }

    fn known_classes(&self, column: &str) -> Result<Vec<String>> {
        let column = &self.edited.column(column)?.column;
        let known = classes(column).map(<[String]>::to_vec);
        known.ok_or_else(|| {
            let reason = format!("{} has no classes to change", column.value);
            Error::column(&column.name, reason)
        })
    }
}

fn with_classes(column: &Column, classes: Vec<String>) -> Column {
    Column {
        value: ValueType::CategoricalLabel { classes },
        ..column.clone()
    }
}

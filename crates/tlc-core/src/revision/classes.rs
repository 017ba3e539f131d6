//! Edits of the classes of a column of labels or masks.

use super::edit::Editor;
use super::edited::Edit;
use super::fitting::at_rows;
use super::labels::{Ids, Renumbering, ids_by_name};
use super::strokes::{Strokes, Values, is_same};
use crate::{Class, ClassMap, Color, Column, Error, IntoClassMap, Result, ValueType};

impl Editor {
    /// Adds a class to a column of labels or masks, after the others, with the id after the
    /// largest.
    ///
    /// # Errors
    /// As [`set_classes`](Self::set_classes).
    pub fn add_class(&mut self, column: &str, class: &str) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        let id = of_column(column, Ids::of(&classes).next())?;
        self.add_class_with_id(column, id, class)
    }

    /// Adds a class of this id, after the others.
    ///
    /// # Errors
    /// As [`set_classes`](Self::set_classes); [`Error::Column`] for an id that is taken.
    pub fn add_class_with_id(&mut self, column: &str, id: i32, class: &str) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        self.set_classes(
            column,
            of_column(column, with(&classes, Class::new(id, class)))?,
        )
    }

    /// Gives a class another name; it keeps its id.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] if the column has no such class, or has the
    /// new name already; [`Error::Finalized`].
    pub fn rename_class(&mut self, column: &str, class: &str, name: &str) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        if classes.id_of(name).is_some() {
            let reason = format!("there is a class `{name}` already");
            return Err(Error::column(column, reason));
        }
        let id = id_of(column, &classes, class)?;
        let renamed = changed(&classes, id, |class| name.clone_into(&mut class.name));
        let described = self.with_classes(column, of_column(column, renamed)?)?;
        self.apply(Edit::Describe(described))
    }

    /// Gives a class another id, and so the labels of it.
    ///
    /// # Errors
    /// As [`set_classes`](Self::set_classes); [`Error::Column`] if the column has no such
    /// class, or another of this id.
    pub fn renumber_class(&mut self, column: &str, class: &str, id: i32) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        let old = id_of(column, &classes, class)?;
        let renumbered = changed(&classes, old, |class| class.id = id);
        self.set_classes(column, of_column(column, renumbered)?)
    }

    /// Shows a class in another colour, or in none that is said.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] if the column has no such class;
    /// [`Error::Finalized`].
    pub fn set_class_color(
        &mut self,
        column: &str,
        class: &str,
        color: impl Into<Option<Color>>,
    ) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        let color = color.into();
        let id = id_of(column, &classes, class)?;
        let colored = changed(&classes, id, |class| class.color = color);
        self.set_classes(column, of_column(column, colored)?)
    }

    /// Calls a class the one that means that nothing is there, or none.
    ///
    /// # Errors
    /// As [`set_class_color`](Self::set_class_color).
    pub fn set_background<'a>(
        &mut self,
        column: &str,
        class: impl Into<Option<&'a str>>,
    ) -> Result<&mut Self> {
        let classes = self.known_classes(column)?;
        let class = class.into().map(|class| id_of(column, &classes, class));
        let changed = classes.with_background(class.transpose()?);
        self.set_classes(column, of_column(column, changed)?)
    }

    /// Calls another id the one of what is to be ignored, or none. What was void is so by the
    /// new id.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] if there is a class of this id;
    /// [`Error::Batch`] names a row that is void, if nothing is to be; storage errors;
    /// [`Error::Finalized`].
    pub fn set_void(&mut self, column: &str, id: impl Into<Option<i32>>) -> Result<&mut Self> {
        let changed = self.known_classes(column)?.with_void(id);
        self.set_classes(column, of_column(column, changed)?)
    }

    /// Gives a column of labels or masks other classes, another order or other ids of them:
    /// names, whose ids are 0 to n-1, or a [`ClassMap`]. What each row says stays: its label
    /// gets the id that the class of its name has now, and void stays void. Labels of a class
    /// that is gone become void if its id is that of the void now.
    ///
    /// ```
    /// use tlc_core::{ClassMap, Column, Columns, Table, TableOptions, Url, ValueType};
    ///
    /// let root = Url::parse("memory://docs-set-classes/")?;
    /// let options = TableOptions::new("pets", "train", "initial")
    ///     .column(Column::new("label", ValueType::labels(["cat", "dog", "unsure"])))
    ///     .root(root);
    /// let table = Table::create(options, |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 2]))
    /// })?;
    /// let classes = ClassMap::from_ids([(17, "cat"), (18, "dog")])?.with_void(2)?;
    /// let coco = table.edit()?.set_classes("label", classes)?.commit("the ids of COCO")?;
    /// assert_eq!(coco.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(17,), (18,), (2,)]);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for a column without classes, a class named
    /// twice, or masks in which a class would have another id; [`Error::Batch`] names a row
    /// whose class would be gone; storage errors; [`Error::Finalized`].
    pub fn set_classes(&mut self, column: &str, classes: impl IntoClassMap) -> Result<&mut Self> {
        let known = self.known_classes(column)?;
        let classes = classes.into_class_map();
        if ids_by_name(&classes).len() != classes.len() {
            return Err(Error::column(column, "a class appears twice"));
        }
        let renumbering = Renumbering::between(&known, &classes);
        let described = self.with_classes(column, classes)?;
        let strokes = match renumbering.is_nothing() {
            true => Strokes::default(),
            false => self.renumbered(column, &renumbering)?,
        };
        self.apply(Edit::Classes(described, strokes.merged()?))
    }

    /// The labels that have another id.
    fn renumbered(&self, column: &str, renumbering: &Renumbering) -> Result<Strokes> {
        let edited = self.edited.column(column)?;
        if let ValueType::SegmentationMask { .. } = edited.column.value {
            let reason = "pixels of masks cannot be numbered anew: keep the ids of their classes";
            return Err(Error::column(column, reason));
        }
        let mut strokes = Strokes::default();
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
        Ok(strokes)
    }

    fn known_classes(&self, column: &str) -> Result<ClassMap> {
        let column = &self.edited.column(column)?.column;
        let known = column.value.classes().filter(|known| !known.is_empty());
        known.cloned().ok_or_else(|| {
            let reason = format!("{} has no classes to change", column.value);
            Error::column(&column.name, reason)
        })
    }

    fn with_classes(&self, column: &str, classes: ClassMap) -> Result<Column> {
        let column = self.edited.column(column)?.column.clone();
        let value = match column.value {
            ValueType::SegmentationMask { .. } => ValueType::SegmentationMask { classes },
            _ => ValueType::CategoricalLabel { classes },
        };
        Ok(Column { value, ..column })
    }
}

/// The classes, and one more after them.
fn with(classes: &ClassMap, class: Class) -> Result<ClassMap> {
    let all = ClassMap::from_classes(classes.iter().cloned().chain([class]))?;
    let all = all.with_background(classes.background())?;
    all.with_void(classes.void())
}

/// The classes, one of them changed.
fn changed(classes: &ClassMap, id: i32, change: impl Fn(&mut Class)) -> Result<ClassMap> {
    let change = |class: &Class| {
        let mut class = class.clone();
        if class.id == id {
            change(&mut class);
        }
        class
    };
    let all = ClassMap::from_classes(classes.iter().map(change))?;
    let background = classes.background().and_then(|id| classes.position(id));
    let background = background.and_then(|position| all.id_at(position));
    all.with_background(background)?.with_void(classes.void())
}

fn id_of(column: &str, classes: &ClassMap, class: &str) -> Result<i32> {
    let id = classes.id_of(class);
    id.ok_or_else(|| Error::column(column, format!("there is no class `{class}`")))
}

/// An error about classes as one about those of a column.
fn of_column<T>(column: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::ClassMap { reason } => Error::column(column, reason),
        other => other,
    })
}

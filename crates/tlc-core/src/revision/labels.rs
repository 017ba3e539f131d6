//! Labels by the names of their classes: what a number of one list is in another.

use crate::arrow::array::{ArrayRef, AsArray, Int32Array};
use crate::arrow::datatypes::Int32Type;
use crate::{Column, Error, Result, ValueType};
use std::collections::HashMap;
use std::sync::Arc;

/// The number that each class of one list has in another.
#[derive(Debug)]
pub(super) struct Renumbering {
    numbers: Vec<Option<i32>>,
}

impl Renumbering {
    pub(super) fn between(from: &[String], to: &[String]) -> Self {
        let places = places(to);
        let number = |class: &String| places.get(class.as_str()).copied();
        Self {
            numbers: from.iter().map(number).collect(),
        }
    }

    /// Whether every class has the number that it had.
    pub(super) fn is_nothing(&self) -> bool {
        let mut numbers = self.numbers.iter().zip(0..);
        numbers.all(|(number, place)| *number == Some(place))
    }

    /// The number of each class, where it has one.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Option<i32>> {
        self.numbers.iter().copied()
    }

    /// Labels by their new numbers.
    ///
    /// # Errors
    /// [`Error::Batch`] for a label whose class is not in the other list, with its place.
    pub(super) fn apply(&self, column: &str, labels: &ArrayRef) -> Result<ArrayRef> {
        let given = labels.as_primitive_opt::<Int32Type>();
        let given = given.ok_or_else(|| Error::column(column, "no labels"))?;
        let number = |label: i32| {
            let place = usize::try_from(label).ok()?;
            self.numbers.get(place).copied().flatten()
        };
        let new = given.iter().enumerate().map(|(row, label)| match label {
            None => Ok(None),
            Some(label) => number(label).map(Some).ok_or_else(|| Error::Batch {
                column: column.to_owned(),
                row: Some(row),
                value: Some(label.to_string()),
                reason: "its class is not among the new ones".to_owned(),
            }),
        });
        Ok(Arc::new(new.collect::<Result<Int32Array>>()?))
    }
}

/// The number of each class by its name.
pub(super) fn places(classes: &[String]) -> HashMap<&str, i32> {
    classes.iter().map(String::as_str).zip(0..).collect()
}

/// The names of the classes of a label column that has some.
pub(super) fn classes(column: &Column) -> Option<&[String]> {
    match &column.value {
        ValueType::CategoricalLabel { classes } if !classes.is_empty() => Some(classes),
        _ => None,
    }
}

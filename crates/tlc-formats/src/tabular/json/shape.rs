//! Which types hold all values of many lines.

use super::super::numbers::Numbers;
use super::value::{Json, Lines};
use crate::{Error, Result};
use std::collections::HashMap;

/// Objects of more different keys have data as keys.
const KEYS: usize = 10_000;

/// What values at one place look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// How many there are that are not null.
    pub(super) count: u64,
    pub(super) kind: Kind,
    /// The line of the first that is not null.
    line: u64,
    /// Another kind of value, and where it is.
    pub(super) other: Option<(&'static str, u64)>,
}

/// What a value is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Truth,
    Number(Numbers),
    Text,
    List(Box<Shape>),
    Object(Fields),
}

/// The fields of objects, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub(super) fields: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
}

/// What the lines of a block look like.
pub(super) fn of(lines: &Lines) -> Result<Shape> {
    let mut shape = Shape::default();
    for (line, object) in &lines.objects {
        shape.add(object, *line)?;
    }
    Ok(shape)
}

impl Shape {
    fn add(&mut self, value: &Json, line: u64) -> Result<()> {
        if *value == Json::Null {
            return Ok(());
        }
        self.count += 1;
        if self.line == 0 {
            self.line = line;
        }
        match (&mut self.kind, value) {
            (kind @ Kind::Unknown, value) => {
                *kind = Kind::new(value);
                self.count -= 1;
                return self.add(value, line);
            }
            (Kind::Truth, Json::Bool(_)) | (Kind::Text, Json::Text(_)) => {}
            (Kind::Number(numbers), Json::Whole(number)) => numbers.add_whole(*number),
            (Kind::Number(numbers), Json::Float(_)) => numbers.add_float(),
            (Kind::List(shape), Json::List(items)) => {
                items.iter().try_for_each(|item| shape.add(item, line))?;
            }
            (Kind::Object(fields), Json::Object(object)) => {
                for (name, value) in object {
                    fields.at(name)?.add(value, line)?;
                }
            }
            (_, value) => self.other = self.other.or(Some((value.kind(), line))),
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        self.other = self.other.or(other.other);
        if self.line == 0 {
            self.line = other.line;
        }
        self.count += other.count;
        match (&mut self.kind, other.kind) {
            (_, Kind::Unknown) | (Kind::Truth, Kind::Truth) | (Kind::Text, Kind::Text) => {}
            (kind @ Kind::Unknown, other) => *kind = other,
            (Kind::Number(numbers), Kind::Number(others)) => numbers.merge(others),
            (Kind::List(shape), Kind::List(other)) => shape.merge(*other)?,
            (Kind::Object(fields), Kind::Object(other)) => {
                for (name, shape) in other.fields {
                    fields.at(&name)?.merge(shape)?;
                }
            }
            (_, kind) => self.other = self.other.or(Some((kind.name(), other.line))),
        }
        Ok(())
    }

    /// The kind, if all values are of it.
    pub(super) fn settled(&self, column: &str) -> Result<&Kind> {
        match self.other {
            None => Ok(&self.kind),
            Some((kind, line)) => {
                let (first, first_line) = (self.kind.name(), self.line);
                let reason = format!(
                    "{first} in line {first_line}, {kind} in line {line}: say by hand what it \
                     is, and leave rows out that are not"
                );
                Err(Error::column(column, reason))
            }
        }
    }
}

impl Kind {
    fn new(value: &Json) -> Self {
        match value {
            Json::Null => Self::Unknown,
            Json::Bool(_) => Self::Truth,
            Json::Whole(_) | Json::Float(_) => Self::Number(Numbers::default()),
            Json::Text(_) => Self::Text,
            Json::List(_) => Self::List(Box::default()),
            Json::Object(_) => Self::Object(Fields::default()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "null",
            Self::Truth => "a truth value",
            Self::Number(_) => "a number",
            Self::Text => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl Fields {
    fn at(&mut self, name: &str) -> Result<&mut Shape> {
        let next = self.fields.len();
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if next == KEYS => {
                let reason = format!("more than {KEYS} different keys in objects");
                return Err(Error::column(name, reason));
            }
            None => {
                self.places.insert(name.to_owned(), next);
                self.fields.push((name.to_owned(), Shape::default()));
                next
            }
        };
        let field = self.fields.get_mut(place);
        field
            .map(|(_, shape)| shape)
            .ok_or_else(|| Error::column(name, "not found"))
    }
}

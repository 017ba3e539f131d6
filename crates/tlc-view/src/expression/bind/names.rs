//! Names: of columns, and of classes.

use super::super::fault::Fault;
use super::super::node::{Names, Node, Op, Type};
use super::super::term::Name;
use super::Binder;
use crate::{Column, Kind};
use std::sync::Arc;
use tlc_core::ClassMap;
use tlc_core::arrow::array::{Array, AsArray, LargeStringArray};
use tlc_core::arrow::datatypes::DataType;

/// Ids further apart are looked up one by one.
const MOST_PLACES: i64 = 1 << 20;
/// Names that an error lists.
const SHOWN: usize = 8;

impl Binder<'_> {
    pub(super) fn column(&mut self, at: usize, name: &Name) -> Result<Node, Fault> {
        let name = self.resolved(at, name)?;
        let known = self.columns.iter().position(|known| known.name() == name);
        let place = match known {
            Some(place) => place,
            None => {
                self.columns.push(self.lookup.column(&name)?);
                self.columns.len() - 1
            }
        };
        let Some(column) = self.columns.get(place).cloned() else {
            return Fault::at(at, format!("no column `{name}`"));
        };
        if column.len() != self.lookup.rows() {
            let reason = format!(
                "column `{name}` has {} rows of {}",
                column.len(),
                self.lookup.rows()
            );
            return Fault::at(at, reason);
        }
        let data = column.values().data_type().clone();
        let kind = match (column.kind(), &data) {
            (Kind::Class, _) => Type::Class(self.names(&column)),
            (Kind::Flag, _) => Type::Flag,
            (Kind::Text, _) => Type::Text,
            (Kind::Moment, _) => Type::Moment,
            (Kind::Number, DataType::UInt64) => Type::Unsigned,
            (Kind::Number, DataType::Float32) => Type::Single,
            (Kind::Number, DataType::Float64) => Type::Double,
            (Kind::Number, _) => Type::Whole,
            (Kind::Other, _) => {
                let error = column.of_other_kind("a column to compute with");
                return Err(error.into());
            }
        };
        Ok(Node {
            at,
            op: Op::Column(place),
            kind,
            data,
            can_fail: false,
        })
    }

    /// The names of the classes of a column, made once.
    fn names(&mut self, column: &Column) -> Arc<Names> {
        let classes = column.classes().cloned().unwrap_or_default();
        let known = self.names.iter().find(|names| names.classes == classes);
        if let Some(known) = known {
            return Arc::clone(known);
        }
        let names = Arc::new(names_of(classes));
        self.names.push(Arc::clone(&names));
        names
    }

    /// The column that is meant: that of the name, or, without quotes, the only one that is
    /// written in other case.
    fn resolved(&self, at: usize, name: &Name) -> Result<String, Fault> {
        let names = self.lookup.names();
        if names.contains(&name.text) {
            return Ok(name.text.clone());
        }
        let lower = name.text.to_lowercase();
        let alike = names.iter().filter(|other| other.to_lowercase() == lower);
        let alike: Vec<&str> = alike.map(String::as_str).collect();
        match alike.as_slice() {
            [one] if !name.is_quoted => Ok((*one).to_owned()),
            [] => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let reason = format!("no column `{}`: {}", name.text, meant(&name.text, &names));
                Fault::at(at, reason)
            }
            several => {
                let reason = format!("no column `{}`: there {}", name.text, listed(several));
                Fault::at(at, reason)
            }
        }
    }
}

/// Fails if a text that a class is compared with is none of its names.
pub(super) fn check_name(class: &Node, text: &Node) -> Result<(), Fault> {
    let (Type::Class(names), Type::Text, Op::Constant(value)) = (&class.kind, &text.kind, &text.op)
    else {
        return Ok(());
    };
    let name = value.as_string_opt::<i64>();
    let name = name
        .filter(|name| name.is_valid(0))
        .map(|name| name.value(0));
    let classes = &names.classes;
    match name {
        Some(name) if classes.id_of(name).is_none() => {
            let names: Vec<&str> = classes.names().collect();
            let reason = format!("no class `{name}`: {}", meant(name, &names));
            Fault::at(text.at, reason)
        }
        _ => Ok(()),
    }
}

/// The names of classes, to be looked up by id.
fn names_of(classes: Arc<ClassMap>) -> Names {
    let names = classes.names().map(Some);
    let nothing = classes.is_empty().then_some(Some(""));
    let values: LargeStringArray = names.chain(nothing).collect();
    let ids = || classes.ids().map(i64::from);
    let (first, last) = (ids().min().unwrap_or(0), ids().max().unwrap_or(-1));
    let dense = last.checked_sub(first).filter(|span| *span < MOST_PLACES);
    let places = dense.map(|_| {
        let place = |id: i64| i32::try_from(classes.position(i32::try_from(id).ok()?)?).ok();
        (first..=last).map(place).collect()
    });
    let places = places.unwrap_or_default();
    Names {
        values: Arc::new(values),
        first,
        places,
        classes,
    }
}

/// What may have been meant by a name, in words.
fn meant(name: &str, names: &[&str]) -> String {
    let lower = name.to_lowercase();
    let most = 1 + name.chars().count() / 3;
    let near = names
        .iter()
        .filter(|other| other.len().abs_diff(name.len()) <= 4 * most)
        .map(|other| (distance(&lower, &other.to_lowercase()), other))
        .filter(|(far, _)| *far <= most)
        .min();
    let near = near.map(|(_, near)| near);
    match near {
        Some(near) => format!("is it `{near}`?"),
        None => format!("there {}", listed(names)),
    }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = names.len() - shown.len();
    match (shown.as_slice(), more) {
        ([], _) => "is none".to_owned(),
        ([one], _) => format!("is `{one}`"),
        (several, 0) => format!("are `{}`", several.join("`, `")),
        (several, more) => format!("are `{}` and {more} more", several.join("`, `")),
    }
}

/// Characters to add, drop or change to make one name the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, character) in one.chars().enumerate() {
        let mut diagonal = place;
        let mut left = place + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (known, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let change = diagonal + usize::from(*known != character);
            diagonal = *cell;
            left = change.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

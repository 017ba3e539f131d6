//! What a column of a view is, brought together from the parts of the view that have it.

use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;
use tlc_core::arrow::datatypes::DataType;
use tlc_core::{Class, ClassMap, Column, Role, ValueType};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers to compute with.
    Number,
    /// One of some classes.
    Class,
    /// True or false.
    Flag,
    /// Text.
    Text,
    /// A moment: microseconds since 1970, UTC.
    Moment,
    /// Images, vectors and the like, which are shown sample by sample.
    Other,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Number => "numbers",
            Self::Class => "classes",
            Self::Flag => "flags",
            Self::Text => "texts",
            Self::Moment => "moments",
            Self::Other => "neither numbers, classes, flags nor texts",
        })
    }
}

/// What a column of a view is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Meaning {
    /// Its name in the view.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// Its classes, of all parts of the view.
    pub classes: Option<Arc<ClassMap>>,
    /// What the first part of the view that has it says of it.
    pub column: Column,
    /// Whether it stands in the table, beside the metrics.
    pub is_of_table: bool,
    /// Whether it was found in the metrics, rather than said by the model.
    pub is_finding: bool,
    /// The selection that it says of each row whether it is in it.
    pub selection: Option<String>,
    /// The type of its values in memory, before whole numbers become as small as they can.
    pub(crate) data_type: DataType,
}

impl Meaning {
    /// Of a column of a table or metrics table.
    pub(crate) fn of(name: String, column: &Column, is_of_table: bool) -> Self {
        let (kind, data_type) = kind_of(&column.value);
        Self {
            name,
            kind,
            classes: label_classes(&column.value).cloned().map(Arc::new),
            column: column.clone(),
            is_of_table,
            is_finding: false,
            selection: None,
            data_type,
        }
    }

    /// Of rows that are kept under a name.
    pub(crate) fn of_selection(name: String, kept: &str, description: &str) -> Self {
        let column = Column::new(name.as_str(), ValueType::Bool)
            .display_name(kept)
            .description(description);
        Self {
            selection: Some(kept.to_owned()),
            ..Self::of(name, &column, true)
        }
    }

    /// The same as something that was found.
    pub(crate) fn found(self) -> Self {
        Self {
            is_finding: true,
            ..self
        }
    }

    /// Of texts that are few, shown as classes.
    pub(crate) fn of_names(name: &str, classes: ClassMap, is_of_table: bool) -> Self {
        let value = ValueType::labels(classes.clone());
        Self {
            name: name.to_owned(),
            kind: Kind::Class,
            classes: Some(Arc::new(classes)),
            column: Column::new(name, value).role(Role::Axis).writable(false),
            is_of_table,
            is_finding: false,
            selection: None,
            data_type: DataType::Int32,
        }
    }
}

/// What a column is that stands in two parts of a view; `None` if they do not go together.
pub(crate) fn unite(one: &Meaning, other: &Meaning) -> Option<Meaning> {
    if one.kind != other.kind {
        return None;
    }
    let classes = match (&one.classes, &other.classes) {
        (Some(one), Some(other)) => Some(merged(one, other)),
        _ => None,
    };
    let data_type = match one.kind {
        Kind::Other if one.column.value != other.column.value => return None,
        Kind::Number => wider(&one.data_type, &other.data_type),
        _ => one.data_type.clone(),
    };
    Some(Meaning {
        classes,
        data_type,
        ..one.clone()
    })
}

/// The classes of a label.
pub(super) fn label_classes(value: &ValueType) -> Option<&ClassMap> {
    match value {
        ValueType::CategoricalLabel { classes } => Some(classes),
        _ => None,
    }
}

/// The classes of both, by name: those of the first keep their ids, and so do those of the
/// other where they are free.
fn merged(one: &Arc<ClassMap>, other: &Arc<ClassMap>) -> Arc<ClassMap> {
    if one == other {
        return Arc::clone(one);
    }
    let mut names: HashSet<&str> = one.names().collect();
    let mut ids: HashSet<i32> = one.ids().collect();
    let mut free = 0..i32::MAX;
    let mut classes: Vec<Class> = one.iter().cloned().collect();
    for class in other.iter().filter(|class| names.insert(&class.name)) {
        let id = match ids.insert(class.id) {
            true => Some(class.id),
            false => free.find(|id| !other.contains(*id) && ids.insert(*id)),
        };
        classes.extend(id.map(|id| {
            let mut class = class.clone();
            class.id = id;
            class
        }));
    }
    // The ids of all are different.
    ClassMap::from_classes(classes).map_or_else(|_| Arc::clone(one), Arc::new)
}

fn kind_of(value: &ValueType) -> (Kind, DataType) {
    match value {
        ValueType::CategoricalLabel { .. } => (Kind::Class, DataType::Int32),
        ValueType::Bool => (Kind::Flag, DataType::Boolean),
        ValueType::String => (Kind::Text, DataType::LargeUtf8),
        ValueType::Datetime => (Kind::Moment, DataType::Int64),
        other => match other.to_arrow() {
            DataType::Float16 => (Kind::Number, DataType::Float32),
            number if number.is_numeric() => (Kind::Number, number),
            other => (Kind::Other, other),
        },
    }
}

/// The type that holds the numbers of both; whole numbers of both signs beyond 64 bits, and
/// whole numbers beside broken ones, to the precision of a 64-bit float.
fn wider(one: &DataType, other: &DataType) -> DataType {
    let fits = |number: &DataType| number.is_integer() && *number != DataType::UInt64;
    match one == other {
        true => one.clone(),
        false if fits(one) && fits(other) => DataType::Int64,
        false => DataType::Float64,
    }
}

//! What a person wants done, before anybody has looked whether it can be.

use super::action::ActionKind;
use serde_json::Value;
use std::sync::Arc;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{Cell, Column, IntoArray};

/// A change to a table for [`PendingEdits::act`](super::PendingEdits::act), built by chaining.
///
/// ```
/// use tlc_core::{Column, ValueType};
/// use tlc_view::{ActionKind, Change};
///
/// let one = Change::set("label", [3], "shirt").reviewed();
/// let many = Change::set("weight", 0..60_000, 0.5_f32);
/// let predicted = Change::accept("label", [7, 4], vec!["dress", "coat"]);
/// let new = Change::add_column(Column::new("hard", ValueType::Bool), false);
/// let looked_at = Change::review([5, 6]);
/// let none_of_it = Change::discard_kind(ActionKind::Accept);
/// # let _ = (one, many, predicted, new, looked_at, none_of_it);
/// ```
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) asked: Asked,
    pub(super) is_reviewed: bool,
    pub(super) ignores_writable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Asked {
    Cells {
        kind: ActionKind,
        column: String,
        rows: Vec<usize>,
        values: Given,
    },
    AddColumn {
        column: Box<Column>,
        value: Given,
    },
    Review {
        rows: Vec<usize>,
        is_reviewed: bool,
    },
    Discard {
        column: Option<String>,
        kind: Option<ActionKind>,
    },
}

/// Values as they were given.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Array(ArrayRef),
    Json(Vec<Value>),
}

impl Change {
    /// Sets the cells of some rows of a column to one value. Text for a label is the name of
    /// its class.
    pub fn set<V: Cell>(
        column: impl Into<String>,
        rows: impl IntoIterator<Item = usize>,
        value: V,
    ) -> Self {
        let value = Given::Array(vec![value].into_array());
        Self::cells(ActionKind::Set, column.into(), rows, value)
    }

    /// As [`set`](Self::set), for a value that came as JSON: a number, a text, a boolean, null,
    /// or `"NaN"`, `"inf"` and `"-inf"`; moments are microseconds since 1970.
    pub fn set_json(
        column: impl Into<String>,
        rows: impl IntoIterator<Item = usize>,
        value: Value,
    ) -> Self {
        let value = Given::Json(vec![value]);
        Self::cells(ActionKind::Set, column.into(), rows, value)
    }

    /// Sets the cells of some rows each to its value, such as what the model says of them. Of
    /// several values for a row the last one counts.
    pub fn accept(
        column: impl Into<String>,
        rows: impl IntoIterator<Item = usize>,
        values: impl IntoArray,
    ) -> Self {
        let values = Given::Array(values.into_array());
        Self::cells(ActionKind::Accept, column.into(), rows, values)
    }

    /// Adds a column that has one value in every row, until some are set.
    pub fn add_column<V: Cell>(column: Column, value: V) -> Self {
        let column = Box::new(column.clone().nullable(column.nullable || V::NULLABLE));
        let value = Given::Array(vec![value].into_array());
        Self::of(Asked::AddColumn { column, value })
    }

    /// As [`add_column`](Self::add_column), for a value that came as JSON.
    #[must_use]
    pub fn add_column_json(column: Column, value: Value) -> Self {
        let column = Box::new(column.clone().nullable(column.nullable || value.is_null()));
        let value = Given::Json(vec![value]);
        Self::of(Asked::AddColumn { column, value })
    }

    /// Remembers that somebody has looked at rows and found them right.
    pub fn review(rows: impl IntoIterator<Item = usize>) -> Self {
        Self::marks(rows, true)
    }

    /// Forgets that rows were reviewed.
    pub fn unreview(rows: impl IntoIterator<Item = usize>) -> Self {
        Self::marks(rows, false)
    }

    /// Takes back all that was done to a column so far; an added column is gone with it.
    pub fn discard_column(column: impl Into<String>) -> Self {
        let column = Some(column.into());
        Self::of(Asked::Discard { column, kind: None })
    }

    /// Takes back all actions of a kind so far.
    #[must_use]
    pub fn discard_kind(kind: ActionKind) -> Self {
        let kind = Some(kind);
        Self::of(Asked::Discard { column: None, kind })
    }

    /// Takes back all actions so far.
    #[must_use]
    pub fn discard_all() -> Self {
        let (column, kind) = (None, None);
        Self::of(Asked::Discard { column, kind })
    }

    /// Marks the rows whose cells are set as reviewed, in the same action.
    #[must_use]
    pub fn reviewed(mut self) -> Self {
        self.is_reviewed = true;
        self
    }

    /// Lets a column be set that the schema calls not writable.
    #[must_use]
    pub fn ignore_writable(mut self) -> Self {
        self.ignores_writable = true;
        self
    }

    /// Whether its cells are set to one value.
    pub(super) fn has_one_value(&self) -> bool {
        let set = ActionKind::Set;
        matches!(&self.asked, Asked::Cells { kind, .. } if *kind == set)
    }

    fn cells(
        kind: ActionKind,
        column: String,
        rows: impl IntoIterator<Item = usize>,
        values: Given,
    ) -> Self {
        Self::of(Asked::Cells {
            kind,
            column,
            rows: rows.into_iter().collect(),
            values,
        })
    }

    fn marks(rows: impl IntoIterator<Item = usize>, is_reviewed: bool) -> Self {
        let rows = rows.into_iter().collect();
        Self::of(Asked::Review { rows, is_reviewed })
    }

    fn of(asked: Asked) -> Self {
        Self {
            asked,
            is_reviewed: false,
            ignores_writable: false,
        }
    }
}

impl Given {
    /// The values as a column has them.
    pub(super) fn fitted(&self, column: &Column) -> tlc_core::Result<ArrayRef> {
        match self {
            Self::Array(values) => column.fitted(Arc::clone(values)),
            Self::Json(values) => super::value::of_json(column, values),
        }
    }
}

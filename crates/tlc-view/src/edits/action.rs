//! What a person has done, as it stands in the journal and in memory.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::storage::FileInfo;
use tlc_core::{Column, RowSet};

/// What an action is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActionKind {
    /// Cells of a column were set to one value.
    Set,
    /// Predictions, or other values of their own for each row, were accepted.
    Accept,
    /// A column was added.
    AddColumn,
    /// Rows were marked as reviewed, or as not reviewed.
    Review,
    /// Actions before it were discarded.
    Discard,
}

/// One thing that a person has done to a table, and can undo as a whole.
#[derive(Clone, Debug)]
pub struct Action {
    pub(super) written: Written,
    /// Number of the document that brought it.
    pub(super) step: u64,
    /// One value for all its rows, or one for each; of an added column the one in every row.
    pub(super) values: Option<ArrayRef>,
}

/// An action as documents have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) id: String,
    pub(super) made: String,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Set(Cells),
    Accept(Cells),
    AddColumn {
        column: Box<Column>,
        values: Values,
    },
    Review {
        rows: RowSet,
        is_reviewed: bool,
    },
    Discard {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<ActionKind>,
    },
}

/// Cells of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cells {
    pub(super) column: String,
    pub(super) rows: RowSet,
    pub(super) values: Values,
    /// Whether the rows count as reviewed by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reviewed: bool,
}

/// Where values are: here, or in a file beside the documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Values {
    Here(Vec<Value>),
    File {
        name: String,
        #[serde(flatten)]
        file: FileInfo,
    },
}

impl Written {
    /// A new action.
    pub(super) fn now(what: What) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            made: chrono::Utc::now().to_rfc3339(),
            what,
        }
    }
}

impl Action {
    /// Its id, by which no other action goes.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.written.id
    }

    /// When it was done, as RFC 3339.
    #[must_use]
    pub fn made(&self) -> &str {
        &self.written.made
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> ActionKind {
        self.written.what.kind()
    }

    /// The column that it is about, if it is about one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.written.what.column()
    }

    /// Number of cells that it sets, or of rows that it marks.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.written.what.rows().map_or(0, RowSet::len)
    }

    /// The rows that it is about, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.written.what.rows().into_iter().flat_map(RowSet::iter)
    }
}

impl What {
    pub(super) fn kind(&self) -> ActionKind {
        match self {
            Self::Set(_) => ActionKind::Set,
            Self::Accept(_) => ActionKind::Accept,
            Self::AddColumn { .. } => ActionKind::AddColumn,
            Self::Review { .. } => ActionKind::Review,
            Self::Discard { .. } => ActionKind::Discard,
        }
    }

    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Set(cells) | Self::Accept(cells) => Some(&cells.column),
            Self::AddColumn { column, .. } => Some(&column.name),
            Self::Review { .. } => None,
            Self::Discard { column, .. } => column.as_deref(),
        }
    }

    pub(super) fn cells(&self) -> Option<&Cells> {
        match self {
            Self::Set(cells) | Self::Accept(cells) => Some(cells),
            _ => None,
        }
    }

    pub(super) fn rows(&self) -> Option<&RowSet> {
        match self {
            Self::Set(cells) | Self::Accept(cells) => Some(&cells.rows),
            Self::Review { rows, .. } => Some(rows),
            Self::AddColumn { .. } | Self::Discard { .. } => None,
        }
    }

    pub(super) fn values(&self) -> Option<&Values> {
        match self {
            Self::Set(cells) | Self::Accept(cells) => Some(&cells.values),
            Self::AddColumn { values, .. } => Some(values),
            Self::Review { .. } | Self::Discard { .. } => None,
        }
    }

    /// Which rows it says are reviewed, or are not.
    pub(super) fn marks(&self) -> Option<(&RowSet, bool)> {
        match self {
            Self::Review { rows, is_reviewed } => Some((rows, *is_reviewed)),
            Self::Set(cells) | Self::Accept(cells) if cells.reviewed => Some((&cells.rows, true)),
            _ => None,
        }
    }

    /// Whether a discarding action takes another one away.
    pub(super) fn discards(&self, other: &Self) -> bool {
        let Self::Discard { column, kind } = self else {
            return false;
        };
        other.kind() != ActionKind::Discard
            && kind.is_none_or(|kind| kind == other.kind())
            && (column.is_none() || column.as_deref() == other.column())
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set => "set",
            Self::Accept => "accept",
            Self::AddColumn => "add column",
            Self::Review => "review",
            Self::Discard => "discard",
        })
    }
}

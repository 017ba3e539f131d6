//! Where a table comes from, if it was made of another one.

use super::overlay::{Extent, Order, Sibling};
use crate::limits;
use crate::part::Part;
use serde::{Deserialize, Serialize};

/// How a table was made of its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RevisionKind {
    /// By an edit: it takes the place of its parent, and is what
    /// [`latest`](crate::Table::latest) looks for.
    Edit,
    /// Some of its rows or columns, or another order of them.
    Derived,
    /// All of it, copied: it depends on no other table any more.
    Squash,
}

/// How much a revision differs from its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changes {
    /// Values that are others now.
    pub cells: u64,
    /// Rows that are not there any more.
    pub rows_dropped: u64,
    /// Rows that are new.
    pub rows_appended: u64,
    /// Columns that are new, gone, renamed, or mean something else.
    pub columns: u64,
}

impl Changes {
    /// Whether nothing is different.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What a manifest says of that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Descent {
    pub(crate) kind: RevisionKind,
    pub(crate) parent: Sibling,
    /// The table whose rows it has.
    pub(crate) base: Sibling,
    /// Its number among all that were made of the base, from 1 on.
    pub(crate) number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    pub(crate) changes: Changes,
    /// Of a copy: which rows its own were in the base, and in what the base was copied from,
    /// and so on. Parts are in its own folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) origins: Vec<Origin>,
}

impl Descent {
    /// Whether the numbers can be true.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(1..=limits::COMMITS).contains(&self.number) {
            return Err(format!("no revision has the number {}", self.number));
        }
        if (self.kind == RevisionKind::Squash) == self.origins.is_empty() {
            return Err("a copy has origins, and nothing else has".to_owned());
        }
        let parts = self.origins.iter().flat_map(|origin| &origin.order.parts);
        parts.into_iter().try_for_each(Part::check)
    }
}

/// Which positions of a base the rows of a copy of it were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// Content id of the base.
    pub(crate) base: String,
    pub(crate) extents: Vec<Extent>,
    pub(crate) order: Order,
    /// Rows that the copy had.
    pub(crate) rows: usize,
}

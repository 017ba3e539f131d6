//! Steps: what the numbered documents of a journal say.

use super::action::Written;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use tlc_core::RowSet;
use tlc_core::storage::json::Seal;

pub(super) const FORMAT: &str = "tlc-edit";
pub(super) const CHECKPOINT_FORMAT: &str = "tlc-edit-checkpoint";
pub(super) const VERSION: u64 = 1;

/// One document, and its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Document {
    /// Content id of the table.
    pub(super) table: String,
    /// Name of the table, for people.
    pub(super) name: String,
    pub(super) number: u64,
    /// Seal of the document before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<Seal>,
    /// Makes it differ from all others.
    pub(super) id: String,
    pub(super) step: Step,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Something was done. What was undone before cannot be redone.
    Act(Written),
    /// The last action, of this id, was undone.
    Undo { action: String },
    /// The last one that was undone, of this id, was done again.
    Redo { action: String },
    /// All before is about to be committed as a revision of this id, or of none.
    Commit { revision: String },
    /// What a document of this number was to commit is committed, as the revision of this id.
    Committed { commit: u64, revision: String },
    /// ... or will not be.
    Dropped { commit: u64 },
    /// All up to a document was taken over to the edits of another table, by its id.
    Left { to: String, through: u64 },
    /// ... and has arrived there.
    Arrived(Arrived),
}

/// What comes from the edits of another table of the same base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Arrived {
    /// Content id of that one.
    pub(super) from: String,
    /// Number of the document there up to which it is.
    pub(super) through: u64,
    pub(super) actions: Vec<Written>,
    /// Rows that were reviewed there.
    pub(super) reviewed: RowSet,
}

/// All that many documents amount to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint<'a> {
    pub(super) table: String,
    /// Number of the last document, and its seal.
    pub(super) number: u64,
    pub(super) last: Seal,
    pub(super) actions: Vec<Numbered<'a>>,
    /// How many of them are not undone.
    pub(super) done: usize,
    pub(super) reviewed: RowSet,
    /// Commits of which nobody has said what became of them: numbers and revisions.
    pub(super) commits: Vec<(u64, String)>,
    /// From where what has arrived.
    pub(super) arrived: Vec<(String, u64)>,
}

/// An action and the number of its document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Numbered<'a> {
    pub(super) step: u64,
    pub(super) action: Cow<'a, Written>,
}

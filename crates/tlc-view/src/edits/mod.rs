//! Pending edits: what a person has changed of a table and not committed yet.
//!
//! Each action is a numbered document in the project's folder; what is pending is what they
//! amount to. Nothing of it is in the table before the commit makes a revision.

mod action;
mod change;
mod changes;
mod commit;
mod folded;
mod journal;
mod painted;
mod pending;
mod settle;
mod state;
mod step;
mod value;

pub use self::action::{Action, ActionKind};
pub use self::change::Change;
pub use self::changes::{Changed, Changes};
pub use self::commit::Outcome;
pub use self::pending::{ChangedColumn, PendingEdits};

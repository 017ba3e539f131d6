//! Revisions: tables that were made of another one, by edits or by choosing rows and columns.
//!
//! A revision is a table of its own, which names the parts of its base and lays over them what
//! is different. So it opens by one document however long its history, and what lies over the
//! base is kept in the folder of the base, where each revision is announced, too.

mod classes;
mod concatenate;
mod conflict;
mod copy;
mod derive;
mod diff;
mod draft;
mod edit;
mod edited;
mod fitting;
mod labels;
mod latest;
mod lineage;
mod log;
mod open;
mod options;
mod overlaying;
mod rebase;
mod reference;
mod root;
mod shelf;
mod strokes;

pub use self::concatenate::{Concatenated, Overruled, Renumbered, concatenate};
pub use self::conflict::{Committed, Conflict, Touched};
pub use self::derive::Derivation;
pub use self::diff::Diff;
pub use self::edit::Editor;
pub(crate) use self::latest::{check_announced, made_of};
pub use self::lineage::{Lineage, Revision};
pub use self::options::RevisionOptions;
pub use self::reference::TableRef;
pub use self::root::RowMap;

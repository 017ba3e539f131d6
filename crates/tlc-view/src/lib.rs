//! Rows of runs and tables, joined and held in memory: what people look at.
//!
//! A [`View`] is a set of rows: metrics of one run or several beside the samples they are
//! about, or a table alone. Its columns are read when they are asked for and held under a
//! memory budget. Questions are answered for all rows, or for those that a [`Filters`] lets
//! through. No web: the dashboard, the command line and tests ask the same engine.

mod classes;
mod column;
mod edits;
mod error;
mod mask;
mod source;
mod view;

pub use self::classes::{Class, Classes};
pub use self::column::{Column, Kind, Meaning};
pub use self::edits::{
    Action, ActionKind, Change, Changed, ChangedColumn, Changes, Outcome, PendingEdits,
};
pub use self::error::{Error, Result};
pub use self::mask::Mask;
pub use self::source::{Epochs, ViewOptions};
pub use self::view::{Origin, View};

//! Rows of runs and tables, joined and held in memory: what people look at.
//!
//! A [`View`] is a set of rows: metrics of one run or several beside the samples they are
//! about, or a table alone. Its columns are read when they are asked for and held under a
//! memory budget. Questions are answered for all rows, or for those that some
//! [`Filter`]s let through. No web: the dashboard, the command line and tests ask the same engine.

mod codes;
mod column;
mod compare;
mod count;
mod curve;
mod edits;
mod error;
mod expression;
mod filter;
mod findings;
mod group;
mod mask;
mod order;
mod picture;
mod source;
mod view;

pub use self::column::{Column, Kind, Meaning};
pub use self::compare::{CompareBy, Compared, Comparison, Moved, Right, Uncompared, Verdict};
pub use self::count::{Apart, Bins, ClassCount, ClassCounts, Histogram, Quantiles, Statistics};
pub use self::curve::Curve;
pub use self::edits::{
    Action, ActionKind, Change, Changed, ChangedColumn, Changes, Outcome, PendingEdits,
};
pub use self::error::{Error, Result};
pub use self::expression::Expression;
pub use self::filter::{Filter, Filtered, Special};
pub use self::findings::{Card, CardKind, CardState, compute_findings, compute_layout};
pub use self::group::{Confused, Confusion, Group};
pub use self::mask::Mask;
pub use self::order::{Order, OrderBy, Ordered};
pub use self::picture::{Boxes, class_color, image_type, paint_mask, thumbnail};
pub use self::source::{Epochs, ViewOptions};
pub use self::view::{Defaults, Near, Origin, TableRows, View};
pub use tlc_findings::Progress;

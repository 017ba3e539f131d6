//! Selections: rows of a base that are kept under a name beside it, for its revisions to find.

mod chosen;
mod document;
mod keep;

pub use self::chosen::Selection;
pub(crate) use self::document::check_all;
pub use self::keep::SelectionInfo;

//! Every ceiling in one place: what hostile or damaged input can cost at most.

use crate::{Error, Result};

/// Columns of a schema, and fields of a struct.
pub(crate) const COLUMNS: u64 = 10_000;
/// Bytes of a column name or of one segment of a URL.
pub(crate) const NAME_BYTES: u64 = 255;
/// Nesting of a column's type.
pub(crate) const DEPTH: u64 = 32;
/// Class names of a categorical label.
pub(crate) const CLASSES: u64 = 1_000_000;
/// Class names of a segmentation mask: what a pixel of 16 bits can tell apart.
pub(crate) const MASK_CLASSES: u64 = 1 << 16;
/// Values of one fixed-size cell.
pub(crate) const CELL_VALUES: u64 = 16 << 20;
/// Bytes of the names and texts of a schema as its Arrow fields carry them; leaves room in
/// the document it stands in.
pub(crate) const SCHEMA_BYTES: u64 = 8 << 20;
/// Bytes of a manifest or commit.
pub(crate) const DOCUMENT_BYTES: u64 = 32 << 20;
/// Bytes of a checkpoint, which holds many commits.
pub(crate) const CHECKPOINT_BYTES: u64 = 64 << 20;
/// Memory of the actions of a commit or checkpoint.
pub(crate) const ACTIONS_BYTES: u64 = 64 << 20;
/// Memory of the parameters of a run.
pub(crate) const PARAMETERS_BYTES: u64 = 32 << 20;
/// Values in a document: each takes some memory, however few bytes it is written in.
pub(crate) const DOCUMENT_VALUES: u64 = 2 << 20;
/// Commits of a table or run, far more than anybody writes: a number can be added to.
pub(crate) const COMMITS: u64 = 1_000_000_000_000_000;
/// Parts that move to other places by the compactions of one commit or checkpoint.
pub(crate) const MOVED_PARTS: u64 = 64 << 20;
/// Rows of a row group; what is written has fewer.
pub(crate) const ROW_GROUP_ROWS: usize = 1 << 24;
/// Nesting of a parameter's value.
pub(crate) const PARAMETER_DEPTH: u64 = 32;

/// Refuses what is over its limit.
pub(crate) fn check(what: &str, found: u64, limit: u64) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: what.to_owned(),
        limit,
        found,
    })
}

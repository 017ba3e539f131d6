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
/// Bytes of all the names, descriptions and class names of a schema.
pub(crate) const SCHEMA_BYTES: u64 = 8 << 20;
/// Bytes of a manifest or commit.
pub(crate) const DOCUMENT_BYTES: u64 = 16 << 20;

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

//! Part files: the Parquet files that hold the rows of tables and metrics tables.
//!
//! A part is encoded in memory, at most a few tens of megabytes, published whole
//! and never changed. Its schema stands in its own metadata under
//! [`SCHEMA_KEY`], so it makes sense without the manifest that names it.

mod arrow_file;
mod distinct;
mod few;
mod guard;
mod offsets;
mod pages;
mod read;
mod size;
mod statistics;
mod thrift;
mod write;

pub(crate) use self::arrow_file::ArrowFile;
pub use self::arrow_file::read_arrow_file;
pub(crate) use self::guard::guarded;
pub(crate) use self::read::{Batches, PartReader};
pub(crate) use self::size::{row_bytes, slices};
pub use self::statistics::{PageStatistics, Statistics};
#[cfg(feature = "testing")]
pub use self::write::set_row_group_rows;
pub(crate) use self::write::{EncodedPart, PartEncoder};

use crate::limits;
use crate::storage::{BlockChecksums, FileInfo};
use serde::{Deserialize, Serialize};

/// Key of the Parquet file metadata that holds the schema's JSON.
pub const SCHEMA_KEY: &str = "tlc.schema";

/// What a manifest or commit says of one part file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredPart")]
pub(crate) struct Part {
    /// URL relative to the folder of the table.
    pub(crate) url: String,
    /// Rows of each row group, in order.
    pub(crate) row_groups: Vec<usize>,
    /// Size of the rows in memory as Arrow arrays.
    pub(crate) decoded_bytes: u64,
    /// Length and checksums of the file.
    #[serde(flatten)]
    pub(crate) file: FileInfo,
}

/// As it is stored: a history of a hundred thousand parts is read quicker flat.
#[derive(Deserialize)]
struct StoredPart {
    url: String,
    row_groups: Vec<usize>,
    decoded_bytes: u64,
    len_bytes: u64,
    block_bytes: u32,
    crc32c: BlockChecksums,
}

impl From<StoredPart> for Part {
    fn from(stored: StoredPart) -> Self {
        Self {
            url: stored.url,
            row_groups: stored.row_groups,
            decoded_bytes: stored.decoded_bytes,
            file: FileInfo {
                len_bytes: stored.len_bytes,
                block_bytes: stored.block_bytes,
                blocks: stored.crc32c.0,
            },
        }
    }
}

impl Part {
    pub(crate) fn rows(&self) -> usize {
        self.row_groups
            .iter()
            .fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Whether the numbers can be true, before anything is allocated for them.
    pub(crate) fn check(&self) -> Result<(), String> {
        let too_many = self
            .row_groups
            .iter()
            .find(|rows| **rows > limits::ROW_GROUP_ROWS);
        if let Some(rows) = too_many {
            return Err(format!("a row group of {rows} rows in `{}`", self.url));
        }
        if !self.file.is_consistent() {
            return Err(format!("length and checksums of `{}` differ", self.url));
        }
        Ok(())
    }
}

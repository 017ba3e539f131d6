//! Part files: the Parquet files that hold the rows of tables and metrics tables.
//!
//! A part is encoded in memory, at most a few tens of megabytes, published whole
//! and never changed. Its schema stands in its own metadata under
//! [`SCHEMA_KEY`], so it makes sense without the manifest that names it.

mod guard;
mod read;
mod write;

pub(crate) use self::guard::guarded;
pub(crate) use self::read::{Batches, PartReader};
pub(crate) use self::write::{EncodedPart, PartEncoder};

use crate::storage::FileInfo;
use serde::{Deserialize, Serialize};

/// Key of the Parquet file metadata that holds the schema's JSON.
pub const SCHEMA_KEY: &str = "tlc.schema";

/// What a manifest or commit says of one part file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

impl Part {
    pub(crate) fn rows(&self) -> usize {
        self.row_groups.iter().sum()
    }
}

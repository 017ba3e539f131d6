//! Length and checksums of published files, and the store that checks them.

use super::forward::forward;
use super::{Store, check_range, ranges};
use crate::{Error, Result, Url, limits};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A reader verifies whole blocks of this size, so a small read costs little more.
const BLOCK_BYTES: u32 = 256 << 10;

/// What the commit that publishes a file says of its bytes.
///
/// As JSON: `{"len_bytes": 5, "block_bytes": 262144, "crc32c": "9a71bb4c"}`, with
/// eight hexadecimal digits for each block of `block_bytes`, the last one shorter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Length of the file.
    pub len_bytes: u64,
    /// Length of each block but the last.
    pub block_bytes: u32,
    /// CRC32C (Castagnoli) of each block.
    #[serde(
        rename = "crc32c",
        serialize_with = "to_hex",
        deserialize_with = "from_hex"
    )]
    pub blocks: Vec<u32>,
}

impl FileInfo {
    /// Describes these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            len_bytes: bytes.len() as u64,
            block_bytes: BLOCK_BYTES,
            blocks: bytes
                .chunks(BLOCK_BYTES as usize)
                .map(crc32c::crc32c)
                .collect(),
        }
    }

    /// Whether there is a checksum for each block of the length.
    pub(crate) fn is_consistent(&self) -> bool {
        self.block_bytes > 0
            && self.len_bytes.div_ceil(u64::from(self.block_bytes)) == self.blocks.len() as u64
    }

    /// Checks bytes that start at block `first` of the file.
    fn verify(&self, url: &Url, first: u64, bytes: &[u8]) -> Result<()> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        for (at, block) in bytes.chunks(self.block_bytes.max(1) as usize).enumerate() {
            let number = first.saturating_add(at);
            if self.blocks.get(number) != Some(&crc32c::crc32c(block)) {
                let reason = format!("checksum of block {number} differs");
                return Err(Error::Corrupt {
                    url: url.clone(),
                    reason,
                });
            }
        }
        Ok(())
    }

    /// The blocks that cover a range: number of the first, and their bytes.
    fn covering(&self, range: &Range<u64>) -> (u64, Range<u64>) {
        let block = u64::from(self.block_bytes.max(1));
        let first = range.start / block;
        let end = range
            .end
            .div_ceil(block)
            .saturating_mul(block)
            .min(self.len_bytes);
        (first, first * block..end)
    }
}

/// A store around a store that hands out only bytes that were published.
#[derive(Debug)]
pub struct ChecksumStore {
    inner: Arc<dyn Store>,
    files: HashMap<Url, FileInfo>,
}

impl ChecksumStore {
    /// Checks these files; any other file is refused.
    pub fn new(inner: Arc<dyn Store>, files: impl IntoIterator<Item = (Url, FileInfo)>) -> Self {
        Self {
            inner,
            files: files.into_iter().collect(),
        }
    }

    fn info(&self, url: &Url) -> Result<&FileInfo> {
        let unlisted = || Error::Corrupt {
            url: url.clone(),
            reason: "no commit names it".to_owned(),
        };
        self.files.get(url).ok_or_else(unlisted)
    }
}

impl Store for ChecksumStore {
    forward!(
        inner: parallel_reads, stat, list, put_if_absent, settle, delete, delete_folder, liveness
    );

    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let info = self.info(url)?;
        limits::check(&format!("bytes of {url}"), info.len_bytes, limit_bytes)?;
        self.get_range(url, 0..info.len_bytes, info.len_bytes)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let info = self.info(url)?;
        check_range(url, &range, len_bytes, info.len_bytes)?;
        let (first, covering) = info.covering(&range);
        let bytes = self
            .inner
            .get_range(url, covering.clone(), info.len_bytes)?;
        info.verify(url, first, &bytes)?;
        let start = usize::try_from(range.start - covering.start).unwrap_or(usize::MAX);
        let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        Ok(bytes.slice(start..start + len))
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        let info = self.info(url)?;
        for range in ranges {
            check_range(url, range, len_bytes, info.len_bytes)?;
        }
        let blocks = ranges.iter().map(|range| info.covering(range).1);
        let merged = ranges::merged(&blocks.collect::<Vec<_>>(), 0);
        let bytes = self.inner.get_ranges(url, &merged, info.len_bytes)?;
        let read: Vec<(Range<u64>, Bytes)> = merged.into_iter().zip(bytes).collect();
        for (range, bytes) in &read {
            info.verify(url, info.covering(range).0, bytes)?;
        }
        let missing = || Error::Corrupt {
            url: url.clone(),
            reason: "fewer bytes were given than asked for".to_owned(),
        };
        let wanted = ranges.iter();
        wanted
            .map(|range| ranges::within(range, &read).ok_or_else(missing))
            .collect()
    }
}

/// The checksums of a file's blocks, from their digits.
#[derive(Deserialize)]
pub(crate) struct BlockChecksums(#[serde(deserialize_with = "from_hex")] pub(crate) Vec<u32>);

fn to_hex<S: Serializer>(blocks: &[u32], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    use std::fmt::Write;
    let mut hex = String::with_capacity(blocks.len() * 8);
    for block in blocks {
        // Writing to a string does not fail.
        let _ = write!(hex, "{block:08x}");
    }
    serializer.serialize_str(&hex)
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<u32>, D::Error> {
    let hex = Cow::<str>::deserialize(deserializer)?;
    let blocks = hex.as_bytes().chunks(8).map(|digits| {
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    });
    let blocks: Option<Vec<u32>> = blocks.collect();
    blocks.ok_or_else(|| serde::de::Error::custom("crc32c is not a row of eight-digit numbers"))
}

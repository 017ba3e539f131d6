//! A store around a store that keeps what was read of part files on the local disk.

use super::segments::Segments;
use crate::storage::forward::forward;
use crate::storage::{Store, check_range, ranges};
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use twox_hash::XxHash3_128;

const SEGMENT_BYTES: u64 = 1 << 20;
/// Endings of files that never change: those that commits name.
const UNCHANGING: [&str; 2] = [".parquet", ".arrow"];

/// Keeps segments of part files in a folder of the local disk, up to a size; what was not read
/// for the longest time goes first. Part files never change, so a copy is never stale. Each has
/// a checksum: a damaged one is read anew. Any number of processes may share the folder.
///
/// ```
/// use std::sync::Arc;
/// use tlc_core::storage::{CacheStore, MemoryStore};
///
/// let folder = std::env::temp_dir().join("docs-cache-store");
/// let store = CacheStore::new(Arc::new(MemoryStore::default()), folder, 1 << 30);
/// ```
#[derive(Debug)]
pub struct CacheStore {
    inner: Arc<dyn Store>,
    segments: Segments,
}

impl CacheStore {
    /// Keeps about so many bytes of what is read of `inner`.
    pub fn new(inner: Arc<dyn Store>, folder: PathBuf, limit_bytes: u64) -> Self {
        Self {
            inner,
            segments: Segments::new(folder, limit_bytes),
        }
    }

    /// The segments that cover ranges, read from where they are.
    fn covering(
        &self,
        url: &Url,
        ranges: &[Range<u64>],
        len_bytes: u64,
    ) -> Result<Vec<(Range<u64>, Bytes)>> {
        let segments = segments_of(ranges, len_bytes);
        let kept = segments.iter().map(|segment| {
            let name = name(url, segment, len_bytes);
            self.segments.get(&name, segment.end - segment.start)
        });
        let mut read: Vec<Option<Bytes>> = kept.collect();
        let missing = segments
            .iter()
            .zip(&read)
            .filter(|(_, kept)| kept.is_none());
        let missing: Vec<Range<u64>> = missing.map(|(segment, _)| segment.clone()).collect();
        let mut fetched = self.fetch(url, &missing, len_bytes)?.into_iter();
        for place in read.iter_mut().filter(|kept| kept.is_none()) {
            *place = fetched.next();
        }
        let read = read.into_iter().zip(segments);
        Ok(read
            .filter_map(|(bytes, segment)| Some((segment, bytes?)))
            .collect())
    }

    /// Segments that are not here, which are kept from now on.
    fn fetch(&self, url: &Url, missing: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let fetched = self.inner.get_ranges(url, missing, len_bytes)?;
        for (segment, bytes) in missing.iter().zip(&fetched) {
            self.segments.keep(&name(url, segment, len_bytes), bytes);
        }
        Ok(fetched)
    }
}

impl Store for CacheStore {
    forward!(
        inner: get, get_all, parallel_reads, stat, list, put_if_absent, settle, delete, delete_folder, liveness
    );

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let mut read = self.get_ranges(url, &[range], len_bytes)?;
        Ok(read.pop().unwrap_or_default())
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        let is_unchanging = UNCHANGING.iter().any(|ending| url.name().ends_with(ending));
        if !is_unchanging {
            return self.inner.get_ranges(url, ranges, len_bytes);
        }
        for range in ranges {
            check_range(url, range, len_bytes, len_bytes)?;
        }
        let read = self.covering(url, ranges, len_bytes)?;
        let wanted = ranges.iter().map(|range| joined(range, &read));
        wanted
            .map(|bytes| {
                bytes.ok_or_else(|| Error::Corrupt {
                    url: url.clone(),
                    reason: "fewer bytes were given than asked for".to_owned(),
                })
            })
            .collect()
    }
}

/// What a segment of a file of some length is called, of whichever store.
fn name(url: &Url, segment: &Range<u64>, len_bytes: u64) -> String {
    let named = format!("{url}\n{}\n{len_bytes}", segment.start);
    format!("{:032x}", XxHash3_128::oneshot(named.as_bytes()))
}

/// The whole segments that ranges lie in, in order.
fn segments_of(ranges: &[Range<u64>], len_bytes: u64) -> Vec<Range<u64>> {
    let some: Vec<Range<u64>> = ranges
        .iter()
        .filter(|range| !range.is_empty())
        .cloned()
        .collect();
    let numbers = some
        .iter()
        .map(|range| range.start / SEGMENT_BYTES..range.end.div_ceil(SEGMENT_BYTES));
    let merged = ranges::merged(&numbers.collect::<Vec<_>>(), 0)
        .into_iter()
        .flatten();
    let segment = |number: u64| {
        let start = number * SEGMENT_BYTES;
        start..start.saturating_add(SEGMENT_BYTES).min(len_bytes)
    };
    merged.map(segment).collect()
}

/// The bytes of a range from the segments that it lies in.
fn joined(range: &Range<u64>, read: &[(Range<u64>, Bytes)]) -> Option<Bytes> {
    if range.is_empty() {
        return Some(Bytes::new());
    }
    if let Some(inside) = ranges::within(range, read) {
        return Some(inside);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(range.end - range.start).ok()?);
    let first = read.partition_point(|(segment, _)| segment.end <= range.start);
    for (segment, of_segment) in read.get(first..)? {
        let wanted = range.start.max(segment.start)..range.end.min(segment.end);
        if wanted.is_empty() {
            break;
        }
        let start = usize::try_from(wanted.start - segment.start).ok()?;
        let end = usize::try_from(wanted.end - segment.start).ok()?;
        bytes.extend_from_slice(of_segment.get(start..end)?);
    }
    (bytes.len() as u64 == range.end - range.start).then(|| bytes.into())
}

//! Ranges of a file that are read together.

use bytes::Bytes;
use std::ops::Range;

/// Ranges in order, those put together that overlap or have no more than `gap` bytes between
/// them.
pub(super) fn merged(ranges: &[Range<u64>], gap: u64) -> Vec<Range<u64>> {
    let mut sorted: Vec<&Range<u64>> = ranges.iter().collect();
    sorted.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => {
                last.end = last.end.max(range.end);
            }
            _ => merged.push(range.clone()),
        }
    }
    merged
}

/// The bytes of a range, of those that were read of merged ones.
pub(super) fn within(range: &Range<u64>, read: &[(Range<u64>, Bytes)]) -> Option<Bytes> {
    let place = read.partition_point(|(merged, _)| merged.start <= range.start);
    let (merged, bytes) = read.get(place.checked_sub(1)?)?;
    let start = usize::try_from(range.start - merged.start).ok()?;
    let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
    let end = start.checked_add(len).filter(|end| *end <= bytes.len())?;
    Some(bytes.slice(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_range_is_found_in_what_is_read_of_merged_ones(
            starts in prop::collection::vec((0_u64..200, 0_u64..40), 0..12),
            gap in 0_u64..20,
        ) {
            let file: Vec<u8> = (0..240).collect();
            let ranges: Vec<Range<u64>> = starts.iter().map(|(start, len)| *start..start + len).collect();
            let merged = merged(&ranges, gap);
            prop_assert!(merged.windows(2).all(|pair| pair[0].end + gap < pair[1].start));
            let bytes = |range: &Range<u64>| Bytes::copy_from_slice(&file[range.start as usize..range.end as usize]);
            let read: Vec<_> = merged.iter().map(|range| (range.clone(), bytes(range))).collect();
            for range in &ranges {
                prop_assert_eq!(within(range, &read), Some(bytes(range)));
            }
        }
    }
}

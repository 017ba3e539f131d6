//! Sets of rows: runs, so that all that match of ten million cost what their pattern costs.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Write;
use std::ops::Range;

/// More runs than these are written as bits.
const MOST_RUNS: usize = 1 << 19;
/// Characters that a run of two small numbers takes, about.
const RUN_CHARS: usize = 12;
const NIBBLE_BITS: usize = 4;

/// Rows of a table, ascending and none twice. A document has them as runs or as bits, whichever
/// is shorter: `{"runs": [first, len, ...]}` or `{"bits": {"from": 8, "hex": "f1"}}`, four rows
/// a digit, the first of them in its lowest bit.
///
/// ```
/// use tlc_core::RowSet;
///
/// let rows: RowSet = [7, 2, 3, 7].into_iter().collect();
/// assert_eq!(rows.iter().collect::<Vec<_>>(), [2, 3, 7]);
/// assert_eq!(rows.place(7), Some(2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    runs: Vec<Run>,
    len: usize,
}

/// Rows one after another, and how many stand before them in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: usize,
    before: usize,
}

/// As documents have them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    /// First row and number of rows of each run, one after another.
    Runs(Vec<usize>),
    Bits {
        /// The row of the first bit.
        from: usize,
        /// Four rows a hexadecimal digit, the first of them its lowest bit.
        hex: String,
    },
}

impl RowSet {
    /// Rows in any order; and the place that each of the set had among those that were given,
    /// the last one where a row comes twice. No places if that is their order.
    #[must_use]
    pub fn sorted(given: &[usize]) -> (Self, Option<Vec<u64>>) {
        if given.is_sorted_by(|one, next| one < next) {
            return (Self::ascending(given.iter().copied()), None);
        }
        let mut places: Vec<(usize, u64)> = given.iter().copied().zip(0..).collect();
        places.sort_by_key(|(row, place)| (*row, std::cmp::Reverse(*place)));
        places.dedup_by_key(|(row, _)| *row);
        let rows = Self::ascending(places.iter().map(|(row, _)| *row));
        (
            rows,
            Some(places.into_iter().map(|(_, place)| place).collect()),
        )
    }

    /// Rows that ascend; others are left out.
    #[must_use]
    pub fn ascending(rows: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::default();
        for row in rows {
            set.push(row, 1);
        }
        set
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row after the last one.
    #[must_use]
    pub fn end(&self) -> usize {
        self.ranges().next_back().map_or(0, |run| run.end)
    }

    /// The place of a row in the set.
    #[must_use]
    pub fn place(&self, row: usize) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.first <= row);
        let at = after.checked_sub(1)?;
        let run = self.runs.get(at)?;
        let place = run.before + (row - run.first);
        (place < self.end_of(at)).then_some(place)
    }

    /// Its rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges().flatten()
    }

    /// Its runs, ascending.
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + '_ {
        self.runs.iter().enumerate().map(|(at, run)| {
            let first = run.first;
            first..first + (self.end_of(at) - run.before)
        })
    }

    /// How many rows there are up to the end of a run.
    fn end_of(&self, at: usize) -> usize {
        let next = self.runs.get(at + 1);
        next.map_or(self.len, |next| next.before)
    }

    /// Adds rows at the end; whether they come after those that are there.
    pub(crate) fn push(&mut self, first: usize, len: usize) -> bool {
        let end = self.end();
        let is_after = first >= end && first.checked_add(len).is_some();
        if is_after && len > 0 {
            if first != end || self.len == 0 {
                let before = self.len;
                self.runs.push(Run { first, before });
            }
            self.len += len;
        }
        is_after
    }

    fn written(&self) -> Written {
        let start = self.runs.first().map_or(0, |run| run.first);
        let digits = (self.end() - start).div_ceil(NIBBLE_BITS);
        if self.runs.len() <= MOST_RUNS && self.runs.len() * RUN_CHARS <= digits.max(64) {
            let numbers = self.ranges().flat_map(|run| [run.start, run.len()]);
            return Written::Runs(numbers.collect());
        }
        let mut nibbles = vec![0_u8; digits];
        for row in self.iter() {
            let bit = row - start;
            if let Some(nibble) = nibbles.get_mut(bit / NIBBLE_BITS) {
                *nibble |= 1 << (bit % NIBBLE_BITS);
            }
        }
        let mut hex = String::with_capacity(digits);
        for nibble in nibbles {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{nibble:x}");
        }
        Written::Bits { from: start, hex }
    }

    fn read(written: Written) -> Option<Self> {
        let mut rows = Self::default();
        match written {
            Written::Runs(numbers) => {
                for run in numbers.chunks(2) {
                    let [first, len] = run else { return None };
                    if *len == 0 || !rows.push(*first, *len) {
                        return None;
                    }
                }
            }
            Written::Bits { from, hex } => {
                for (digit, bits) in hex.chars().zip((0..).map(|digit| digit * NIBBLE_BITS)) {
                    let nibble = digit.to_digit(16)?;
                    for bit in (0..NIBBLE_BITS).filter(|bit| nibble >> bit & 1 == 1) {
                        let row = from.checked_add(bits + bit)?;
                        rows.push(row, 1).then_some(())?;
                    }
                }
            }
        }
        Some(rows)
    }
}

impl Serialize for RowSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RowSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Self::read(Written::deserialize(deserializer)?);
        rows.ok_or_else(|| serde::de::Error::custom("rows must ascend, none of them twice"))
    }
}

impl FromIterator<usize> for RowSet {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        Self::sorted(&rows.into_iter().collect::<Vec<_>>()).0
    }
}

#[cfg(test)]
mod tests {
    use super::RowSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_those_that_were_given_in_memory_and_on_disk(
            given in prop::collection::vec(0_usize..600, 0..400),
        ) {
            let (rows, places) = RowSet::sorted(&given);
            let mut expected: Vec<usize> = given.clone();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(rows.len(), expected.len());
            for row in 0..600 {
                prop_assert_eq!(rows.place(row), expected.binary_search(&row).ok());
            }
            for (row, place) in rows.iter().zip(places.into_iter().flatten()) {
                let last = given.iter().rposition(|given| *given == row).unwrap();
                prop_assert_eq!(place, last as u64);
            }
            let json = serde_json::to_string(&rows).unwrap();
            prop_assert!(json.len() <= 64 + (600 / 4).max(12 * expected.len()));
            prop_assert_eq!(serde_json::from_str::<RowSet>(&json).unwrap(), rows);
        }

        #[test]
        fn what_documents_say_of_rows_is_refused_or_read_without_a_panic(
            numbers in prop::collection::vec(prop_oneof![any::<usize>(), 0_usize..9], 0..6),
            hex in "[0-9a-fg]{0,5}",
            from in prop_oneof![0_usize..9, usize::MAX - 9..=usize::MAX],
        ) {
            let runs = serde_json::json!({ "runs": numbers });
            let bits = serde_json::json!({ "bits": { "from": from, "hex": hex } });
            for json in [runs, bits] {
                if let Ok(rows) = serde_json::from_value::<RowSet>(json) {
                    prop_assert!(rows.len() <= rows.end());
                }
            }
        }
    }
}

//! Which rows of a view are meant: one bit a row.

use rayon::prelude::*;
use std::ops::Range;
use tlc_core::arrow::buffer::BooleanBuffer;

/// Rows that one task of the thread pool looks at.
pub(crate) const BLOCK_ROWS: usize = 1 << 16;
const WORD_BITS: usize = 64;
const BLOCK_WORDS: usize = BLOCK_ROWS / WORD_BITS;

/// A set of rows of a view.
///
/// ```
/// use tlc_view::Mask;
///
/// let even = Mask::by(100, |row| row % 2 == 0);
/// let small = Mask::by(100, |row| row < 10);
/// assert_eq!(even.and(&small).iter().collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
/// assert_eq!(even.not().count(), 50);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    rows: usize,
}

impl Mask {
    /// All rows, or none.
    #[must_use]
    pub fn full(rows: usize, is_set: bool) -> Self {
        let word = if is_set { u64::MAX } else { 0 };
        let words = vec![word; rows.div_ceil(WORD_BITS)];
        Self { words, rows }.trimmed()
    }

    /// The rows of which a test is true, asked side by side.
    #[must_use]
    pub fn by(rows: usize, test: impl Fn(usize) -> bool + Sync) -> Self {
        let mut words = vec![0; rows.div_ceil(WORD_BITS)];
        let blocks = words.par_chunks_mut(BLOCK_WORDS).enumerate();
        blocks.for_each(|(block, words)| {
            for (place, word) in words.iter_mut().enumerate() {
                let start = (block * BLOCK_WORDS + place) * WORD_BITS;
                let end = rows.min(start + WORD_BITS);
                *word =
                    (start..end).fold(0, |word, row| word | u64::from(test(row)) << (row - start));
            }
        });
        Self { words, rows }
    }

    /// The rows of which a test of their value is true.
    pub(crate) fn of_values<T: Copy + Sync>(values: &[T], test: impl Fn(T) -> bool + Sync) -> Self {
        let mut words = vec![0; values.len().div_ceil(WORD_BITS)];
        let blocks = words.par_iter_mut().with_min_len(BLOCK_WORDS);
        blocks
            .zip(values.par_chunks(WORD_BITS))
            .for_each(|(word, values)| {
                let bits = values.iter().enumerate();
                *word = bits.fold(0, |word, (bit, value)| {
                    word | u64::from(test(*value)) << bit
                });
            });
        let rows = values.len();
        Self { words, rows }
    }

    /// Rows of which blocks of bits are asked for side by side, by their first row and length.
    pub(crate) fn try_by_blocks<E: Send>(
        rows: usize,
        bits: impl Fn(usize, usize) -> Result<BooleanBuffer, E> + Sync,
    ) -> Result<Self, E> {
        let mut words = vec![0; rows.div_ceil(WORD_BITS)];
        let blocks = words.par_chunks_mut(BLOCK_WORDS).enumerate();
        blocks.try_for_each(|(block, words)| {
            let start = block * BLOCK_ROWS;
            let bits = bits(start, BLOCK_ROWS.min(rows - start))?;
            let known = bits.bit_chunks();
            for (word, known) in words.iter_mut().zip(known.iter_padded()) {
                *word = known;
            }
            Ok(())
        })?;
        Ok(Self { words, rows })
    }

    /// These rows; those past the end are left out.
    #[must_use]
    pub fn of_rows(rows: usize, wanted: impl IntoIterator<Item = usize>) -> Self {
        let mut mask = Self::full(rows, false);
        for row in wanted.into_iter().filter(|row| *row < rows) {
            if let Some(word) = mask.words.get_mut(row / WORD_BITS) {
                *word |= 1 << (row % WORD_BITS);
            }
        }
        mask
    }

    /// Number of rows that it is about.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of rows that are in it.
    #[must_use]
    pub fn count(&self) -> usize {
        let ones =
            |words: &[u64]| -> usize { words.iter().map(|word| word.count_ones() as usize).sum() };
        self.words.par_chunks(BLOCK_WORDS).map(ones).sum()
    }

    /// Whether a row is in it.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        let word = self.words.get(row / WORD_BITS);
        word.is_some_and(|word| word >> (row % WORD_BITS) & 1 == 1)
    }

    /// The rows that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.with(other, |one, other| one & other)
    }

    /// The rows that are in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.with(other, |one, other| one | other).trimmed()
    }

    /// The rows that are not in it.
    #[must_use]
    pub fn not(&self) -> Self {
        let words = self.words.iter().map(|word| !word).collect();
        let rows = self.rows;
        Self { words, rows }.trimmed()
    }

    /// Its rows in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter_in(0..self.rows)
    }

    /// Its rows in a range, in order.
    pub(crate) fn iter_in(&self, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let end = self.rows.min(range.end);
        let first = range.start.min(end) / WORD_BITS;
        let words = self.words.get(first..end.div_ceil(WORD_BITS));
        let words = words.unwrap_or_default().iter().zip(first..);
        let rows =
            words.flat_map(|(word, place)| Bits(*word).map(move |bit| place * WORD_BITS + bit));
        let before = move |row: &usize| *row < range.start;
        rows.skip_while(before).take_while(move |row| *row < end)
    }

    /// Its bits, row 0 in the lowest of the first word.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Folds its rows, blocks of them side by side, and brings the results together in their
    /// order, so that sums come out the same each time.
    pub(crate) fn fold<A: Send>(
        &self,
        start: impl Fn() -> A + Sync,
        fold: impl Fn(&mut A, usize) + Sync,
        merge: impl Fn(A, A) -> A,
    ) -> A {
        let blocks = self.words.par_chunks(BLOCK_WORDS).enumerate();
        let folded = blocks.map(|(block, words)| {
            let mut folded = start();
            for_each_row(block * BLOCK_ROWS, words, |row| fold(&mut folded, row));
            folded
        });
        let folded: Vec<A> = folded.collect();
        folded.into_iter().reduce(merge).unwrap_or_else(start)
    }

    fn with(&self, other: &Self, merge: impl Fn(u64, u64) -> u64) -> Self {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        let both = self.words.iter().zip(others);
        let words = both.map(|(one, other)| merge(*one, other)).collect();
        let rows = self.rows;
        Self { words, rows }
    }

    /// No bit past the last row.
    fn trimmed(mut self) -> Self {
        let used = self.rows % WORD_BITS;
        if let Some(last) = self.words.last_mut().filter(|_| used > 0) {
            *last &= (1 << used) - 1;
        }
        self
    }
}

/// Calls for each row of some words in order; those of which all are there in a loop without
/// branches.
fn for_each_row(first: usize, words: &[u64], mut call: impl FnMut(usize)) {
    for (place, word) in words.iter().enumerate() {
        let start = first + place * WORD_BITS;
        match *word {
            u64::MAX => (start..start + WORD_BITS).for_each(&mut call),
            word => Bits(word).for_each(|bit| call(start + bit)),
        }
    }
}

/// The places of the bits that are set.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = (self.0 != 0).then(|| self.0.trailing_zeros() as usize)?;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_in_a_range_are_those_of_all_that_are_in_it(
            wanted in prop::collection::vec(0_usize..400, 0..60),
            rows in 0_usize..300,
            start in 0_usize..400,
            len in 0_usize..400,
        ) {
            let mask = Mask::of_rows(rows, wanted);
            let expected: Vec<usize> = (0..rows).filter(|row| mask.contains(*row)).collect();
            prop_assert_eq!(mask.iter().collect::<Vec<_>>(), expected.clone());
            let range = start..start + len;
            let expected = expected.into_iter().filter(|row| range.contains(row));
            prop_assert_eq!(mask.iter_in(range.clone()).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}

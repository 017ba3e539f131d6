//! Rows by one key, where a key and its row fit into one number: half the bytes to sort, and
//! nothing else to compare.

use super::keys::{GREATEST, Keys, MISSING};
use rayon::prelude::*;

/// How a key and a row become one number.
#[derive(Debug)]
struct Packing {
    least: u64,
    /// Bits at the end of all keys that tell nothing.
    shift: u32,
    /// The number after that of the greatest key of a value.
    end: u64,
    row_bits: u32,
}

/// The rows by their keys, then by the row; nothing if they do not fit.
pub(super) fn sorted(keys: &Keys) -> Option<Vec<u32>> {
    let keys = keys.as_slice();
    let packing = Packing::of(keys)?;
    let words = keys.par_iter().zip(0..u32::try_from(keys.len()).ok()?);
    let mut words: Vec<u64> = words.map(|(key, row)| packing.word(*key, row)).collect();
    words.par_sort_unstable();
    let rows = words.into_par_iter().map(|word| packing.row(word));
    Some(rows.collect())
}

impl Packing {
    fn of(keys: &[u64]) -> Option<Self> {
        let values = || keys.par_iter().copied().filter(|key| *key <= GREATEST);
        let least = values().min().unwrap_or(0);
        let apart = values().map(|key| key - least);
        let told = apart.reduce(|| 0, |one, other| one | other);
        let shift = told.trailing_zeros().min(u64::BITS - 1);
        let end = (values().max().unwrap_or(0).saturating_sub(least) >> shift) + 1;
        let row_bits = bits(keys.len() as u64);
        let fits = bits(end.checked_add(MISSING - GREATEST)?) + row_bits <= u64::BITS;
        fits.then_some(Self {
            least,
            shift,
            end,
            row_bits,
        })
    }

    fn word(&self, key: u64, row: u32) -> u64 {
        let key = match key.checked_sub(GREATEST + 1) {
            None => (key - self.least) >> self.shift,
            Some(apart) => self.end + apart,
        };
        key << self.row_bits | u64::from(row)
    }

    #[allow(clippy::cast_possible_truncation)] // a view has no more rows
    fn row(&self, word: u64) -> u32 {
        (word & ((1 << self.row_bits) - 1)) as u32
    }
}

/// How many bits a number takes.
fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(keys: &[u64]) -> Option<Vec<u32>> {
        sorted(&Keys::from(keys.to_vec()))
    }

    #[test]
    fn keys_that_fit_with_their_rows_are_sorted_and_others_are_left() {
        let far = 1 << 40;
        assert_eq!(rows(&[]), Some(vec![]));
        assert_eq!(rows(&[7, 7, 7]), Some(vec![0, 1, 2]));
        let keys = [MISSING, far + 512, MISSING - 1, far, far + 512, MISSING];
        assert_eq!(rows(&keys), Some(vec![3, 1, 4, 2, 0, 5]));
        assert_eq!(rows(&[MISSING, MISSING - 1]), Some(vec![1, 0]));
        assert_eq!(rows(&[0, GREATEST]), None);
        assert_eq!(rows(&[1 << 63, 0]), Some(vec![1, 0]));
        assert_eq!(rows(&[1 << 63, 1]), None);
    }
}

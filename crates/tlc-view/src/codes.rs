//! Which bin each row is in, found once and counted under many masks.

use crate::Mask;
use rayon::prelude::*;

/// The bin of each row.
#[derive(Debug)]
pub(crate) struct Codes {
    codes: Vec<u16>,
    bins: usize,
    /// Rows in each bin.
    all: Vec<u64>,
}

impl Codes {
    /// Of rows whose bin a function tells; all are below `bins`.
    pub(crate) fn new(rows: usize, bins: usize, bin: impl Fn(usize) -> usize + Sync) -> Self {
        let last = bins.saturating_sub(1);
        let code = |row| u16::try_from(bin(row).min(last)).unwrap_or(u16::MAX);
        let codes = (0..rows).into_par_iter().with_min_len(1 << 14).map(code);
        let mut codes = Self {
            codes: codes.collect(),
            bins,
            all: Vec::new(),
        };
        codes.all = codes.count(&Mask::full(rows, true));
        codes
    }

    /// Rows in each bin.
    pub(crate) fn all(&self) -> &[u64] {
        &self.all
    }

    /// Rows of a mask in each bin.
    pub(crate) fn count(&self, mask: &Mask) -> Vec<u64> {
        if mask.count() == self.codes.len() && !self.all.is_empty() {
            return self.all.clone();
        }
        let none = || vec![0_u64; self.bins];
        let add = |counts: &mut Vec<u64>, row: usize| {
            let code = self.codes.get(row);
            let count = code.and_then(|code| counts.get_mut(usize::from(*code)));
            if let Some(count) = count {
                *count += 1;
            }
        };
        mask.fold(none, add, |one, other| {
            let both = one.iter().zip(&other);
            both.map(|(one, other)| one + other).collect()
        })
    }

    /// Bytes that they take.
    pub(crate) fn len_bytes(&self) -> usize {
        self.codes.len() * size_of::<u16>()
    }
}

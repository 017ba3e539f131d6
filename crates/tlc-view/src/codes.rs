//! Which bin each row is in, found once and counted under many masks.

use crate::Mask;
use rayon::prelude::*;

/// Counters of one bin, taken in turns: neighbours are in the same bin mostly, and each would
/// wait for the other. A view has no more rows than they hold.
const LANES: usize = 4;

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
        let none = || vec![0_u32; self.bins * LANES];
        let add = |counts: &mut Vec<u32>, row: usize| {
            let code = self.codes.get(row);
            let place = code.map(|code| usize::from(*code) * LANES + row % LANES);
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        };
        let counts = mask.fold(none, add, |one, other| {
            let both = one.iter().zip(&other);
            both.map(|(one, other)| one + other).collect()
        });
        let lanes = counts.chunks(LANES).map(|lanes| lanes.iter().copied());
        lanes.map(|lanes| lanes.map(u64::from).sum()).collect()
    }

    /// Bytes that they take.
    pub(crate) fn len_bytes(&self) -> usize {
        self.codes.len() * size_of::<u16>()
    }
}

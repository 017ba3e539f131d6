//! Random numbers by a seed.

/// Random numbers (splitmix64 of Steele, Lea and Flood).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`; 0 of none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// Puts values into a random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for end in (1..values.len()).rev() {
            values.swap(end, self.below(end + 1));
        }
    }
    /// `count` of so many rows, or all of them, in a random order.
    pub(crate) fn sample(&mut self, rows: usize, count: usize) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect();
        self.shuffle(&mut rows);
        rows.truncate(count);
        rows
    }
}

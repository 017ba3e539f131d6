//! Dealing rows at random to parts of given sizes, in one pass and without a list of them.

use super::number::number;
use twox_hash::XxHash3_128;

/// The part of each row, each division in parts of these sizes equally likely.
pub(super) fn deal(sizes: &[usize], rows: usize, seed: u64) -> Vec<u8> {
    let mut places = Places::new(sizes.to_vec());
    (0..rows)
        .map(|row| number(places.draw(row, seed)))
        .collect()
}

/// Places that are left in each part (selection sampling: Knuth, *The Art of Computer
/// Programming*, volume 2, 3.4.2, algorithm S, for several parts).
#[derive(Debug)]
pub(super) struct Places {
    left: Vec<usize>,
    all: usize,
}

impl Places {
    pub(super) fn new(left: Vec<usize>) -> Self {
        let all = left.iter().sum();
        Self { left, all }
    }

    /// The part that a row gets: one of those left, with the chance of its places.
    pub(super) fn draw(&mut self, row: usize, seed: u64) -> usize {
        let mut place = below(self.all, row, seed);
        for (part, left) in self.left.iter_mut().enumerate() {
            match place.checked_sub(*left) {
                Some(after) => place = after,
                None => {
                    *left -= 1;
                    self.all -= 1;
                    return part;
                }
            }
        }
        usize::MAX
    }
}

/// A number below `count` that hangs on the row and the seed.
fn below(count: usize, row: usize, seed: u64) -> usize {
    let hash = XxHash3_128::oneshot_with_seed(seed, &(row as u64).to_le_bytes());
    (((hash >> 64) * count as u128) >> 64) as usize
}

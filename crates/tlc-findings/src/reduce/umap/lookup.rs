//! Which row a vector was fitted as.

use crate::Embeddings;
use std::cmp::Ordering;

/// The rows in the order of their vectors' bits, equal ones ascending.
#[derive(Debug, PartialEq)]
pub(super) struct Lookup {
    order: Vec<usize>,
}

impl Lookup {
    pub(super) fn new(vectors: &Embeddings) -> Self {
        let mut order: Vec<usize> = (0..vectors.len()).collect();
        order.sort_unstable_by(|a, b| {
            let vectors = compare(vectors.row(*a), vectors.row(*b));
            vectors.then(a.cmp(b))
        });
        Self { order }
    }

    /// The first row whose vector is this one, of the vectors that the lookup was made for.
    pub(super) fn first(&self, vectors: &Embeddings, vector: &[f32]) -> Option<usize> {
        let order = |row: &usize| compare(vectors.row(*row), vector);
        let at = self.order.partition_point(|row| order(row).is_lt());
        self.order.get(at).copied().filter(|row| order(row).is_eq())
    }
}

fn compare(a: &[f32], b: &[f32]) -> Ordering {
    let bits = a.iter().map(|value| value.to_bits());
    bits.cmp(b.iter().map(|value| value.to_bits()))
}

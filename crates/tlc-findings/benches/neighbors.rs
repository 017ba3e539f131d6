//! Time of the exact 10 nearest neighbours and of 2 principal components, by the number of
//! embeddings of 128 dimensions.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::Instant;
use tlc_findings::Embeddings;
use tlc_findings::neighbors::{Metric, nearest};
use tlc_findings::reduce::Pca;

const DIM: usize = 128;

fn main() {
    for rows in [5_000, 20_000, 60_000] {
        let embeddings = embeddings(rows);
        let start = Instant::now();
        let neighbors = nearest(&embeddings, 10, Metric::Cosine).unwrap();
        assert_eq!(neighbors.len(), rows);
        println!(
            "{rows} x {DIM}, 10 nearest: {:.2} s",
            start.elapsed().as_secs_f64()
        );
        let start = Instant::now();
        let points = Pca::fit(&embeddings, 2)
            .unwrap()
            .transform(&embeddings)
            .unwrap();
        assert_eq!(points.len(), rows);
        println!(
            "{rows} x {DIM}, PCA to 2: {:.2} s",
            start.elapsed().as_secs_f64()
        );
    }
}

/// Points around ten centres (splitmix64).
fn embeddings(rows: usize) -> Embeddings {
    let uniform = |seed: usize| {
        let mut x = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let value = |at: usize| uniform(at % DIM + 1_000 * (at / DIM % 10)) + uniform(1_000_000 + at);
    Embeddings::new((0..rows * DIM).map(value).collect(), DIM).unwrap()
}

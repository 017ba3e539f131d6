//! Time of the 10 nearest neighbours of embeddings of 128 values, exact and approximate, and
//! of 2 principal components.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tlc_findings::Embeddings;
use tlc_findings::neighbors::{Metric, Search, nearest_by};
use tlc_findings::reduce::Pca;

const DIM: usize = 128;

fn benches(criterion: &mut Criterion) {
    let approximate = Search::Approximate {
        recall: 0.95,
        seed: 0,
    };
    let mut group = criterion.benchmark_group("neighbors");
    group.sample_size(10);
    for (rows, name, search) in [
        (5_000, "exact", Search::Exact),
        (20_000, "exact", Search::Exact),
        (20_000, "approximate", approximate),
        (60_000, "approximate", approximate),
    ] {
        let embeddings = embeddings(rows);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(format!("{name}, {rows} x {DIM}"), |bench| {
            bench.iter(|| nearest_by(search, &embeddings, 10, Metric::Cosine).unwrap());
        });
    }
    let embeddings = embeddings(20_000);
    group.bench_function(format!("PCA to 2, 20000 x {DIM}"), |bench| {
        bench.iter(|| Pca::fit(&embeddings, 2).unwrap().transform(&embeddings));
    });
    group.finish();
}

/// Points around a hundred centres (splitmix64).
fn embeddings(rows: usize) -> Embeddings {
    let uniform = |seed: usize| {
        let mut x = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let value = |at: usize| uniform(at % DIM + 1_000 * (at / DIM % 100)) + uniform(1_000_000 + at);
    Embeddings::new((0..rows * DIM).map(value).collect(), DIM).unwrap()
}

criterion_group!(groups, benches);
criterion_main!(groups);

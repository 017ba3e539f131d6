//! Time of a probe with one `C` on 5,000 embeddings of 256 values with 50 classes.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tlc_findings::Embeddings;
use tlc_findings::probe::{Probe, ProbeOptions};

const SAMPLES: usize = 5_000;
const DIM: usize = 256;
const CLASSES: usize = 50;

fn benches(criterion: &mut Criterion) {
    let (embeddings, labels) = samples();
    let options = ProbeOptions::new().grid([0.01]);
    let mut group = criterion.benchmark_group("probe");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(SAMPLES as u64));
    group.bench_function("5,000 x 256, 50 classes, 5 folds", |bench| {
        bench.iter(|| Probe::fit(&embeddings, &labels, CLASSES, &options).unwrap());
    });
    group.finish();
}

/// Points around a centre for each class (splitmix64).
fn samples() -> (Embeddings, Vec<i64>) {
    let uniform = |seed: usize| {
        let mut x = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let value = |at: usize| {
        let (row, column) = (at / DIM, at % DIM);
        0.2 * uniform(column + 1_000 * (row % CLASSES)) + uniform(1_000_000 + at)
    };
    let values = (0..SAMPLES * DIM).map(value).collect();
    let labels = (0..SAMPLES).map(|row| (row % CLASSES) as i64).collect();
    (Embeddings::new(values, DIM).unwrap(), labels)
}

criterion_group!(groups, benches);
criterion_main!(groups);

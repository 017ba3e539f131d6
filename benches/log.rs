//! 100,000 calls of `log`, made durable at the end.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tlc_benches::{folder, run};

const CALLS: u32 = 100_000;

fn benches(criterion: &mut Criterion) {
    let (_folder, root) = folder();
    let mut group = criterion.benchmark_group("log");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(CALLS.into()));
    group.bench_function("100,000 calls and a flush", |bench| {
        bench.iter_with_setup(
            || run(&root),
            |run| {
                for step in 0..CALLS {
                    let step = f64::from(step);
                    run.log([("step", step), ("loss", 1.0 / (1.0 + step)), ("rate", 1e-3)])
                        .unwrap();
                }
                run.flush().unwrap();
                run
            },
        );
    });
    group.finish();
}

criterion_group!(groups, benches);
criterion_main!(groups);

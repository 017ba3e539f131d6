//! A forward pass on two cores: two batches side by side, each on a pool of one thread,
//! over one batch after the other on the backend's own threads. What `collect_metrics`
//! could gain on the CPU by the former; it does the latter.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::thread;
use tlc_benches::nets::{Cnn, Small, forward};
use tlc_benches::samples::{Batch, GREY};
use tlc_benches::{print_ratio, setting};
use tlc_burn::prelude::*;

const ROWS: usize = 4096;

fn main() {
    let device = tlc_burn::device("cpu").unwrap();
    compare("cnn", &Cnn::new(&device), &device);
    compare("small", &Small::new(&device), &device);
}

fn compare<M>(name: &str, model: &M, device: &Device)
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Sync,
{
    let rows = GREY.rows(ROWS);
    let pools = [(); 2].map(|()| ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    for size in [32, 256, 1024] {
        let batches = rows.chunks(size);
        let batches: Vec<Batch> = batches
            .map(|rows| GREY.batch(rows.to_vec(), device))
            .collect();
        print_ratio(
            &format!("{name}, batch {size}: side by side over one after the other"),
            setting("TLC_BENCH_ROUNDS", 7),
            || side_by_side(model, &batches, &pools),
            || forward(model, &batches),
        );
    }
}

fn side_by_side<M>(model: &M, batches: &[Batch], pools: &[ThreadPool; 2])
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Sync,
{
    let halves = batches.chunks(batches.len().div_ceil(2));
    thread::scope(|scope| {
        for (pool, half) in pools.iter().zip(halves) {
            scope.spawn(|| pool.install(|| forward(model, half)));
        }
    });
}

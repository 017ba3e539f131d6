//! Two cores for inference: `collect_metrics` with two batches side by side, each on a
//! pool of one thread, over one batch after the other on a pool of two. Then the same of
//! bare forward passes, where neither batch waits for the other, and the one after the
//! other are called from outside of the pool, as training does.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::module::Module;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::thread;
use tlc_benches::collection::Collection;
use tlc_benches::nets::{Cnn, Small, forward};
use tlc_benches::samples::{Batch, GREY};
use tlc_benches::{print_ratio, setting};
use tlc_burn::prelude::*;

const ROWS: usize = 4096;

fn main() {
    let device = tlc_burn::device("cpu").unwrap();
    compare("cnn", &Cnn::new(&device));
    compare("small", &Small::new(&device));
}

fn compare<M>(name: &str, model: &M)
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    let rounds = setting("TLC_BENCH_ROUNDS", 7);
    let pools = [(); 2].map(|()| ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    for batch in [32, 256, 1024] {
        let collection = Collection::new(model, GREY, batch, &GREY.rows(ROWS));
        let what = format!("{name}, batch {batch}: side by side over one after the other");
        print_ratio(
            &format!("{what}, collected"),
            rounds,
            || collection.collect_in_flight(2),
            || collection.collect_in_flight(1),
        );
        print_ratio(
            &format!("{what}, bare"),
            rounds,
            || side_by_side(&collection, &pools),
            || collection.forward(),
        );
    }
}

fn side_by_side<M>(collection: &Collection<M>, pools: &[ThreadPool; 2])
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    let (model, batches) = (collection.model(), &collection.batches);
    let halves = batches.chunks(batches.len().div_ceil(2));
    thread::scope(|scope| {
        for (pool, half) in pools.iter().zip(halves) {
            scope.spawn(|| pool.install(|| forward(model, half)));
        }
    });
}

//! The memory of a process that collects a hundred times into one run, as training
//! does after each epoch: the most so far, and what is resident.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::Instant;
use tlc_benches::nets::Small;
use tlc_benches::samples::{CLASSES, GREY, Row, table};
use tlc_benches::{folder, memory_bytes, peak_memory_bytes, run, setting};
use tlc_burn::prelude::*;

const ROWS: usize = 1024;

fn main() {
    let epochs = setting("TLC_BENCH_EPOCHS", 100);
    let (_folder, root) = folder();
    let (table, run) = (table(&root, &GREY.rows(ROWS)), run(&root));
    let samples = table.samples::<Row>();
    let device = tlc_burn::device("cpu").unwrap();
    let predictor = Predictor::new(&Small::new(&device), GREY).batch_size(256);
    let mib = |bytes: Option<u64>| bytes.map_or(f64::NAN, |b| b as f64 / f64::from(1 << 20));
    let started = Instant::now();
    for epoch in 1..=epochs {
        let collectors = (
            Classification::new(CLASSES).per_class(true),
            Embeddings::of(["hidden"]),
        );
        let options = CollectOptions::new()
            .run(&run)
            .progress(false)
            .constant("epoch", epoch as i64);
        collect_metrics(&samples, collectors, &predictor, options).unwrap();
        if epoch == 1 || epoch == 10 || epoch % 50 == 0 {
            println!(
                "after epoch {epoch}: {:.1} MiB resident, {:.1} MiB at most, {:.1?} so far",
                mib(memory_bytes()),
                mib(peak_memory_bytes()),
                started.elapsed(),
            );
        }
    }
}

//! What collection costs over a bare forward pass: the same model, the same batches,
//! the same device, logits read back. The table holds raw pixels, so that no image is
//! decoded in either.
//!
//! `TLC_DEVICE=wgpu` with the feature `wgpu` measures there.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use burn::data::dataloader::batcher::Batcher;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tlc_benches::samples::{Batch, CLASSES, Row, Small, Stack, rows, table};
use tlc_benches::{folder, print_ratio, run};
use tlc_burn::prelude::*;
use tlc_core::{Run, Table};

const ROWS: usize = 4096;
const BATCH: usize = 256;

/// 421,642 parameters.
#[derive(Module, Debug)]
struct Cnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    head: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        device.seed(1);
        let conv = |channels| {
            let padding = burn::nn::PaddingConfig2d::Explicit(1, 1, 1, 1);
            Conv2dConfig::new(channels, [3, 3])
                .with_padding(padding)
                .init(device)
        };
        Self {
            first: conv([1, 32]),
            second: conv([32, 64]),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            hidden: LinearConfig::new(64 * 7 * 7, 128).init(device),
            head: LinearConfig::new(128, CLASSES.len()).init(device),
        }
    }
}

impl Predict for Cnn {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
        let maps = self.pool.forward(relu(self.first.forward(batch.images)));
        let maps = self.pool.forward(relu(self.second.forward(maps)));
        let hidden = relu(self.hidden.forward(maps.flatten::<2>(1, 3))); // [batch, 128]
        tap.tap("hidden", &hidden);
        ClassificationInput::new(self.head.forward(hidden), batch.targets)
    }
}

fn collect<M>(table: &Table, run: &Run, predictor: &Predictor<M, Stack>)
where
    M: Predict<Batch = Batch, Output = ClassificationInput>,
{
    let samples = table.samples::<Row>().map(Ok::<Row, String>);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let options = CollectOptions::new().run(run).progress(false);
    black_box(collect_metrics(&samples, collectors, predictor, options).unwrap());
}

fn forward<M>(model: &M, batches: &[Batch])
where
    M: Predict<Batch = Batch, Output = ClassificationInput>,
{
    for batch in batches {
        let logits = model.predict(batch.clone(), &mut ()).logits;
        black_box(logits.try_into_vec_as::<f32>().unwrap());
    }
}

fn compare<M>(criterion: &mut Criterion, name: &str, model: &M, device: &Device)
where
    M: Predict<Batch = Batch, Output = ClassificationInput>,
{
    let (_folder, root) = folder();
    let rows = rows(ROWS);
    let (table, run) = (table(&root, &rows), run(&root));
    let batches: Vec<Batch> = rows
        .chunks(BATCH)
        .map(|rows| Stack.batch(rows.to_vec(), device))
        .collect();
    let predictor = Predictor::new(model, Stack)
        .device(device)
        .batch_size(BATCH);
    print_ratio(
        &format!("collect_metrics over a bare forward pass, {name}"),
        15,
        || collect(&table, &run, &predictor),
        || forward(predictor.model(), &batches),
    );
    let mut group = criterion.benchmark_group(format!("collect/{name}"));
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("collect_metrics", |bench| {
        bench.iter(|| collect(&table, &run, &predictor));
    });
    group.bench_function("forward", |bench| {
        bench.iter(|| forward(predictor.model(), &batches))
    });
    group.finish();
}

fn benches(criterion: &mut Criterion) {
    let name = std::env::var("TLC_DEVICE").unwrap_or_else(|_| "cpu".to_owned());
    let device = tlc_burn::device(&name).unwrap();
    compare(criterion, "cnn", &Cnn::new(&device), &device);
    compare(criterion, "small", &Small::new(&device), &device);
}

criterion_group!(groups, benches);
criterion_main!(groups);

//! What `benches/gpu.sh` runs on a device: bare forward passes, collection with one,
//! two and three batches in flight, and reading back by one transaction against tensor
//! by tensor, for the small CNN and for ResNet-18 at 224x224.
//!
//! Each line of the output is a piece of work that went on for some seconds: net, work,
//! images a second, and when it began and ended, in seconds of the Unix time. Bytes are
//! always read, since a backend may hand out a promise of them.
//!
//! `TLC_DEVICE`, `TLC_BENCH_SECONDS`, `TLC_BENCH_ROUNDS`, `TLC_BENCH_CNN_ROWS` and
//! `TLC_BENCH_RESNET_ROWS` are the settings.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use burn::tensor::Transaction;
use burn::tensor::activation::log_softmax;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tlc_benches::collection::Collection;
use tlc_benches::nets::{Cnn, forward};
use tlc_benches::resnet::ResNet18;
use tlc_benches::samples::{Batch, COLOR, GREY, Images, Row};
use tlc_benches::setting;
use tlc_burn::{Activations, prelude::*};

fn main() {
    let name = std::env::var("TLC_DEVICE").unwrap_or_else(|_| "wgpu".to_owned());
    let device = tlc_burn::device(&name).unwrap();
    let rows = GREY.rows(setting("TLC_BENCH_CNN_ROWS", 16_384));
    Bench::new(&Cnn::new(&device), GREY, 256, &rows, &device).print("cnn");
    let rows = COLOR.rows(setting("TLC_BENCH_RESNET_ROWS", 1_024));
    Bench::new(&ResNet18::new(&device), COLOR, 64, &rows, &device).print("resnet18");
}

struct Bench<M> {
    collection: Collection<M>,
    images: Images,
    rows: Vec<Vec<Row>>,
    device: Device,
}

impl<M> Bench<M>
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    fn new(model: &M, images: Images, batch: usize, rows: &[Row], device: &Device) -> Self {
        Self {
            collection: Collection::new(model, images, batch, rows),
            images,
            rows: rows.chunks(batch).map(<[Row]>::to_vec).collect(),
            device: device.clone(),
        }
    }

    /// All kinds of work in turns.
    fn print(&self, net: &str) {
        type Work<'a> = (&'static str, Box<dyn Fn() + 'a>);
        let collection = &self.collection;
        let works: [Work<'_>; 7] = [
            ("forward", Box::new(|| collection.forward())),
            ("upload and forward", Box::new(|| self.upload_and_forward())),
            (
                "collect, 1 in flight",
                Box::new(|| collection.collect_in_flight(1)),
            ),
            (
                "collect, 2 in flight",
                Box::new(|| collection.collect_in_flight(2)),
            ),
            (
                "collect, 3 in flight",
                Box::new(|| collection.collect_in_flight(3)),
            ),
            ("read by one transaction", Box::new(|| self.read(together))),
            ("read tensor by tensor", Box::new(|| self.read(one_by_one))),
        ];
        // Kernels are tuned and compiled here.
        works.iter().for_each(|(_, work)| work());
        for _ in 0..setting("TLC_BENCH_ROUNDS", 5) {
            for (what, work) in &works {
                self.print_one(net, what, work);
            }
        }
    }

    fn print_one(&self, net: &str, what: &str, work: impl Fn()) {
        let least = Duration::from_secs(setting("TLC_BENCH_SECONDS", 4) as u64);
        let unix = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (began, started, mut passes) = (unix().as_secs_f64(), Instant::now(), 0);
        while passes == 0 || started.elapsed() < least {
            work();
            passes += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        let rate = (passes * self.collection.table.len()) as f64 / seconds;
        println!(
            "{net}\t{what}\t{rate:.1}\t{began:.3}\t{:.3}",
            began + seconds
        );
    }

    fn upload_and_forward(&self) {
        for rows in &self.rows {
            let batch = self.images.batch(rows.clone(), &self.device);
            forward(self.collection.model(), &[batch]);
        }
    }

    /// What classification and embeddings read back, batch after batch.
    fn read(&self, how: fn(Tensor<1>, Tensor<1, Int>, Tensor<1>, Tensor<2>) -> Vec<TensorData>) {
        for batch in &self.collection.batches {
            let (rows, targets) = (batch.targets.dims()[0], batch.targets.clone());
            let mut activations = Activations::of(["hidden"]);
            let model = self.collection.model();
            let output = model.predict(batch.clone(), &mut activations);
            let hidden = activations.get("hidden").unwrap().flat();
            let log = log_softmax(output.logits, 1);
            let loss = log.clone().gather(1, targets.reshape([rows, 1])).neg();
            let (best, predicted) = log.max_dim_with_indices(1);
            let loss = loss.squeeze_dim::<1>(1);
            let (best, predicted) = (best.squeeze_dim::<1>(1), predicted.squeeze_dim::<1>(1));
            for data in how(loss, predicted, best.exp(), hidden) {
                // A sum of the bytes: some backends copy only when they are looked at.
                black_box(
                    data.as_bytes()
                        .iter()
                        .map(|byte| u64::from(*byte))
                        .sum::<u64>(),
                );
            }
        }
    }
}

fn together(
    loss: Tensor<1>,
    predicted: Tensor<1, Int>,
    confidence: Tensor<1>,
    hidden: Tensor<2>,
) -> Vec<TensorData> {
    let transaction = Transaction::default().register(loss).register(predicted);
    let transaction = transaction.register(confidence).register(hidden);
    transaction.try_execute().unwrap()
}

fn one_by_one(
    loss: Tensor<1>,
    predicted: Tensor<1, Int>,
    confidence: Tensor<1>,
    hidden: Tensor<2>,
) -> Vec<TensorData> {
    vec![
        loss.into_data(),
        predicted.into_data(),
        confidence.into_data(),
        hidden.into_data(),
    ]
}

//! What collecting every epoch adds to the wall time of training, with training
//! waiting for it and beside it, on the CPU.

#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)] // criterion's macros

use burn::data::dataloader::batcher::Batcher;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use burn::tensor::activation::relu;
use criterion::{Criterion, criterion_group, criterion_main};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tlc_benches::{folder, print_ratio, run};
use tlc_burn::prelude::*;
use tlc_burn::{BackgroundCollector, Error};
use tlc_core::{Column, Run, Table, TableOptions, ValueType};

const ROWS: usize = 2048;
const BATCH: usize = 128;
const SIDE: usize = 28;
const EPOCHS: usize = 3;
const CLASSES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    pixels: Vec<u8>,
    label: i32,
}

#[derive(Clone, Debug)]
struct Batch {
    images: Tensor<4>,
    targets: Tensor<1, Int>,
}

#[derive(Clone, Copy)]
struct Stack;

impl Batcher<Row, Batch> for Stack {
    fn batch(&self, rows: Vec<Row>, device: &Device) -> Batch {
        let pixels: Vec<f32> = rows
            .iter()
            .flat_map(|row| &row.pixels)
            .map(|pixel| f32::from(*pixel) / 255.0)
            .collect();
        let labels: Vec<i32> = rows.iter().map(|row| row.label).collect();
        let shape = [rows.len(), 1, SIDE, SIDE];
        Batch {
            images: Tensor::from_data(TensorData::new(pixels, shape), device),
            targets: Tensor::from_data(TensorData::new(labels, [rows.len()]), device),
        }
    }
}

/// Strided convolutions of 16 and 32 channels.
#[derive(Module, Debug)]
struct Cnn {
    first: Conv2d,
    second: Conv2d,
    hidden: Linear,
    head: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        device.seed(1);
        let conv = |channels| {
            let padding = burn::nn::PaddingConfig2d::Explicit(1, 1, 1, 1);
            let config = Conv2dConfig::new(channels, [3, 3]).with_stride([2, 2]);
            config.with_padding(padding).init(device)
        };
        Self {
            first: conv([1, 16]),
            second: conv([16, 32]),
            hidden: LinearConfig::new(32 * 7 * 7, 128).init(device),
            head: LinearConfig::new(128, CLASSES.len()).init(device),
        }
    }
}

impl Predict for Cnn {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
        let maps = relu(self.first.forward(batch.images));
        let maps = relu(self.second.forward(maps));
        let hidden = relu(self.hidden.forward(maps.flatten::<2>(1, 3))); // [batch, 128]
        tap.tap("hidden", &hidden);
        ClassificationInput::new(self.head.forward(hidden), batch.targets)
    }
}

fn rows() -> Vec<Row> {
    let pixel = |row: usize, at: usize| (row * 31 + at * 17 + at * at / 7) as u8;
    let row = |row: usize| Row {
        pixels: (0..SIDE * SIDE).map(|at| pixel(row, at)).collect(),
        label: (row % CLASSES.len()) as i32,
    };
    (0..ROWS).map(row).collect()
}

/// The samples, their batches on the device, and where metrics go.
struct Bench {
    samples: Samples<Row, Row>,
    batches: Vec<Batch>,
    device: Device,
    run: Run,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let (folder, root) = folder();
        let options = TableOptions::new("benches", "pixels", "raw")
            .root(&root)
            .column(Column::new("pixels", ValueType::Bytes))
            .column(Column::new("label", ValueType::labels(CLASSES)));
        let table = Table::create(options, |writer| writer.add_rows(&rows())).unwrap();
        let device = tlc_burn::device("cpu").unwrap().autodiff();
        let batches = rows();
        let batches = batches.chunks(BATCH);
        Self {
            samples: table.samples::<Row>().map(Ok::<Row, String>),
            batches: batches
                .map(|rows| Stack.batch(rows.to_vec(), &device))
                .collect(),
            device,
            run: run(&root),
            _folder: folder,
        }
    }

    /// Trains, and shows the model after each epoch.
    fn train(&self, mut after: impl FnMut(usize, &Cnn)) {
        let (mut model, mut optimizer) = (Cnn::new(&self.device), AdamConfig::new().init());
        let loss = CrossEntropyLossConfig::new().init(&self.device);
        for epoch in 1..=EPOCHS {
            for batch in &self.batches {
                let output = model.predict(batch.clone(), &mut ());
                let loss = loss.forward(output.logits, batch.targets.clone());
                let gradients = GradientsParams::from_grads(loss.backward(), &model);
                model = optimizer.step(1e-3, model, gradients);
            }
            after(epoch, &model);
        }
    }

    fn collection(&self) -> impl FnMut(usize, &Cnn) -> Result<(), Error> + Send + 'static {
        let (samples, run) = (self.samples.clone(), self.run.clone());
        move |epoch, model| {
            let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
            let predictor = Predictor::new(model, Stack).batch_size(BATCH);
            let options = CollectOptions::new().run(&run).progress(false);
            let options = options.constant("epoch", epoch as i64);
            collect_metrics(&samples, collectors, &predictor, options).map(drop)
        }
    }

    fn bare(&self) {
        self.train(|_, _| {});
    }

    fn foreground(&self) {
        let mut collect = self.collection();
        self.train(|epoch, model| collect(epoch, model).unwrap());
    }

    fn background(&self) {
        let mut background = BackgroundCollector::new(self.collection()).unwrap();
        self.train(|epoch, model| background.submit(epoch, model).unwrap());
        background.finish().unwrap();
    }
}

fn benches(_: &mut Criterion) {
    let bench = Bench::new();
    let what = "training that collects every epoch over training that does not";
    let foreground = format!("{what}, foreground");
    print_ratio(&foreground, 7, || bench.foreground(), || bench.bare());
    let background = format!("{what}, background");
    print_ratio(&background, 7, || bench.background(), || bench.bare());
}

criterion_group!(groups, benches);
criterion_main!(groups);

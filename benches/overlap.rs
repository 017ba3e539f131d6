//! What collecting every epoch adds to the wall time of training, with training
//! waiting for it and beside it, on the CPU.

#![allow(clippy::panic, clippy::unwrap_used)]

use burn::data::dataloader::batcher::Batcher;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use tempfile::TempDir;
use tlc_benches::nets::Small;
use tlc_benches::samples::{Batch, CLASSES, GREY, Row, table};
use tlc_benches::{folder, print_ratio, run};
use tlc_burn::prelude::*;
use tlc_burn::{BackgroundCollector, Error};
use tlc_core::Run;

const ROWS: usize = 2048;
const BATCH: usize = 128;
const EPOCHS: usize = 3;

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
        let rows = GREY.rows(ROWS);
        let table = table(&root, &rows);
        let device = tlc_burn::device("cpu").unwrap().autodiff();
        let batches = rows.chunks(BATCH);
        Self {
            samples: table.samples::<Row>(),
            batches: batches
                .map(|rows| GREY.batch(rows.to_vec(), &device))
                .collect(),
            device,
            run: run(&root),
            _folder: folder,
        }
    }

    /// Trains, and shows the model after each epoch.
    fn train(&self, mut after: impl FnMut(usize, &Small)) {
        let (mut model, mut optimizer) = (Small::new(&self.device), AdamConfig::new().init());
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

    fn collection(&self) -> impl FnMut(usize, &Small) -> Result<(), Error> + Send + 'static {
        let (samples, run) = (self.samples.clone(), self.run.clone());
        move |epoch, model| {
            let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
            let predictor = Predictor::new(model, GREY).batch_size(BATCH);
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

fn main() {
    let bench = Bench::new();
    let what = "training that collects every epoch over training that does not";
    let foreground = format!("{what}, foreground");
    print_ratio(&foreground, 7, || bench.foreground(), || bench.bare());
    let background = format!("{what}, background");
    print_ratio(&background, 7, || bench.background(), || bench.bare());
}

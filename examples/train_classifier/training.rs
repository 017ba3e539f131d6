//! The training loop.

use crate::args::Args;
use crate::data::Data;
use crate::model::Cnn;
use crate::samples::{Batch, Item, Stack};
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::DatasetError;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use std::f64::consts::PI;
use std::sync::Arc;
use tlc::prelude::*;

const LEARNING_RATE: f64 = 2e-3;

pub struct Trainer {
    pub model: Cnn,
    batches: Arc<dyn DataLoader<Batch>>,
    optimizer: ModuleOptimizer,
    loss: CrossEntropyLoss,
    step: usize,
    steps: usize,
    shows_progress: bool,
}

impl Trainer {
    pub fn new(data: &Data, args: &Args, device: &Device) -> Self {
        device.seed(args.seed);
        let device = device.clone().autodiff();
        let batches = DataLoaderBuilder::<Item, Batch>::new(Stack)
            .batch_size(args.batch_size())
            .shuffle(args.seed)
            .set_device(device.clone())
            .build(data.train.clone());
        Self {
            model: Cnn::new(data.classes.len(), &device),
            optimizer: AdamWConfig::new().with_weight_decay(1e-2).init(),
            loss: CrossEntropyLossConfig::new().init(&device),
            step: 0,
            steps: args.epochs() * data.train.len().div_ceil(args.batch_size()),
            shows_progress: !args.json,
            batches,
        }
    }

    /// Goes over the augmented samples once; the mean loss.
    pub fn epoch(&mut self, number: usize) -> Result<f64, DatasetError> {
        let progress = self.progress(number);
        let (mut sum, mut count) = (0.0, 0);
        for batch in self.batches.clone().iter() {
            let batch = batch?;
            let len = batch.targets.dims()[0];
            sum += self.train_on(batch) * len as f64;
            count += len;
            progress.inc(len as u64);
        }
        progress.finish_and_clear();
        Ok(sum / count.max(1) as f64)
    }

    fn train_on(&mut self, batch: Batch) -> f64 {
        let targets = batch.targets.clone();
        let logits = self.model.predict(batch, &mut ()).logits;
        let loss = self.loss.forward(logits, targets);
        let value = loss.clone().into_scalar::<f64>();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        let rate = LEARNING_RATE * 0.5 * (1.0 + (PI * self.step as f64 / self.steps as f64).cos());
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        self.step += 1;
        value
    }

    fn progress(&self, number: usize) -> ProgressBar {
        if !self.shows_progress {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("train   {bar:30} {pos}/{len} {per_sec} {msg}");
        let bar = ProgressBar::new(self.batches.num_items() as u64);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.with_message(format!("epoch {number}"))
    }
}

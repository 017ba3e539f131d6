//! The nets that the benchmarks run, over `Batch`: always the same weights.

#![allow(clippy::unwrap_used)] // benchmarks' own

use crate::samples::{Batch, CLASSES};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use std::hint::black_box;
use tlc_burn::prelude::*;

/// A bare forward pass over all batches, logits read back.
pub fn forward<M>(model: &M, batches: &[Batch])
where
    M: Predict<Batch = Batch, Output = ClassificationInput> + Module,
{
    for batch in batches {
        let logits = model.predict(batch.clone(), &mut ()).logits;
        black_box(logits.try_into_vec_as::<f32>().unwrap());
    }
}

/// Two convolutions of 32 and 64 channels, each pooled: 421,642 parameters.
#[derive(Module, Debug)]
pub struct Cnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    head: Linear,
}

impl Cnn {
    /// On a device.
    pub fn new(device: &Device) -> Self {
        device.seed(1);
        Self {
            first: conv([1, 32], 1).init(device),
            second: conv([32, 64], 1).init(device),
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

/// Strided convolutions of 16 and 32 channels: a pass that costs a tenth, in which
/// everything beside the model counts ten times.
#[derive(Module, Debug)]
pub struct Small {
    first: Conv2d,
    second: Conv2d,
    hidden: Linear,
    head: Linear,
}

impl Small {
    /// On a device.
    pub fn new(device: &Device) -> Self {
        device.seed(1);
        Self {
            first: conv([1, 16], 2).init(device),
            second: conv([16, 32], 2).init(device),
            hidden: LinearConfig::new(32 * 7 * 7, 128).init(device),
            head: LinearConfig::new(128, CLASSES.len()).init(device),
        }
    }
}

impl Predict for Small {
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

fn conv(channels: [usize; 2], stride: usize) -> Conv2dConfig {
    Conv2dConfig::new(channels, [3, 3])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
}

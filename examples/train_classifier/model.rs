//! The network: three strided convolutions and a hidden layer that is tapped.

use crate::samples::Batch;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use tlc::prelude::*;

#[derive(Module, Debug)]
pub struct Cnn {
    blocks: Vec<Block>,
    hidden: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Cnn {
    pub fn new(classes: usize, device: &Device) -> Self {
        let channels = [(1, 16), (16, 32), (32, 64)];
        Self {
            blocks: channels
                .map(|channels| Block::new(channels, device))
                .to_vec(),
            hidden: LinearConfig::new(64 * 4 * 4, 128).init(device),
            dropout: DropoutConfig::new(0.3).init(),
            head: LinearConfig::new(128, classes).init(device),
        }
    }
}

impl Predict for Cnn {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
        let maps = self
            .blocks
            .iter()
            .fold(batch.images, |maps, block| block.forward(maps));
        let hidden = relu(self.hidden.forward(maps.flatten::<2>(1, 3))); // [batch, 128]
        tap.tap("hidden", &hidden);
        let logits = self.head.forward(self.dropout.forward(hidden)); // [batch, classes]
        ClassificationInput::new(logits, batch.targets)
    }
}

#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Block {
    fn new((input, output): (usize, usize), device: &Device) -> Self {
        let conv = Conv2dConfig::new([input, output], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false);
        Self {
            conv: conv.init(device),
            norm: BatchNormConfig::new(output).init(device),
        }
    }

    /// `[batch, channels, side, side]` to maps of half the side.
    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        relu(self.norm.forward(self.conv.forward(maps)))
    }
}

//! ResNet-18 (He et al., 2015, table 1), with a head of as many classes as the samples
//! have.

use crate::samples::{Batch, CLASSES};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use tlc_burn::prelude::*;

/// For images `[batch, 3, 224, 224]`; taps `hidden`, the 512 pooled channels.
#[derive(Module, Debug)]
pub struct ResNet18 {
    stem: Normed,
    pool: MaxPool2d,
    blocks: Vec<Block>,
    mean: AdaptiveAvgPool2d,
    head: Linear,
}

impl ResNet18 {
    /// On a device, always with the same weights.
    pub fn new(device: &Device) -> Self {
        device.seed(1);
        let widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)];
        let stages = widths.into_iter().flat_map(|(inputs, outputs, stride)| {
            let first = Block::new([inputs, outputs], stride, device);
            [first, Block::new([outputs, outputs], 1, device)]
        });
        Self {
            stem: Normed::new([3, 64], 7, 2, device),
            pool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            blocks: stages.collect(),
            mean: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(512, CLASSES.len()).init(device),
        }
    }
}

impl Predict for ResNet18 {
    type Batch = Batch;
    type Output = ClassificationInput;

    fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
        let maps = self.pool.forward(relu(self.stem.forward(batch.images)));
        let blocks = self.blocks.iter();
        let maps = blocks.fold(maps, |maps, block| block.forward(maps));
        let hidden = self.mean.forward(maps).flatten::<2>(1, 3); // [batch, 512]
        tap.tap("hidden", &hidden);
        ClassificationInput::new(self.head.forward(hidden), batch.targets)
    }
}

#[derive(Module, Debug)]
struct Block {
    first: Normed,
    second: Normed,
    shortcut: Option<Normed>,
}

impl Block {
    fn new(channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let [inputs, outputs] = channels;
        let narrows = stride > 1 || inputs != outputs;
        Self {
            first: Normed::new(channels, 3, stride, device),
            second: Normed::new([outputs, outputs], 3, 1, device),
            shortcut: narrows.then(|| Normed::new(channels, 1, stride, device)),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let shortcut = match &self.shortcut {
            Some(shortcut) => shortcut.forward(maps.clone()),
            None => maps.clone(),
        };
        let maps = relu(self.first.forward(maps));
        relu(self.second.forward(maps) + shortcut)
    }
}

/// A convolution without bias, and its batch normalisation.
#[derive(Module, Debug)]
struct Normed {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Normed {
    fn new(channels: [usize; 2], size: usize, stride: usize, device: &Device) -> Self {
        let padding = size / 2;
        Self {
            conv: Conv2dConfig::new(channels, [size, size])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(
                    padding, padding, padding, padding,
                ))
                .with_bias(false)
                .init(device),
            norm: BatchNormConfig::new(channels[1]).init(device),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(maps))
    }
}

//! EfficientNet-Lite0 without its classifier: EfficientNet-B0 with ReLU6, and without
//! squeeze-and-excitation (Tan and Le, *EfficientNet: Rethinking Model Scaling for
//! Convolutional Neural Networks*, 2019).
//!
//! The weights come from TensorFlow, and with them the epsilon of batch norms and the padding,
//! which depends on the size of the maps and puts an odd pixel at the end.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu6;
use tlc::prelude::*;

const STEM: usize = 32;
const HEAD: usize = 1280;
const EPSILON: f64 = 1e-3;

/// Blocks that are alike but for the first, which has the stride and the channels from before.
struct Stage {
    blocks: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    channels: usize,
}

#[rustfmt::skip]
const STAGES: [Stage; 7] = [
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 1, channels: 16 },
    Stage { blocks: 2, kernel: 3, stride: 2, expansion: 6, channels: 24 },
    Stage { blocks: 2, kernel: 5, stride: 2, expansion: 6, channels: 40 },
    Stage { blocks: 3, kernel: 3, stride: 2, expansion: 6, channels: 80 },
    Stage { blocks: 3, kernel: 5, stride: 1, expansion: 6, channels: 112 },
    Stage { blocks: 4, kernel: 5, stride: 2, expansion: 6, channels: 192 },
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 6, channels: 320 },
];

#[derive(Module, Debug)]
pub struct EfficientNetLite0 {
    stem: ConvNorm,
    blocks: Vec<Block>,
    head: ConvNorm,
}

impl EfficientNetLite0 {
    pub fn new(device: &Device) -> Self {
        let mut blocks = Vec::new();
        let mut input = STEM;
        for stage in STAGES {
            for number in 0..stage.blocks {
                let stride = if number == 0 { stage.stride } else { 1 };
                blocks.push(Block::new(input, &stage, stride, device));
                input = stage.channels;
            }
        }
        Self {
            stem: ConvNorm::new([3, STEM], 3, 2, 1, device),
            blocks,
            head: ConvNorm::new([input, HEAD], 1, 1, 1, device),
        }
    }

    /// Images `[batch, 3, side, side]` to maps `[batch, HEAD, side / 32, side / 32]`, rounded up.
    pub fn maps(&self, images: Tensor<4>) -> Tensor<4> {
        let stem = relu6(self.stem.forward(images));
        let blocks = self.blocks.iter();
        let maps = blocks.fold(stem, |maps, block| block.forward(maps));
        relu6(self.head.forward(maps))
    }
}

impl Predict for EfficientNetLite0 {
    type Batch = Tensor<4>;
    type Output = ();

    /// The collector of embeddings takes the mean over the positions of the maps, which are the
    /// features that the classifier was trained on.
    fn predict(&self, images: Tensor<4>, tap: &mut impl Tap) {
        tap.tap("features", &self.maps(images));
    }
}

/// An inverted bottleneck: more channels, a filter for each of them, fewer channels.
#[derive(Module, Debug)]
struct Block {
    expand: Option<ConvNorm>,
    depthwise: ConvNorm,
    project: ConvNorm,
    is_residual: bool,
}

impl Block {
    fn new(input: usize, stage: &Stage, stride: usize, device: &Device) -> Self {
        let wide = input * stage.expansion;
        let expands = stage.expansion > 1;
        Self {
            expand: expands.then(|| ConvNorm::new([input, wide], 1, 1, 1, device)),
            depthwise: ConvNorm::new([wide, wide], stage.kernel, stride, wide, device),
            project: ConvNorm::new([wide, stage.channels], 1, 1, 1, device),
            is_residual: stride == 1 && input == stage.channels,
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let wide = match &self.expand {
            Some(expand) => relu6(expand.forward(input.clone())),
            None => input.clone(),
        };
        let output = self.project.forward(relu6(self.depthwise.forward(wide)));
        match self.is_residual {
            true => output + input,
            false => output,
        }
    }
}

/// A convolution without bias, and its batch norm.
#[derive(Module, Debug)]
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new(
        [input, output]: [usize; 2],
        kernel: usize,
        stride: usize,
        groups: usize,
        device: &Device,
    ) -> Self {
        let conv = Conv2dConfig::new([input, output], [kernel, kernel])
            .with_stride([stride, stride])
            .with_groups(groups)
            .with_padding(PaddingConfig2d::Same)
            .with_bias(false);
        Self {
            conv: conv.init(device),
            norm: BatchNormConfig::new(output)
                .with_epsilon(EPSILON)
                .init(device),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(maps))
    }
}

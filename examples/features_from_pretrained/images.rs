//! Grey images of 28 x 28 as the network wants them.

use crate::fashion::SIDE;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

/// Mean and deviation of a pixel, as the network was trained with.
const NORM: (f32, f32) = (127.0, 128.0);

/// Stacks items into a batch `[batch, 3, size, size]`.
#[derive(Clone, Copy, Debug)]
pub struct Enlarge {
    /// Width and height.
    pub size: usize,
}

/// Grey values of 0 to 255.
pub type Pixels = Vec<u8>;

impl Batcher<Pixels, Tensor<4>> for Enlarge {
    fn batch(&self, items: Vec<Pixels>, device: &Device) -> Tensor<4> {
        let pixels = items.iter().flatten();
        let values: Vec<f32> = pixels
            .map(|pixel| (f32::from(*pixel) - NORM.0) / NORM.1)
            .collect();
        let grey = TensorData::new(values, [items.len(), 1, SIDE, SIDE]);
        let options = InterpolateOptions::new(InterpolateMode::Bilinear)
            .with_align_corners(false)
            .with_output_size([self.size, self.size]);
        interpolate(Tensor::from_data(grey, device), options).repeat_dim(1, 3)
    }
}

//! From a row of the table to a batch: decoding and stacking.

use crate::fashion::{Row, SIDE};
use crate::grey::decode_grey;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use tlc::Samples;

/// Mean and standard deviation of the pixels of Fashion-MNIST.
const NORM: (f32, f32) = (0.286, 0.353);

/// One image, as grey values of 0 to 255.
#[derive(Clone, Debug)]
pub struct Item {
    pub pixels: Vec<u8>,
    pub label: i32,
}

#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, 1, 28, 28]`, normalised.
    pub images: Tensor<4>,
    /// `[batch]`.
    pub targets: Tensor<1, Int>,
}

pub type ImageSamples = Samples<Row, Item>;

/// What collection sees.
pub fn decode(row: Row) -> Result<Item, String> {
    let pixels = decode_grey(&row.image)?;
    Ok(Item {
        pixels,
        label: row.label,
    })
}

/// A pixel as the model sees it.
pub fn normalised(pixel: &u8) -> f32 {
    (f32::from(*pixel) / 255.0 - NORM.0) / NORM.1
}

/// Stacks items into a batch.
#[derive(Clone, Copy, Debug)]
pub struct Stack;

impl Batcher<Item, Batch> for Stack {
    fn batch(&self, items: Vec<Item>, device: &Device) -> Batch {
        let pixels: Vec<f32> = items
            .iter()
            .flat_map(|item| &item.pixels)
            .map(normalised)
            .collect();
        let labels: Vec<i32> = items.iter().map(|item| item.label).collect();
        Batch {
            images: Tensor::from_data(
                TensorData::new(pixels, [items.len(), 1, SIDE, SIDE]),
                device,
            ),
            targets: Tensor::from_data(TensorData::new(labels, [items.len()]), device),
        }
    }
}

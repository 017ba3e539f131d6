//! From a row of the table to a batch: decoding, augmentation, stacking.

use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use image::{ExtendedColorType, ImageEncoder, ImageError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use tlc_burn::Samples;

/// Width and height of an image.
pub const SIDE: usize = 28;
/// How far an image is shifted at most, in pixels.
const SHIFT: i32 = 2;
/// Mean and standard deviation of the pixels of Fashion-MNIST.
const NORM: (f32, f32) = (0.286, 0.353);

/// A row of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// PNG.
    pub image: Vec<u8>,
    pub label: i32,
}

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

pub type TrainSamples = Samples<Row, Item>;

/// What collection sees.
pub fn decode(row: Row) -> Result<Item, ImageError> {
    let pixels = image::load_from_memory(&row.image)?.into_luma8().into_raw();
    Ok(Item {
        pixels,
        label: row.label,
    })
}

/// What training sees: shifted and mirrored at random.
pub fn augmented(seed: u64) -> impl Fn(Row) -> Result<Item, ImageError> + Send + Sync {
    let random = Mutex::new(StdRng::seed_from_u64(seed));
    move |row| {
        let item = decode(row)?;
        let mut random = random
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let shift = (
            random.random_range(-SHIFT..=SHIFT),
            random.random_range(-SHIFT..=SHIFT),
        );
        Ok(Item {
            pixels: moved(&item.pixels, shift, random.random()),
            ..item
        })
    }
}

/// A PNG of the pixels.
pub fn encode(pixels: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut png = Vec::new();
    let side = SIDE as u32;
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    encoder.write_image(pixels, side, side, ExtendedColorType::L8)?;
    Ok(png)
}

fn moved(pixels: &[u8], (down, right): (i32, i32), mirror: bool) -> Vec<u8> {
    let pixel = |row: i32, column: i32| {
        let column = if mirror {
            SIDE as i32 - 1 - column
        } else {
            column
        };
        let inside = (0..SIDE as i32).contains(&row) && (0..SIDE as i32).contains(&column);
        if inside {
            pixels[row as usize * SIDE + column as usize]
        } else {
            0
        }
    };
    let side = SIDE as i32;
    (0..side * side)
        .map(|at| pixel(at / side - down, at % side - right))
        .collect()
}

/// Stacks items into a batch.
#[derive(Clone, Copy, Debug)]
pub struct Stack;

impl Batcher<Item, Batch> for Stack {
    fn batch(&self, items: Vec<Item>, device: &Device) -> Batch {
        let normalised = |pixel: &u8| (f32::from(*pixel) / 255.0 - NORM.0) / NORM.1;
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

//! Pixels as PNG files.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, BinaryArray};

/// What a pixel is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pixels {
    /// A byte each.
    Grey,
    /// All red ones, then all green ones, then all blue ones.
    Planes,
}

/// A column of images of one size, of the pixels of each, row by row.
pub(super) fn images<'a>(
    (width, height): (u32, u32),
    kind: Pixels,
    pixels: impl Iterator<Item = &'a [u8]>,
) -> Result<ArrayRef, EncodingError> {
    let images = pixels.map(|pixels| encode(width, height, kind, pixels));
    let images = images.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(BinaryArray::from_iter_values(images)))
}

fn encode(width: u32, height: u32, kind: Pixels, pixels: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.set_color(match kind {
        Pixels::Grey => ColorType::Grayscale,
        Pixels::Planes => ColorType::Rgb,
    });
    let mut writer = encoder.write_header()?;
    match kind {
        Pixels::Grey => writer.write_image_data(pixels)?,
        Pixels::Planes => writer.write_image_data(&interleaved(pixels))?,
    }
    writer.finish()?;
    Ok(png)
}

fn interleaved(planes: &[u8]) -> Vec<u8> {
    let (red, rest) = planes.split_at(planes.len() / 3);
    let (green, blue) = rest.split_at(rest.len() / 2);
    let pixels = red.iter().zip(green).zip(blue);
    pixels
        .flat_map(|((red, green), blue)| [*red, *green, *blue])
        .collect()
}

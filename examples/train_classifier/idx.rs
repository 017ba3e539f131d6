//! IDX files, the format MNIST and Fashion-MNIST come in: a magic number, the
//! dimensions as big-endian 32-bit integers, and the bytes.

use crate::fashion::{Row, SIDE};
use flate2::read::GzDecoder;
use png::{BitDepth, ColorType, Encoder, EncodingError};
use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;

/// The images and labels of a split, `train` or `test`.
pub fn read(folder: &Path, split: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let prefix = if split == "train" { "train" } else { "t10k" };
    let images = file(folder, &format!("{prefix}-images-idx3-ubyte"))?;
    let labels = file(folder, &format!("{prefix}-labels-idx1-ubyte"))?;
    let (dims, pixels) = parse::<3>(&images).ok_or("the file of the images is no IDX file")?;
    let (rows, labels) = parse::<1>(&labels).ok_or("the file of the labels is no IDX file")?;
    if dims != [rows[0], SIDE, SIDE] {
        return Err(format!("{dims:?} images of {SIDE}x{SIDE} for {} labels", rows[0]).into());
    }
    let images = pixels.chunks_exact(SIDE * SIDE);
    let rows = images.zip(labels).map(|(pixels, label)| {
        let image = encode(pixels)?;
        Ok(Row {
            image,
            label: i32::from(*label),
        })
    });
    rows.collect()
}

/// The bytes of a file, unzipped where only the zipped one is there.
fn file(folder: &Path, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let (plain, zipped) = (folder.join(name), folder.join(format!("{name}.gz")));
    if plain.exists() {
        return Ok(fs::read(plain)?);
    }
    let bytes = fs::read(&zipped)
        .map_err(|error| format!("neither {} nor .gz of it: {error}", plain.display()))?;
    let mut unzipped = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut unzipped)?;
    Ok(unzipped)
}

/// The dimensions of an IDX file of unsigned bytes, and these.
fn parse<const D: usize>(bytes: &[u8]) -> Option<([usize; D], &[u8])> {
    let (header, values) = bytes.split_at_checked(4 + 4 * D)?;
    let (magic, sizes) = header.split_at(4);
    if magic != [0, 0, 8, D as u8] {
        return None;
    }
    let mut dims = [0; D];
    for (dim, size) in dims.iter_mut().zip(sizes.chunks_exact(4)) {
        *dim = u32::from_be_bytes(size.try_into().ok()?) as usize;
    }
    (dims.iter().product::<usize>() == values.len()).then_some((dims, values))
}

/// A PNG of the pixels.
fn encode(pixels: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let (mut png, side) = (Vec::new(), SIDE as u32);
    let mut encoder = Encoder::new(&mut png, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(png)
}

//! Segmentation masks, painted in the colours of their classes.

use super::class_color;
use crate::{Error, Result};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits};
use std::collections::HashMap;
use std::io::{Cursor, Write};
use tlc_core::{ClassMap, Color};

/// Pixels of a mask: 8,192 x 8,192.
const MOST_PIXELS: u64 = 1 << 26;
const MOST_BYTES: usize = 256 << 20;

type Rgba = [u8; 4];

/// A PNG of a mask's size to lay over its image: each pixel in the colour of its class,
/// transparent where the background or the void is.
///
/// # Errors
/// [`Error::Mask`] for bytes that are no mask as FORMAT.md says, or one of more than
/// 67,108,864 pixels.
pub fn paint_mask(mask: &[u8], classes: &ClassMap) -> Result<Vec<u8>> {
    painted(mask, classes).map_err(|reason| Error::Mask { reason })
}

fn painted(mask: &[u8], classes: &ClassMap) -> Result<Vec<u8>, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let mut decoder = Decoder::new(Cursor::new(mask));
    decoder.set_limits(Limits { bytes: MOST_BYTES });
    let mut reader = decoder.read_info().map_err(|error| told(&error))?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let depth = match (reader.info().color_type, reader.info().bit_depth) {
        (ColorType::Grayscale, BitDepth::Eight) => 1,
        (ColorType::Grayscale, BitDepth::Sixteen) => 2,
        (color, depth) => {
            return Err(format!(
                "{color:?} of {depth:?} bits, expected one grey channel of 8 or 16 bits"
            ));
        }
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().map_err(|error| told(&error))?;
    let mut stream = writer.stream_writer().map_err(|error| told(&error))?;
    let mut colors = Colors::new(classes);
    while let Some(row) = reader.next_row().map_err(|error| told(&error))? {
        let line: Vec<u8> = colors.line(row.data(), depth);
        stream.write_all(&line).map_err(|error| told(&error))?;
    }
    stream.finish().map_err(|error| told(&error))?;
    writer.finish().map_err(|error| told(&error))?;
    Ok(out)
}

/// The colours of the ids that were met.
struct Colors<'c> {
    classes: &'c ClassMap,
    known: HashMap<u16, Rgba>,
}

impl<'c> Colors<'c> {
    fn new(classes: &'c ClassMap) -> Self {
        let known = HashMap::new();
        Self { classes, known }
    }

    fn line(&mut self, pixels: &[u8], depth: usize) -> Vec<u8> {
        let ids = pixels.chunks_exact(depth).map(|pixel| match pixel {
            [id] => u16::from(*id),
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        });
        ids.flat_map(|id| self.of(id)).collect()
    }

    fn of(&mut self, id: u16) -> Rgba {
        let classes = self.classes;
        *self.known.entry(id).or_insert_with(|| {
            let id = i32::from(id);
            if classes.background() == Some(id) || classes.void() == Some(id) {
                return [0; 4];
            }
            let Color([red, green, blue]) = class_color(classes, id);
            [red, green, blue, u8::MAX]
        })
    }
}

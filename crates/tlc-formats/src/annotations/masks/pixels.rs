//! The pixels of a mask: whatever kind of PNG it is, the id of a class each.

use crate::images::Size;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Limits, Transformations};
use std::collections::HashMap;
use std::io::Cursor;
use tlc_core::ClassMap;

/// Pixels of a mask: 8,192 x 8,192.
const MOST_PIXELS: u64 = 1 << 26;
const MOST_BYTES: usize = 256 << 20;
/// Ids that a pixel may have.
const IDS: usize = 1 << 16;

/// Which ids pixels may have, and what they are in colour.
#[derive(Debug)]
pub(super) struct Ids {
    /// By id.
    are_known: Vec<bool>,
    of_colors: HashMap<[u8; 3], u16>,
    shown: String,
    fit_a_byte: bool,
}

impl Ids {
    /// Those of classes and of the void.
    pub(super) fn of(classes: &ClassMap) -> Self {
        let ids = || classes.ids().chain(classes.void());
        let mut are_known = vec![classes.is_empty(); IDS];
        for id in ids() {
            if let Some(is_known) = usize::try_from(id)
                .ok()
                .and_then(|id| are_known.get_mut(id))
            {
                *is_known = true;
            }
        }
        let color = |class: &tlc_core::Class| Some((class.color?.0, u16::try_from(class.id).ok()?));
        let shown: Vec<String> = ids().take(20).map(|id| id.to_string()).collect();
        let more = if classes.len() > 20 { ", …" } else { "" };
        Self {
            are_known,
            of_colors: classes.iter().filter_map(color).collect(),
            shown: format!("{}{more}", shown.join(", ")),
            fit_a_byte: ids().all(|id| id < 256) && !classes.is_empty(),
        }
    }
}

/// A mask as a table holds it: one grey channel of the ids of classes.
///
/// # Errors
/// Why it is none of these classes, or of an image of another size.
pub(super) fn mask(png: &[u8], ids: &Ids, image: Size) -> Result<Vec<u8>, String> {
    let decoded = Decoded::of(png, image)?;
    let pixels = decoded.ids(ids)?;
    let unknown = pixels
        .iter()
        .position(|id| ids.are_known.get(usize::from(*id)) == Some(&false));
    if let Some(at) = unknown {
        let (x, y) = (at % decoded.width, at / decoded.width);
        let id = pixels.get(at).copied().unwrap_or_default();
        return Err(format!(
            "the pixel {x}, {y} is {id}, there are the classes {}",
            ids.shown
        ));
    }
    let fit_a_byte = ids.fit_a_byte || pixels.iter().all(|id| *id < 256);
    encoded(&pixels, image, fit_a_byte).map_err(|error| error.to_string())
}

/// Pixels as they stand in a file.
struct Decoded {
    color: ColorType,
    depth: BitDepth,
    width: usize,
    /// Bytes of a row.
    row_bytes: usize,
    bytes: Vec<u8>,
}

impl Decoded {
    fn of(png: &[u8], image: Size) -> Result<Self, String> {
        let damaged = |error: png::DecodingError| match error {
            png::DecodingError::LimitsExceeded => "more pixels than 8,192 x 8,192".to_owned(),
            error => format!("no mask, or a damaged one: {error}"),
        };
        let mut decoder = Decoder::new(Cursor::new(png));
        decoder.set_limits(Limits { bytes: MOST_BYTES });
        decoder.set_transformations(Transformations::IDENTITY);
        let mut reader = decoder.read_info().map_err(damaged)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err("more pixels than 8,192 x 8,192".to_owned());
        }
        let size = (i64::from(image.width), i64::from(image.height));
        if (i64::from(width), i64::from(height)) != size {
            let (of_width, of_height) = size;
            return Err(format!(
                "the mask has {width} x {height} pixels, its image {of_width} x {of_height}"
            ));
        }
        let len = reader
            .output_buffer_size()
            .ok_or("too large for this machine")?;
        let mut bytes = vec![0; len];
        let frame = reader.next_frame(&mut bytes).map_err(damaged)?;
        Ok(Self {
            color: frame.color_type,
            depth: frame.bit_depth,
            width: width as usize,
            row_bytes: frame.line_size,
            bytes,
        })
    }

    /// The id of each pixel.
    fn ids(&self, ids: &Ids) -> Result<Vec<u16>, String> {
        let rows = self.bytes.chunks_exact(self.row_bytes.max(1));
        match (self.color, self.depth) {
            (ColorType::Grayscale | ColorType::Indexed, BitDepth::Sixteen) => {
                let id = |pixel: &[u8]| match pixel {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    _ => 0,
                };
                Ok(rows.flat_map(|row| row.chunks_exact(2).map(id)).collect())
            }
            (ColorType::Grayscale | ColorType::Indexed, depth) => {
                let bits = depth as usize;
                Ok(rows
                    .flat_map(|row| packed(row, bits).take(self.width))
                    .collect())
            }
            (ColorType::Rgb | ColorType::Rgba, BitDepth::Eight) => {
                let channels = if self.color == ColorType::Rgb { 3 } else { 4 };
                let pixels = rows.flat_map(|row| row.chunks_exact(channels));
                self.of_colors(pixels, ids)
            }
            (color, depth) => Err(format!(
                "a PNG of {color:?} and {depth:?} bits: a mask is a palette, grey, or colours of \
                 8 bits"
            )),
        }
    }

    fn of_colors<'a>(
        &self,
        pixels: impl Iterator<Item = &'a [u8]>,
        ids: &Ids,
    ) -> Result<Vec<u16>, String> {
        let mut found = Vec::new();
        let mut last = None;
        for pixel in pixels {
            let [red, green, blue, ..] = *pixel else {
                continue;
            };
            let color = [red, green, blue];
            let id = match last {
                Some((known, id)) if known == color => id,
                _ => *ids.of_colors.get(&color).ok_or_else(|| {
                    let (x, y) = (found.len() % self.width, found.len() / self.width);
                    format!(
                        "the pixel {x}, {y} is #{red:02x}{green:02x}{blue:02x}, the colour of no \
                         class: give the classes theirs, `ClassMap::with_color`"
                    )
                })?,
            };
            last = Some((color, id));
            found.push(id);
        }
        Ok(found)
    }
}

/// Pixels of 1, 2, 4 or 8 bits, the first in the highest bits.
fn packed(row: &[u8], bits: usize) -> impl Iterator<Item = u16> + '_ {
    let mask = (1_u16 << bits.min(8)) - 1;
    row.iter().flat_map(move |byte| {
        let shifts = (0..8 / bits).rev().map(move |place| place * bits);
        shifts.map(move |shift| (u16::from(*byte) >> shift) & mask)
    })
}

fn encoded(pixels: &[u16], size: Size, fit_a_byte: bool) -> Result<Vec<u8>, png::EncodingError> {
    let mut png = Vec::new();
    let (width, height) = (size.width.unsigned_abs(), size.height.unsigned_abs());
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_compression(Compression::Fast);
    // A mask is runs of equal rows, which the row above predicts.
    encoder.set_filter(Filter::Up);
    let bytes: Vec<u8> = match fit_a_byte {
        true => pixels.iter().map(|id| *id as u8).collect(),
        false => {
            encoder.set_depth(BitDepth::Sixteen);
            pixels.iter().flat_map(|id| id.to_be_bytes()).collect()
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(png)
}

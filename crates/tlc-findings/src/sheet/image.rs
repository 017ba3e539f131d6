//! Images of any size, as pixels or encoded.

use super::picture::{Colour, Picture};
use crate::{Error, Result};
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

/// Bytes that an image may have decoded.
const MOST_BYTES: usize = 256 << 20;
#[cfg(feature = "jpeg")]
const MOST_JPEG_SIDE: usize = 1 << 14;
/// How JPEG files begin.
const JPEG: [u8; 2] = [0xff, 0xd8];

/// An image of 8 bits a channel: grey, grey and alpha, red, green and blue, or these and
/// alpha.
///
/// ```
/// use tlc_findings::sheet::Image;
///
/// let grey = Image::from_pixels(2, 1, 1, &[0, 255])?;
/// assert_eq!((grey.width(), grey.height(), grey.channels()), (2, 1, 1));
/// assert!(Image::decode(b"no image").is_err());
/// # Ok::<(), tlc_findings::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    channels: usize,
    values: Vec<u8>,
}

impl Image {
    /// From values `[height, width, channels]`, row-major, of one to four channels.
    ///
    /// # Errors
    /// [`Error::Shape`] if they do not fit together.
    pub fn from_pixels(width: u32, height: u32, channels: usize, values: &[u8]) -> Result<Self> {
        let pixels = (width as usize).checked_mul(height as usize);
        let expected = pixels.and_then(|pixels| pixels.checked_mul(channels));
        if !(1..=4).contains(&channels) || expected != Some(values.len()) || values.is_empty() {
            return Err(Error::Shape {
                what: "pixels",
                expected: format!("[{height}, {width}, {channels}] with 1 to 4 channels"),
                found: format!("{} values", values.len()),
            });
        }
        Ok(Self {
            width,
            height,
            channels,
            values: values.to_vec(),
        })
    }

    /// From the bytes of a PNG, whatever its colours and depth, or, with the feature `jpeg`,
    /// of a JPEG.
    ///
    /// # Errors
    /// [`Error::Image`] for bytes that are neither, are damaged, or are of an image of more
    /// than 256 MiB.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let decoded = match bytes.starts_with(&JPEG) {
            true => jpeg(bytes),
            false => png(bytes).map_err(|error| error.to_string()),
        };
        decoded.map_err(|reason| Error::Image { reason })
    }

    /// Pixels a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows of pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Values of a pixel.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// As large as fits in a square, on paper where it is transparent. A larger image is shrunk,
    /// each pixel the mean of those it stands for; a smaller one grows by a whole number.
    #[must_use]
    pub fn fitted(&self, side: u32, paper: Colour) -> Picture {
        let longest = self.width.max(self.height);
        let fit = |own: u32| match longest <= side {
            true => own * (side / longest),
            false => (u64::from(own) * u64::from(side) / u64::from(longest)).max(1) as u32,
        };
        let (width, height) = (fit(self.width), fit(self.height));
        let mut picture = Picture::new(width, height, paper);
        for y in 0..height {
            let rows = source(y, height, self.height);
            for x in 0..width {
                let columns = source(x, width, self.width);
                let colour = self.mean(columns, rows.clone(), paper);
                picture.set(x, y, colour);
            }
        }
        picture
    }

    fn mean(
        &self,
        columns: std::ops::Range<u32>,
        rows: std::ops::Range<u32>,
        paper: Colour,
    ) -> Colour {
        let (mut sums, mut count) = ([0_u64; 3], 0_u64);
        for row in rows {
            for column in columns.clone() {
                let colour = self.colour(column, row, paper);
                count += 1;
                for (sum, value) in sums.iter_mut().zip(colour) {
                    *sum += u64::from(value);
                }
            }
        }
        sums.map(|sum| u8::try_from((sum + count / 2) / count.max(1)).unwrap_or(u8::MAX))
    }

    fn colour(&self, x: u32, y: u32, paper: Colour) -> Colour {
        let start = (y as usize * self.width as usize + x as usize) * self.channels;
        let pixel = self.values.get(start..start + self.channels);
        let (colour, alpha) = match *pixel.unwrap_or_default() {
            [grey] => ([grey; 3], u8::MAX),
            [grey, alpha] => ([grey; 3], alpha),
            [red, green, blue] => ([red, green, blue], u8::MAX),
            [red, green, blue, alpha] => ([red, green, blue], alpha),
            _ => (paper, u8::MAX),
        };
        let mut mixed = colour;
        for (value, paper) in mixed.iter_mut().zip(paper) {
            let (alpha, most) = (u32::from(alpha), u32::from(u8::MAX));
            let both = u32::from(*value) * alpha + u32::from(paper) * (most - alpha);
            *value = u8::try_from((both + most / 2) / most).unwrap_or(u8::MAX);
        }
        mixed
    }
}

/// Which of `of` pixels the one at `at` of `all` stands for: at least one.
fn source(at: u32, all: u32, of: u32) -> std::ops::Range<u32> {
    let place = |at: u32| (u64::from(at) * u64::from(of) / u64::from(all)) as u32;
    let start = place(at);
    start..place(at + 1).max(start + 1)
}

fn png(bytes: &[u8]) -> Result<Image, png::DecodingError> {
    let limits = Limits { bytes: MOST_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size();
    let size = size.filter(|size| *size <= MOST_BYTES);
    let mut values = vec![0; size.ok_or(png::DecodingError::LimitsExceeded)?];
    let info = reader.next_frame(&mut values)?;
    values.truncate(info.buffer_size());
    Ok(Image {
        width: info.width,
        height: info.height,
        channels: match info.color_type {
            ColorType::Grayscale => 1,
            ColorType::GrayscaleAlpha => 2,
            ColorType::Rgb | ColorType::Indexed => 3,
            ColorType::Rgba => 4,
        },
        values,
    })
}

#[cfg(feature = "jpeg")]
fn jpeg(bytes: &[u8]) -> Result<Image, String> {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;

    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(MOST_JPEG_SIDE)
        .set_max_height(MOST_JPEG_SIDE);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|error| error.to_string())?;
    let info = decoder.info().ok_or("a JPEG without a size")?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if width as usize * height as usize * 3 > MOST_BYTES {
        return Err("an image that is too large".to_owned());
    }
    let values = decoder.decode().map_err(|error| error.to_string())?;
    Image::from_pixels(width, height, 3, &values).map_err(|error| error.to_string())
}

#[cfg(not(feature = "jpeg"))]
fn jpeg(_: &[u8]) -> Result<Image, String> {
    Err("a JPEG, which the feature `jpeg` of `tlc-findings` decodes".to_owned())
}

//! Pictures in colour.

use super::text;
use crate::{Error, Result};
use png::{BitDepth, ColorType, Encoder};

/// Red, green and blue.
pub type Colour = [u8; 3];

/// Pixels in colour, from the upper left corner on.
///
/// ```
/// use tlc_findings::sheet::Picture;
///
/// let mut picture = Picture::new(80, 20, [255, 255, 255]);
/// picture.set(3, 10, [190, 40, 30]);
/// picture.write(8, 6, "outliers", [0, 0, 0]);
/// std::fs::write(std::env::temp_dir().join("legend.png"), picture.to_png()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Colour>,
}

impl Picture {
    /// All of it in one colour.
    #[must_use]
    pub fn new(width: u32, height: u32, colour: Colour) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width as usize * height as usize],
        }
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

    /// The colour of a pixel; none of what is outside.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> Option<Colour> {
        self.place(x, y).and_then(|at| self.pixels.get(at)).copied()
    }

    /// Sets a pixel; what is outside is left out.
    pub fn set(&mut self, x: u32, y: u32, colour: Colour) {
        let place = self.place(x, y);
        if let Some(pixel) = place.and_then(|at| self.pixels.get_mut(at)) {
            *pixel = colour;
        }
    }

    /// Writes a line of text of 8 pixels a character from its upper left corner on, in the
    /// characters of Latin-1; others become question marks.
    pub fn write(&mut self, x: u32, y: u32, text: &str, colour: Colour) {
        for (right, down) in text::pixels(text) {
            self.set(x.saturating_add(right), y.saturating_add(down), colour);
        }
    }

    /// Puts another picture on this one, its upper left corner here.
    pub fn put(&mut self, x: u32, y: u32, other: &Self) {
        for down in 0..other.height {
            for right in 0..other.width {
                if let Some(colour) = other.get(right, down) {
                    self.set(x.saturating_add(right), y.saturating_add(down), colour);
                }
            }
        }
    }

    /// The picture as the bytes of a PNG.
    ///
    /// # Errors
    /// [`Error::Image`] for one without pixels, or more than a PNG can have.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encode(&mut bytes).map_err(|error| Error::Image {
            reason: error.to_string(),
        })?;
        Ok(bytes)
    }

    fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
        let mut encoder = Encoder::new(bytes, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()
    }

    fn place(&self, x: u32, y: u32) -> Option<usize> {
        let inside = x < self.width && y < self.height;
        inside.then(|| y as usize * self.width as usize + x as usize)
    }
}

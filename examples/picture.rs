//! Pictures, as PNG files.

use png::{BitDepth, ColorType, Encoder};
use std::io::{BufWriter, Write};

/// What went wrong, in words.
type Result<T> = std::result::Result<T, String>;

/// Red, green and blue.
pub type Colour = [u8; 3];

/// A picture in colour.
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Colour>,
}

impl Picture {
    /// All of it in one colour.
    pub fn new(width: u32, height: u32, colour: Colour) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width as usize * height as usize],
        }
    }

    /// Sets a pixel; what is outside is left out.
    pub fn set(&mut self, x: u32, y: u32, colour: Colour) {
        if x < self.width && y < self.height {
            self.pixels[y as usize * self.width as usize + x as usize] = colour;
        }
    }

    /// Writes it as a PNG.
    pub fn save(&self, file: &std::path::Path) -> Result<()> {
        let file = BufWriter::new(std::fs::File::create(file).map_err(told)?);
        write(
            file,
            self.width,
            self.height,
            ColorType::Rgb,
            self.pixels.as_flattened(),
        )
    }
}

/// Writes pixels of 8 bits a channel.
pub fn write(
    to: impl Write,
    width: u32,
    height: u32,
    colours: ColorType,
    pixels: &[u8],
) -> Result<()> {
    let mut encoder = Encoder::new(to, width, height);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(told)?;
    writer.write_image_data(pixels).map_err(told)?;
    writer.finish().map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

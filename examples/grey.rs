//! Grey values out of PNG files.

use png::{ColorType, Decoder, Transformations};
use std::io::Cursor;

/// The grey values of a PNG, row after row.
pub fn decode_grey(png: &[u8]) -> Result<Vec<u8>, String> {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(told)?;
    let mut pixels = vec![
        0;
        reader
            .output_buffer_size()
            .ok_or("a PNG that is too large")?
    ];
    let info = reader.next_frame(&mut pixels).map_err(told)?;
    if info.color_type != ColorType::Grayscale {
        return Err(format!("a PNG in {:?}, not in grey", info.color_type));
    }
    pixels.truncate(info.buffer_size());
    Ok(pixels)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

//! Predicted masks as PNG.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

/// Classes that a pixel of 16 bits can tell apart.
pub(super) const MAX_CLASSES: usize = 1 << 16;

/// A class per pixel, `[height, width]`, as one grey channel of 8 bits, or of 16 for
/// more than 256 classes. What is no class becomes 0.
pub(super) fn encode(
    predicted: &[i64],
    [height, width]: [u32; 2],
    classes: usize,
) -> Result<Vec<u8>, EncodingError> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_compression(Compression::Fast);
    // A mask is runs of equal rows, which the row above predicts.
    encoder.set_filter(Filter::Up);
    let pixels: Vec<u8> = if classes <= 256 {
        let pixel = |class: &i64| u8::try_from(*class).unwrap_or_default();
        encoder.set_depth(BitDepth::Eight);
        predicted.iter().map(pixel).collect()
    } else {
        let pixel = |class: &i64| u16::try_from(*class).unwrap_or_default().to_be_bytes();
        encoder.set_depth(BitDepth::Sixteen);
        predicted.iter().flat_map(pixel).collect()
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(png)
}

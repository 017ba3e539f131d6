//! Predicted masks as PNG.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};
use tlc_core::ClassMap;

/// Classes that a pixel of 16 bits can tell apart.
pub(super) const MAX_CLASSES: usize = 1 << 16;

/// What pixels are in a mask.
pub(super) struct Values {
    /// Ids by position.
    ids: Vec<u16>,
    /// Where no class is predicted.
    no_class: u16,
}

impl Values {
    /// Of classes whose ids fit a pixel.
    pub(super) fn of(classes: &ClassMap) -> Self {
        let pixel = |id: i32| u16::try_from(id).unwrap_or_default();
        let no_class = classes.void().or(classes.id_at(0));
        Self {
            ids: classes.ids().map(pixel).collect(),
            no_class: no_class.map_or(0, pixel),
        }
    }

    fn of_pixel(&self, class: i64) -> u16 {
        let position = usize::try_from(class).ok();
        let id = position.and_then(|position| self.ids.get(position));
        id.copied().unwrap_or(self.no_class)
    }

    fn fit_a_byte(&self) -> bool {
        let mut all = self.ids.iter().chain([&self.no_class]);
        all.all(|id| u8::try_from(*id).is_ok())
    }
}

/// A class per pixel, `[height, width]`, by position, as one grey channel of their ids: 8
/// bits, or 16 where an id is over 255.
pub(super) fn encode(
    predicted: &[i64],
    [height, width]: [u32; 2],
    values: &Values,
) -> Result<Vec<u8>, EncodingError> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_compression(Compression::Fast);
    // A mask is runs of equal rows, which the row above predicts.
    encoder.set_filter(Filter::Up);
    let pixels: Vec<u8> = if values.fit_a_byte() {
        let pixel = |class: &i64| u8::try_from(values.of_pixel(*class)).unwrap_or_default();
        encoder.set_depth(BitDepth::Eight);
        predicted.iter().map(pixel).collect()
    } else {
        let pixel = |class: &i64| values.of_pixel(*class).to_be_bytes();
        encoder.set_depth(BitDepth::Sixteen);
        predicted.iter().flat_map(pixel).collect()
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(png)
}

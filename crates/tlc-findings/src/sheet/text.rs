//! Text in pictures, in a font in the public domain.

use font8x8::legacy::{BASIC_LEGACY, LATIN_LEGACY, NOTHING_TO_DISPLAY};

/// Width and height of a character, in pixels.
pub(super) const GLYPH: u32 = 8;
const LATIN_START: usize = 0xa0;

/// The pixels of a line of text, from its upper left corner on.
pub(super) fn pixels(text: &str) -> impl Iterator<Item = (u32, u32)> {
    (0..).zip(text.chars()).flat_map(|(at, character)| {
        let rows = (0..).zip(glyph(character));
        rows.flat_map(move |(row, bits)| {
            let columns = (0..GLYPH).filter(move |column| bits >> column & 1 == 1);
            columns.map(move |column| (at * GLYPH + column, row))
        })
    })
}

fn glyph(character: char) -> [u8; 8] {
    let code = character as usize;
    let latin = || LATIN_LEGACY.get(code.checked_sub(LATIN_START)?);
    let unknown = || BASIC_LEGACY.get('?' as usize);
    let glyph = BASIC_LEGACY.get(code).or_else(latin).or_else(unknown);
    glyph.copied().unwrap_or(NOTHING_TO_DISPLAY)
}

//! Text in pictures.

use crate::picture::{Colour, Picture};
use font8x8::legacy::BASIC_LEGACY;

/// Width and height of a character, in pixels.
pub const SIZE: u32 = 8;

/// Writes a line of text from its upper left corner on.
pub fn write(picture: &mut Picture, (x, y): (u32, u32), text: &str, colour: Colour) {
    for (at, character) in (0..).zip(text.chars()) {
        let glyph = BASIC_LEGACY
            .get(character as usize)
            .unwrap_or(&BASIC_LEGACY[usize::from(b'?')]);
        for (row, bits) in (0..).zip(glyph) {
            for column in (0..SIZE).filter(|column| bits >> column & 1 == 1) {
                picture.set(x + at * SIZE + column, y + row, colour);
            }
        }
    }
}

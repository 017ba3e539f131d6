//! The numbers of parts, one for each row in a byte.

/// Of a row that is in no part.
pub(super) const NONE: u8 = u8::MAX;

/// Parts of a split, so that their numbers and [`NONE`] fit a byte.
pub(super) const MOST_PARTS: usize = NONE as usize;

/// The number of a part.
pub(super) fn number(part: usize) -> u8 {
    u8::try_from(part).unwrap_or(NONE)
}

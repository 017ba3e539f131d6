//! Images made small.

use crate::Result;
use tlc_findings::sheet::Image;

/// Under what is transparent.
const PAPER: [u8; 3] = [255, 255, 255];

/// A PNG of at most so many pixels a side, of the bytes of a PNG or JPEG.
///
/// # Errors
/// As [`Image::decode`].
pub fn thumbnail(bytes: &[u8], side: u32) -> Result<Vec<u8>> {
    Ok(Image::decode(bytes)?.fitted(side, PAPER).to_png()?)
}

//! What an encoded image says of itself: its size, and whether all of it is there.
//!
//! Nothing is decoded. A cut file, the damage that downloads have most, is found where the
//! format says how long it is: PNG by its chunks, JPEG by its end, WebP and BMP by their lengths.

use imagesize::ImageType;
use std::fmt;
use tlc_core::{Column, Columns, ValueType};

/// Formats whose files are taken for images, by their endings.
pub(crate) const ENDINGS: [&str; 10] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "tif", "tiff",
];
/// What other images are called: told, and not passed over.
pub(super) const OTHERS: [&str; 13] = [
    "avif", "heic", "heif", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm", "tga", "dds", "exr", "psd",
];
/// Headers are within this, most of the time.
pub(crate) const HEADER_BYTES: u64 = 64 << 10;

/// Why bytes are no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Empty,
    Unknown,
    /// Not even its size can be read.
    Header,
    NoPixels,
    Cut,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::Unknown => {
                "no image that is known: PNG, JPEG, GIF, WebP, BMP and TIFF are, convert it first"
            }
            Self::Header => "damaged: the size of the image cannot be read",
            Self::NoPixels => "damaged: an image without pixels, or with more than there can be",
            Self::Cut => "damaged: the end of the file is missing",
        })
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: i32,
    pub(crate) height: i32,
}

impl Size {
    /// The columns of sizes.
    pub(crate) fn columns() -> [Column; 2] {
        ["width", "height"].map(|name| Column::new(name, ValueType::Int32).unit("px"))
    }

    /// Adds the values of these columns.
    pub(crate) fn push(sizes: &[Self], to: &mut Columns) {
        let all = |side: fn(&Self) -> i32| sizes.iter().map(side).collect::<Vec<_>>();
        to.push("width", all(|size| size.width));
        to.push("height", all(|size| size.height));
    }
}

/// The size of a whole image.
pub(super) fn check(bytes: &[u8]) -> Result<Size, Fault> {
    let size = size(bytes)?;
    match is_whole(bytes) {
        true => Ok(size),
        false => Err(Fault::Cut),
    }
}

/// The size that the beginning of an image says.
pub(crate) fn size(bytes: &[u8]) -> Result<Size, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    let kind = imagesize::image_type(bytes).map_err(|_| Fault::Unknown)?;
    let (width, height) = match kind {
        ImageType::Bmp => bmp(bytes).ok_or(Fault::Header)?,
        ImageType::Png if bytes.get(12..16) != Some(b"IHDR") => return Err(Fault::Header),
        ImageType::Png | ImageType::Jpeg | ImageType::Gif | ImageType::Webp | ImageType::Tiff => {
            let size = imagesize::blob_size(bytes).map_err(|_| Fault::Header)?;
            (size.width as u64, size.height as u64)
        }
        _ => return Err(Fault::Unknown),
    };
    let pixels = |count: u64| i32::try_from(count).ok().filter(|count| *count > 0);
    match (pixels(width), pixels(height)) {
        (Some(width), Some(height)) => Ok(Size { width, height }),
        _ => Err(Fault::NoPixels),
    }
}

/// Rows may stand from the top down, which a negative height says; the oldest headers have
/// numbers of 16 bits.
fn bmp(bytes: &[u8]) -> Option<(u64, u64)> {
    let half = |at: usize| Some(u64::from(u16::from_le_bytes(array(bytes, at)?)));
    Some(match u32::from_le_bytes(array(bytes, 14)?) {
        12 => (half(18)?, half(20)?),
        _ => {
            let width = i32::from_le_bytes(array(bytes, 18)?);
            let height = i32::from_le_bytes(array(bytes, 22)?);
            (u64::try_from(width).ok()?, height.unsigned_abs().into())
        }
    })
}

fn is_whole(bytes: &[u8]) -> bool {
    match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => png_ends(bytes),
        Ok(ImageType::Jpeg) => bytes.windows(2).rev().any(|pair| pair == [0xff, 0xd9]),
        Ok(ImageType::Webp) => length_at(bytes, 4).is_some_and(|len| len + 8 <= bytes.len() as u64),
        Ok(ImageType::Bmp) => bmp_ends(bytes).unwrap_or(true),
        _ => true,
    }
}

/// Whether the chunks go on to the last one.
fn png_ends(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let (Some(len), Some(kind)) = (array(bytes, at), bytes.get(at + 4..at + 8)) {
        let end = usize::try_from(u32::from_be_bytes(len))
            .ok()
            .and_then(|len| at.checked_add(len)?.checked_add(12));
        match end {
            Some(end) if end <= bytes.len() && kind == b"IEND" => return true,
            Some(end) if end <= bytes.len() => at = end,
            _ => return false,
        }
    }
    false
}

/// Whether all rows are there, of an image that is not packed; else nothing is known.
fn bmp_ends(bytes: &[u8]) -> Option<bool> {
    let is_packed = length_at(bytes, 14)? < 40 || length_at(bytes, 30)? != 0;
    let (width, height) = bmp(bytes).filter(|_| !is_packed)?;
    let bits = u64::from(u16::from_le_bytes(array(bytes, 28)?));
    let row_bytes = width.checked_mul(bits)?.div_ceil(32).checked_mul(4)?;
    let pixels = row_bytes.checked_mul(height)?;
    Some(length_at(bytes, 10)?.checked_add(pixels)? <= bytes.len() as u64)
}

fn length_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(|len| u64::from(u32::from_le_bytes(len)))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

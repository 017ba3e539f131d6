//! The image of a sample, as it is kept or where it is named.

use crate::{Error, Result, View};
use bytes::Bytes;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ImageStorage, Media, Url, ValueType};

impl View {
    /// The bytes of a row's image, which stand in the column or at the URL that it holds: in
    /// the folder of the project, or in one of those `allowed`. `None` where the row has none.
    ///
    /// # Errors
    /// [`Error::ColumnKind`] for a column without images; [`Error::NoSuchRow`],
    /// [`Error::NoSuchColumn`]; as [`Media::read`]; storage errors.
    pub fn image(&self, row: usize, name: &str, allowed: &[Url]) -> Result<Option<Bytes>> {
        let ValueType::Image { storage } = &self.meaning(name)?.column.value else {
            return Err(Error::ColumnKind {
                column: name.to_owned(),
                found: self.meaning(name)?.column.value.to_string(),
                expected: "images",
            });
        };
        let Some(cell) = self.cell(row, name)? else {
            return Ok(None);
        };
        if *storage == ImageStorage::Bytes {
            let bytes = cell.as_binary_opt::<i32>();
            return Ok(bytes.map(|cell| Bytes::copy_from_slice(cell.value(0))));
        }
        let Some(named) = cell.as_string_opt::<i32>() else {
            return Ok(None);
        };
        let origin = self.origin(row)?;
        let media = match (&origin.table, &origin.metrics) {
            (Some(table), _) => Media::of(table),
            (None, Some((run, _))) => Media::of_run(run),
            (None, None) => return Ok(None),
        };
        let folders = allowed.iter().cloned();
        let media = folders.fold(media, Media::allow);
        Ok(Some(media.read(named.value(0))?))
    }
}

/// What the first bytes of an image say that it is, of the formats that browsers show and
/// that hold no script: PNG, JPEG, GIF, WebP, BMP.
///
/// ```
/// use tlc_view::image_type;
///
/// assert_eq!(image_type(b"\x89PNG\r\n\x1a\n"), Some("image/png"));
/// assert_eq!(image_type(b"<svg onload='alert(1)'>"), None);
/// ```
#[must_use]
pub fn image_type(bytes: &[u8]) -> Option<&'static str> {
    let is_webp = || bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'B', b'M', ..] => Some("image/bmp"),
        _ if is_webp() => Some("image/webp"),
        _ => None,
    }
}

//! The images that annotations are about: where they are, and what a table holds of them.

use crate::images::{Allowed, Cell, Size, cells, read};
use crate::{Result, RowSink};
use std::path::PathBuf;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{Column, Media, Url, ValueType};

/// What is read at a time, a larger image aside.
const PIECE_BYTES: u64 = 4 << 20;

/// What a table holds of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pictures {
    #[default]
    Embedded,
    ByUrl,
    /// Nothing, and they are not looked at.
    Left,
}

impl Pictures {
    /// The column of images, if there is one.
    pub(crate) fn column(self) -> Option<Column> {
        let image = match self {
            Self::Embedded => ValueType::image_bytes(),
            Self::ByUrl => ValueType::image_url(),
            Self::Left => return None,
        };
        Some(Column::new("image", image))
    }

    /// Ready to read images whose names are relative to a folder, and lead nowhere but there
    /// and into the folders that are allowed.
    pub(crate) fn reader(
        self,
        rows: &RowSink<'_>,
        folder: &Url,
        allowed: &[Url],
    ) -> Result<Reader> {
        let media = match self {
            Self::ByUrl => Some(rows.media()?),
            _ => None,
        };
        let allowed = Allowed::within(folder, allowed);
        Ok(Reader {
            media,
            allowed: (self != Self::Left).then_some(allowed),
        })
    }
}

/// Reads images.
#[derive(Debug)]
pub(crate) struct Reader {
    media: Option<Media>,
    /// Where they may be, if they are read.
    allowed: Option<Allowed>,
}

/// An image.
pub(crate) struct Picture {
    /// What a table holds of it.
    pub(crate) cell: Option<Cell>,
    pub(crate) size: Size,
}

impl Reader {
    /// The image of a name, of a size that is said elsewhere, too; or why there is none.
    pub(crate) fn read(
        &self,
        name: &str,
        said: Option<Size>,
    ) -> Result<std::result::Result<Picture, String>> {
        let Some(allowed) = &self.allowed else {
            let size = said.ok_or("its size is not given: `width` and `height`".to_owned());
            return Ok(size.map(|size| Picture { cell: None, size }));
        };
        let url = match allowed.find(name) {
            Ok(url) => url,
            Err(reason) => return Ok(Err(reason)),
        };
        Ok(
            read(&url, self.media.as_ref())?.and_then(|(cell, size)| match said {
                Some(said) if said != size => Err(format!(
                    "the image has {} x {} pixels, its annotation says {} x {}",
                    size.width, size.height, said.width, said.height
                )),
                _ => Ok(Picture {
                    cell: Some(cell),
                    size,
                }),
            }),
        )
    }
}

/// Items that are read together: so many, of files that have some megabytes in all.
pub(crate) fn pieces<T>(
    items: &[T],
    most: usize,
    path: impl Fn(&T) -> Option<PathBuf>,
) -> impl Iterator<Item = &[T]> {
    let mut left = items;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let mut has_room = |item: &&T| {
            let has_room = bytes < PIECE_BYTES;
            let metadata = path(item).and_then(|path| path.metadata().ok());
            bytes += metadata.map_or(0, |metadata| metadata.len());
            has_room
        };
        let len = left.iter().take(most).take_while(&mut has_room).count();
        let (piece, rest) = left.split_at_checked(len)?;
        left = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The column of images, of those that were read.
pub(crate) fn images(pictures: Vec<Picture>) -> ArrayRef {
    let images: Vec<Cell> = pictures
        .into_iter()
        .filter_map(|picture| picture.cell)
        .collect();
    cells(&images)
}

//! The images that annotations are about.

use crate::images::{Allowed, Cell, Size, Storage, read};
use crate::{Result, RowSink};
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{Media, Url};

/// Reads images whose names are relative to a folder, and lead nowhere but there and into the
/// folders that are allowed.
#[derive(Debug)]
pub(crate) struct Reader {
    storage: Storage,
    media: Option<Media>,
    allowed: Allowed,
}

/// What a table holds of an image, and its size.
pub(crate) type Picture = (Cell, Size);

impl Reader {
    pub(crate) fn new(
        storage: Storage,
        rows: &RowSink<'_>,
        folder: &Url,
        allowed: &[Url],
    ) -> Result<Self> {
        Ok(Self {
            storage,
            media: storage.media(rows)?,
            allowed: Allowed::within(folder, allowed),
        })
    }

    /// The image of a name, of a size that may be said elsewhere, too; or why there is none.
    pub(crate) fn read(
        &self,
        name: &str,
        said: Option<Size>,
    ) -> Result<std::result::Result<Picture, String>> {
        let url = match self.allowed.find(name) {
            Ok(url) => url,
            Err(reason) => return Ok(Err(reason)),
        };
        Ok(
            read(&url, self.media.as_ref())?.and_then(|(cell, size)| match said {
                Some(said) if said != size => Err(format!(
                    "the image has {} x {} pixels, its annotation says {} x {}",
                    size.width, size.height, said.width, said.height
                )),
                _ => Ok((cell, size)),
            }),
        )
    }

    /// What the image of a name counts for among those that are read together.
    pub(crate) fn len_bytes(&self, name: &str) -> u64 {
        let url = self.allowed.named(name);
        url.map_or(0, |url| self.storage.len_bytes(&url))
    }

    /// The column of images, of those that were read.
    pub(crate) fn images(&self, cells: &[Cell]) -> ArrayRef {
        self.storage.array(cells)
    }
}

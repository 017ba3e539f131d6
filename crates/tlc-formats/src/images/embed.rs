//! Images as they are read from files: checked, and embedded or named.

use super::header::{self, Fault, HEADER_BYTES, Size};
use super::named::bad_row;
use super::tree::{Folder, Found};
use crate::{BadRow, Error, Result, RowSink, SourceFile};
use bytes::Bytes;
use std::iter::once;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, BinaryArray, StringArray};
use tlc_core::{Column, Media, Url, ValueType};

/// Bytes of an image.
const MOST_BYTES: u64 = 256 << 20;
/// What is read at a time, a larger image aside: many of these wait for the one that writes.
pub(crate) const PIECE_BYTES: u64 = 4 << 20;
pub(super) const PIECE_FILES: usize = 256;
/// What a file counts for whose length costs as much as the file.
const AFAR_BYTES: u64 = PIECE_BYTES / 16;

/// What a table holds of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Storage {
    #[default]
    Embedded,
    ByUrl,
}

impl Storage {
    /// The column of images.
    pub(crate) fn column(self) -> Column {
        let image = match self {
            Self::Embedded => ValueType::image_bytes(),
            Self::ByUrl => ValueType::image_url(),
        };
        Column::new("image", image)
    }

    /// The values of that column.
    pub(crate) fn array(self, cells: &[Cell]) -> ArrayRef {
        match self {
            Self::Embedded => {
                let images = cells.iter().map(|cell| match cell {
                    Cell::Bytes(bytes) => Some(bytes.as_ref()),
                    Cell::Name(_) => None,
                });
                Arc::new(images.collect::<BinaryArray>())
            }
            Self::ByUrl => {
                let names = cells.iter().map(|cell| match cell {
                    Cell::Name(name) => Some(name.as_str()),
                    Cell::Bytes(_) => None,
                });
                Arc::new(names.collect::<StringArray>())
            }
        }
    }

    /// How cells name files, if they do.
    pub(crate) fn media(self, rows: &RowSink<'_>) -> Result<Option<Media>> {
        match self {
            Self::Embedded => Ok(None),
            Self::ByUrl => rows.media().map(Some),
        }
    }

    /// What a file counts for among those that are read together: about what is kept of it.
    pub(crate) fn len_bytes(self, url: &Url) -> u64 {
        match (self, url.to_path()) {
            (_, None) => AFAR_BYTES,
            (Self::ByUrl, Some(_)) => 0,
            (Self::Embedded, Some(path)) => path.metadata().map_or(0, |metadata| metadata.len()),
        }
    }
}

/// Images that are read together: so many, of files that have some megabytes in all. Some may
/// have no file.
pub(crate) fn pieces<T>(
    mut images: impl Iterator<Item = T>,
    most: usize,
    storage: Storage,
    file: impl Fn(&T) -> Option<&Url>,
) -> impl Iterator<Item = Vec<T>> {
    std::iter::from_fn(move || {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        while bytes < PIECE_BYTES
            && piece.len() < most
            && let Some(image) = images.next()
        {
            bytes += file(&image).map_or(0, |url| storage.len_bytes(url));
            piece.push(image);
        }
        (!piece.is_empty()).then_some(piece)
    })
}

/// Images of a folder that are read together.
#[derive(Debug, Default)]
pub(super) struct Piece {
    files: Vec<Found>,
    bad: Vec<BadRow>,
}

type Pieces<'a> = Box<dyn Iterator<Item = Result<(&'a Folder, Piece)>> + Send + 'a>;

/// All images of a folder, which is listed when the first is asked for.
pub(super) fn of_folder(folder: &Folder, storage: Storage) -> Pieces<'_> {
    match folder.files() {
        Err(error) => Box::new(once(Err(error))),
        Ok((files, bad)) => {
            let files = pieces(files.into_iter(), PIECE_FILES, storage, |file| {
                Some(&file.url)
            });
            let first = Piece {
                bad,
                ..Piece::default()
            };
            let rest = files.map(|files| Piece {
                files,
                ..Piece::default()
            });
            let all = once(first).chain(rest);
            Box::new(all.map(move |piece| Ok((folder, piece))))
        }
    }
}

/// Images that were read, and those that could not be.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) names: Vec<String>,
    pub(super) sizes: Vec<Size>,
    pub(super) cells: Vec<Cell>,
    pub(super) bad: Vec<BadRow>,
}

/// What stands in the column of images.
#[derive(Debug)]
pub(crate) enum Cell {
    Bytes(Bytes),
    Name(String),
}

impl Taken {
    /// Reads images; `media` says how cells name them, and is there if they do. Whatever is
    /// wrong with one of them is told of the folder `root`.
    pub(super) fn read(piece: Piece, media: Option<&Media>, root: &Url) -> Result<Self> {
        let mut taken = Self {
            names: Vec::with_capacity(piece.files.len()),
            sizes: Vec::with_capacity(piece.files.len()),
            cells: Vec::with_capacity(piece.files.len()),
            bad: piece.bad,
        };
        for file in piece.files {
            match read(&file.url, media)? {
                Ok((cell, size)) => {
                    taken.names.push(file.name);
                    taken.sizes.push(size);
                    taken.cells.push(cell);
                }
                Err(reason) => taken
                    .bad
                    .push(bad_row(root, file.name, Some("image"), reason)),
            }
        }
        Ok(taken)
    }
}

/// An image and its size, or why it is none.
pub(crate) fn read(
    url: &Url,
    media: Option<&Media>,
) -> Result<std::result::Result<(Cell, Size), String>> {
    let file = SourceFile::at(url)?;
    let read = match media {
        None => whole(&file),
        Some(media) => beginning(&file).and_then(|size| match size {
            Ok(size) => Ok(Ok((Cell::Name(media.name(url)?), size))),
            Err(fault) => Ok(Err(fault)),
        }),
    };
    Ok(own_fault(read)?.and_then(|read| read.map_err(|fault| fault.to_string())))
}

/// What was read of a file, or what is wrong with that file alone; any other error is one.
pub(crate) fn own_fault<T>(read: Result<T>) -> Result<std::result::Result<T, String>> {
    use tlc_core::Error as Core;
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(Error::Core(
            error @ (Core::NotFound { .. } | Core::NotAFile { .. } | Core::TooLarge { .. }),
        )) => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

fn whole(file: &SourceFile) -> Result<std::result::Result<(Cell, Size), Fault>> {
    let bytes = file.bytes(MOST_BYTES)?;
    Ok(header::check(&bytes).map(|size| (Cell::Bytes(bytes), size)))
}

/// The size, of the beginning where that says it.
fn beginning(file: &SourceFile) -> Result<std::result::Result<Size, Fault>> {
    let len = file.len_bytes()?;
    if len <= HEADER_BYTES {
        return Ok(header::check(&file.bytes(HEADER_BYTES)?));
    }
    match header::size(&file.range(0..HEADER_BYTES)?) {
        Err(Fault::Header) => Ok(header::check(&file.bytes(MOST_BYTES)?)),
        other => Ok(other),
    }
}

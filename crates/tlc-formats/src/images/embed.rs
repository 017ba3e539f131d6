//! Images as they are read from files: checked, and embedded or named.

use super::header::{self, Fault, HEADER_BYTES, Size};
use super::tree::{Folder, Found};
use crate::{At, BadRow, Error, Place, Result, SourceFile};
use bytes::Bytes;
use std::iter::once;
use std::path::Path;
use tlc_core::arrow::array::{ArrayRef, BinaryArray, StringArray};
use tlc_core::{Media, Url};

/// Bytes of an image.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// What is read at a time, a larger image aside: many of these wait for the one that writes.
const PIECE_BYTES: u64 = 4 << 20;
const PIECE_FILES: usize = 256;
/// Where a length costs as much as the file.
const PIECE_FILES_AFAR: usize = 16;

/// What a cell of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Embedded,
    ByUrl,
}

/// Images that are read together.
#[derive(Debug, Default)]
pub(super) struct Piece {
    files: Vec<Found>,
    bad: Vec<BadRow>,
}

type Pieces<'a> = Box<dyn Iterator<Item = Result<(&'a Folder, Piece)>> + Send + 'a>;

/// All images of a folder, which is listed when the first is asked for.
pub(super) fn pieces(folder: &Folder, storage: Storage) -> Pieces<'_> {
    match folder.files() {
        Err(error) => Box::new(once(Err(error))),
        Ok((files, bad)) => {
            let first = Piece {
                bad,
                ..Piece::default()
            };
            let mut files = files.into_iter().peekable();
            let rest = std::iter::from_fn(move || {
                let most = match files.peek()?.url.to_path() {
                    Some(_) => PIECE_FILES,
                    None => PIECE_FILES_AFAR,
                };
                let mut bytes = 0;
                let mut piece = Vec::new();
                while let Some(file) = files.next_if(|_| bytes < PIECE_BYTES && piece.len() < most)
                {
                    bytes += match storage {
                        Storage::Embedded => len_bytes(&file.url),
                        Storage::ByUrl => 0,
                    };
                    piece.push(file);
                }
                Some(Piece {
                    files: piece,
                    ..Piece::default()
                })
            });
            Box::new(
                once(first)
                    .chain(rest)
                    .map(move |piece| Ok((folder, piece))),
            )
        }
    }
}

/// Of a local file, and nothing of others.
pub(super) fn len_bytes(url: &Url) -> u64 {
    let metadata = url.to_path().and_then(|path| Path::metadata(&path).ok());
    metadata.map_or(0, |metadata| metadata.len())
}

/// Images that were read, and those that could not be.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) names: Vec<String>,
    pub(super) sizes: Vec<Size>,
    pub(super) bad: Vec<BadRow>,
    cells: Vec<Cell>,
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
                Err(reason) => taken.bad.push(BadRow {
                    place: Place {
                        file: Some(root.clone()),
                        at: At::Named(file.name),
                    },
                    column: Some("image".to_owned()),
                    value: None,
                    reason,
                }),
            }
        }
        Ok(taken)
    }

    /// The column of images.
    pub(super) fn images(&self) -> ArrayRef {
        cells(&self.cells)
    }
}

/// A column of images.
pub(crate) fn cells(cells: &[Cell]) -> ArrayRef {
    match cells.first() {
        Some(Cell::Name(_)) => {
            let names = cells.iter().map(|cell| match cell {
                Cell::Name(name) => Some(name.as_str()),
                Cell::Bytes(_) => None,
            });
            std::sync::Arc::new(names.collect::<StringArray>())
        }
        _ => {
            let images = cells.iter().map(|cell| match cell {
                Cell::Bytes(bytes) => Some(bytes.as_ref()),
                Cell::Name(_) => None,
            });
            std::sync::Arc::new(images.collect::<BinaryArray>())
        }
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
    use tlc_core::Error as Core;
    match read {
        Ok(read) => Ok(read.map_err(|fault| fault.to_string())),
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

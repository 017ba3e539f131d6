//! Formats of images and labels.

mod allowed;
mod embed;
mod folder;
mod header;
mod huggingface;
mod named;
mod paths;
mod splits;
mod tree;

pub(crate) use self::allowed::Allowed;
pub(crate) use self::embed::{Cell, PIECE_BYTES, Storage, own_fault, pieces, read};
pub use self::folder::ImageFolder;
pub(crate) use self::header::{ENDINGS, Size, size};
pub use self::huggingface::HuggingFace;
pub(crate) use self::named::{Made, bad_row};
pub use self::paths::ImagePaths;
pub(crate) use self::splits::{canonical, place};

//! Formats of images and labels.

mod embed;
mod folder;
mod header;
mod splits;
mod tree;

pub use self::folder::ImageFolder;

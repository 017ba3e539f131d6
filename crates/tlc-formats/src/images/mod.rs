//! Formats of images and labels.

mod allowed;
mod embed;
mod folder;
mod header;
mod huggingface;
mod paths;
mod splits;
mod tree;

pub use self::folder::ImageFolder;
pub use self::huggingface::HuggingFace;
pub use self::paths::ImagePaths;

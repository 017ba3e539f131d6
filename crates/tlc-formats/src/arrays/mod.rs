//! Formats of arrays.

mod cifar;
mod dtype;
mod idx;
mod idx_file;
mod npy;
mod npz;
mod numpy;
mod png;
mod rows;

pub use self::cifar::Cifar;
pub use self::idx::Idx;
pub use self::numpy::NumPy;

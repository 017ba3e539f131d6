//! Formats of boxes, outlines, keypoints and masks in images.
//!
//! What is known of one object is an `Object`, whatever the format; `boxes.rs` makes columns of
//! objects, and `objects.rs` objects of columns.

mod boxes;
mod coco;
mod masks;
pub(crate) mod object;
pub(crate) mod objects;
pub(crate) mod pictures;
mod rle;
pub(crate) mod sorter;
mod yolo;

pub use self::coco::Coco;
pub use self::masks::Masks;
pub use self::rle::run_lengths;
pub(crate) use self::yolo::around;
pub use self::yolo::{Yolo, YoloTask};

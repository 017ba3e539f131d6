//! How samples look: their images, the colours of their classes, masks painted in them.

mod boxes;
mod image;
mod mask;
mod palette;
mod thumbnail;

pub use self::boxes::Boxes;
pub use self::image::image_type;
pub use self::mask::paint_mask;
pub use self::palette::class_color;
pub use self::thumbnail::thumbnail;

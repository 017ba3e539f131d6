//! Colours of classes.

use tlc_core::{ClassMap, Color};

/// Ten hues that people with any kind of sight can tell apart.
const HUES: [[u8; 3]; 10] = [
    [0x44, 0x77, 0xaa],
    [0xe6, 0x9f, 0x00],
    [0x2a, 0x9d, 0x6f],
    [0xc0, 0x53, 0x9b],
    [0x56, 0xb4, 0xe9],
    [0xa6, 0x76, 0x1d],
    [0x7a, 0x5c, 0xcc],
    [0xcf, 0xb9, 0x2e],
    [0x7f, 0x8c, 0x8d],
    [0xd0, 0x70, 0x7c],
];
/// Of what is none of the classes.
const OTHERS: [u8; 3] = [0x8a, 0x8f, 0x98];

/// The colour of a class: its own, or that of its place among the classes, of which the
/// eleventh looks like the first again.
///
/// ```
/// use tlc_core::{ClassMap, Color};
/// use tlc_view::class_color;
///
/// let classes = ClassMap::new(["cat", "dog"]).with_color(1, [0, 0, 255])?;
/// assert_eq!(class_color(&classes, 1), Color([0, 0, 255]));
/// assert_eq!(class_color(&classes, 0), Color([0x44, 0x77, 0xaa]));
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[must_use]
pub fn class_color(classes: &ClassMap, id: i32) -> Color {
    let own = classes.get(id).and_then(|class| class.color);
    let of_place = || HUES.get(classes.position(id)? % HUES.len()).copied();
    own.unwrap_or_else(|| Color(of_place().unwrap_or(OTHERS)))
}

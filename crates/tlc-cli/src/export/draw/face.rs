//! The image of a sample.

use super::tag::{Tag, tag};
use crate::export::report::Face;

/// The image, or why there is none; `name` says what it is of to those who do not see it.
pub(super) fn face(face: &Face, name: &str) -> Tag {
    match face {
        Face::Image { url, is_small, .. } => {
            let image = tag("img").with("alt", name).with("src", url);
            if *is_small { image.is("pixels") } else { image }
        }
        Face::LeftOut(why) => tag("span").is("gone").put(why),
        Face::Text(_) | Face::Bare => tag("span").is("gone").put(name),
    }
}

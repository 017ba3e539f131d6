//! The image of a sample.

use super::layers::layers;
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

/// The same with what lies over the image.
pub(super) fn whole_face(shown: &Face, name: &str) -> Tag {
    match shown {
        Face::Image { over, .. } => tag("div")
            .is("picture")
            .put(face(shown, name))
            .all(layers(over)),
        other => face(other, name),
    }
}

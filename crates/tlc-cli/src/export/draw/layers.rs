//! What lies over an image, as a drawing in its pixels.

use super::tag::{Tag, tag};
use crate::export::report::{Layer, Object, Over, Place};

/// The drawings, the first lowest.
pub(super) fn layers(over: &Over) -> impl Iterator<Item = Tag> {
    over.layers.iter().map(|layer| match layer {
        Layer::Mask(url) => tag("img").is("mask").with("alt", "").with("src", url),
        Layer::Objects {
            objects,
            is_of_model,
        } => drawing(objects, *is_of_model, over.size),
    })
}

fn drawing(objects: &[Object], is_of_model: bool, [width, height]: [usize; 2]) -> Tag {
    let class = if is_of_model { "over is-model" } else { "over" };
    let said: Vec<&str> = objects.iter().map(|object| object.said.as_str()).collect();
    tag("svg")
        .is(class)
        .with("viewBox", format!("0 0 {width} {height}"))
        .with("role", "img")
        .with("aria-label", said.join(", "))
        .all(objects.iter().map(object))
}

fn object(object: &Object) -> Tag {
    let [red, green, blue] = object.color;
    let color = format!("#{red:02x}{green:02x}{blue:02x}");
    let runs = object.runs.iter();
    let runs = runs.map(|(place, down)| format!("{}v{}", start(*place), short(*down)));
    let joints = object.joints.iter();
    let joints =
        joints.map(|[from, [x, y]]| format!("{}L{} {}", start(*from), short(*x), short(*y)));
    let points = object.points.iter();
    let points = points.map(|place| format!("{}h0", start(*place)));
    tag("g")
        .with("stroke", &color)
        .with("fill", &color)
        .put(tag("title").put(&object.said))
        .all(
            object
                .outlines
                .iter()
                .map(|outline| polygon("area", outline)),
        )
        .all(path("runs", runs.collect()).map(|runs| runs.with("stroke-width", object.run_width)))
        .all(path("joints", joints.collect()))
        .all(path("points", points.collect()))
        .put(polygon("frame", &object.frame))
}

fn polygon(class: &str, places: &[Place]) -> Tag {
    let points = places.iter();
    let points = points.map(|[x, y]| format!("{},{}", short(*x), short(*y)));
    let points = points.collect::<Vec<_>>().join(" ");
    tag("polygon").is(class).with("points", points)
}

fn path(class: &str, lines: String) -> Option<Tag> {
    (!lines.is_empty()).then(|| tag("path").is(class).with("d", lines))
}

fn start([x, y]: Place) -> String {
    format!("M{} {}", short(x), short(y))
}

/// A coordinate to the hundredth of a pixel.
fn short(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

//! What lies over an image: masks in the colours of their classes, and boxes with the outlines,
//! masks and keypoints of their objects.

use super::values::data_url;
use crate::Failure;
use crate::export::figures::percent;
use crate::rows::Value;
use serde_json::Value as Json;
use std::sync::Arc;
use tlc_core::arrow::array::AsArray;
use tlc_core::{ClassMap, Role, ValueType};
use tlc_formats::run_lengths;
use tlc_view::{Boxes, Meaning, View, class_color, paint_mask};

/// Objects that are drawn over an image, and corners or runs of one of them.
const MOST_OBJECTS: usize = 200;
const MOST_PLACES: usize = 20_000;
/// A run of a mask is drawn down every so manieth column of its pixels.
const COLUMNS_DRAWN: usize = 192;
const NOT_LABELED: i64 = 0;

/// A place in an image, in its pixels.
pub(crate) type Place = [f64; 2];

/// What lies over an image of so many pixels.
pub(crate) struct Over {
    pub(crate) size: [usize; 2],
    pub(crate) layers: Vec<Layer>,
}

pub(crate) enum Layer {
    /// An image of the same shape, as it stands in the page.
    Mask(String),
    Objects {
        objects: Vec<Object>,
        is_of_model: bool,
    },
}

/// An object as it is drawn.
pub(crate) struct Object {
    pub(crate) color: [u8; 3],
    /// Its class, and how sure the model is.
    pub(crate) said: String,
    pub(crate) frame: Vec<Place>,
    pub(crate) outlines: Vec<Vec<Place>>,
    /// Upright lines of a mask, each with how long it is; how wide they are.
    pub(crate) runs: Vec<(Place, f64)>,
    pub(crate) run_width: f64,
    pub(crate) joints: Vec<[Place; 2]>,
    pub(crate) points: Vec<Place>,
}

/// The columns of a view that are drawn over its images, those of the table first.
pub(super) struct Layers {
    view: Arc<View>,
    columns: Vec<Meaning>,
}

impl Layers {
    pub(super) fn of(view: &Arc<View>) -> Self {
        let is_drawn = |meaning: &&Meaning| {
            let value = &meaning.column.value;
            matches!(value, ValueType::SegmentationMask { .. }) || Boxes::of(value).is_some()
        };
        let mut columns: Vec<Meaning> = view.columns().filter(is_drawn).cloned().collect();
        columns.sort_by_key(is_of_model);
        let view = Arc::clone(view);
        Self { view, columns }
    }

    /// Of an image. What is no shape is left out, and all where nobody knows how large it is.
    pub(super) fn get(&self, row: usize, image: &[u8]) -> Result<Over, Failure> {
        let size = imagesize::blob_size(image);
        let size = size.map_or([0; 2], |size| [size.width, size.height]);
        let columns = if size.contains(&0) {
            &[]
        } else {
            &self.columns[..]
        };
        let layers = columns.iter().map(|meaning| self.layer(row, meaning, size));
        let layers: Vec<Option<Layer>> = layers.collect::<Result<_, _>>()?;
        let layers = layers.into_iter().flatten().collect();
        Ok(Over { size, layers })
    }

    fn layer(
        &self,
        row: usize,
        meaning: &Meaning,
        size: [usize; 2],
    ) -> Result<Option<Layer>, Failure> {
        let Some(cell) = self.view.cell(row, &meaning.name)? else {
            return Ok(None);
        };
        let value = &meaning.column.value;
        if let ValueType::SegmentationMask { classes } = value {
            let bytes = cell.as_binary_opt::<i32>().map(|bytes| bytes.value(0));
            let painted = bytes.and_then(|bytes| paint_mask(bytes, classes).ok());
            return Ok(painted.map(|mask| Layer::Mask(data_url("image/png", &mask))));
        }
        let json = serde_json::to_value(Value::of(&cell, 0, value, None))?;
        let Some((boxes, all)) = Boxes::of(value).zip(json.as_array()) else {
            return Ok(None);
        };
        let scale = match boxes.unit() {
            Some("fraction") => size.map(|pixels| pixels as f64),
            _ => [1.0, 1.0],
        };
        let objects = all.iter().take(MOST_OBJECTS);
        let objects = objects.filter_map(|object| Drawing { boxes, scale }.object(object));
        let objects: Vec<Object> = objects.collect();
        let layer = (!objects.is_empty()).then(|| Layer::Objects {
            objects,
            is_of_model: is_of_model(meaning),
        });
        Ok(layer)
    }
}

fn is_of_model(meaning: &Meaning) -> bool {
    let role = meaning.column.role;
    role == Some(Role::Prediction) || !meaning.is_of_table && role != Some(Role::Label)
}

/// How the objects of a column become shapes.
struct Drawing<'c> {
    boxes: Boxes<'c>,
    /// Pixels of the image that a coordinate of 1 is.
    scale: [f64; 2],
}

impl Drawing<'_> {
    fn object(&self, object: &Json) -> Option<Object> {
        let number = |name: &str| finite(&object[name]);
        let [x0, y0, x1, y1] = ["x0", "y0", "x1", "y1"].map(number);
        let upright = [x0?, y0?, x1?, y0?, x1?, y1?, x0?, y1?];
        let corners = self.places(&object["corners"]);
        let label = object["label"].as_i64();
        let id = label.and_then(|id| i32::try_from(id).ok());
        let classes = self.boxes.classes();
        let (known, none) = (classes.filter(|_| id.is_some()), ClassMap::default());
        let (runs, run_width) = runs(&object["rle"]).unwrap_or_default();
        let (joints, points) = self.keypoints(&object["keypoints"], id);
        let outlines = object["polygons"].as_array().into_iter().flatten();
        Some(Object {
            color: class_color(known.unwrap_or(&none), id.unwrap_or_default()).0,
            said: said(classes, id, number("confidence")),
            frame: match corners.is_empty() {
                true => self.scaled(&upright),
                false => corners,
            },
            outlines: outlines.map(|outline| self.places(outline)).collect(),
            runs,
            run_width,
            joints,
            points,
        })
    }

    /// Places of x, y in turn.
    fn places(&self, coordinates: &Json) -> Vec<Place> {
        let all = coordinates.as_array().into_iter().flatten();
        let numbers: Option<Vec<f64>> = all.take(MOST_PLACES).map(finite).collect();
        self.scaled(&numbers.unwrap_or_default())
    }

    fn scaled(&self, coordinates: &[f64]) -> Vec<Place> {
        let pairs = coordinates.chunks_exact(2);
        let place = |pair: &[f64]| [pair[0] * self.scale[0], pair[1] * self.scale[1]];
        pairs.map(place).collect()
    }

    /// The lines of the skeleton, and the points.
    fn keypoints(&self, keypoints: &Json, class: Option<i32>) -> (Vec<[Place; 2]>, Vec<Place>) {
        let all = keypoints.as_array().into_iter().flatten();
        let places: Vec<Option<Place>> = all.map(|point| self.keypoint(point)).collect();
        let place = |at: u32| places.get(at as usize).copied().flatten();
        let is_its = |of: Option<i32>| of.is_none() || of == class;
        let mut skeletons = self.boxes.skeletons();
        let skeleton = skeletons.find(|skeleton| is_its(skeleton.class));
        let edges = skeleton.iter().flat_map(|skeleton| &skeleton.edges);
        let joints = edges.filter_map(|[from, to]| Some([place(*from)?, place(*to)?]));
        (joints.collect(), places.iter().copied().flatten().collect())
    }

    fn keypoint(&self, point: &Json) -> Option<Place> {
        let is_there = point["visibility"].as_i64() != Some(NOT_LABELED);
        let [x, y] = [finite(&point["x"])?, finite(&point["y"])?];
        is_there.then_some([x * self.scale[0], y * self.scale[1]])
    }
}

fn finite(value: &Json) -> Option<f64> {
    value.as_f64().filter(|value| value.is_finite())
}

fn said(classes: Option<&ClassMap>, id: Option<i32>, confidence: Option<f64>) -> String {
    let name = classes.zip(id).and_then(|(classes, id)| classes.name(id));
    let name = name.map(str::to_owned).or_else(|| Some(id?.to_string()));
    let name = name.unwrap_or_else(|| "no class".to_owned());
    match confidence {
        Some(sure) => format!("{name} {}", percent(sure)),
        None => name,
    }
}

/// Lines down the columns of a mask of run lengths, as FORMAT.md has them, and how wide they are.
fn runs(mask: &Json) -> Option<(Vec<(Place, f64)>, f64)> {
    let size = mask["size"].as_array()?;
    let [height, width] = [size.first()?, size.get(1)?].map(Json::as_u64);
    let (height, width) = (
        usize::try_from(height?).ok()?,
        usize::try_from(width?).ok()?,
    );
    let pixels = height.checked_mul(width).filter(|pixels| *pixels > 0)?;
    let step = width.div_ceil(COLUMNS_DRAWN);
    let (mut lines, mut start) = (Vec::new(), 0_usize);
    for (place, len) in run_lengths(mask["counts"].as_str()?)?
        .into_iter()
        .enumerate()
    {
        let len = usize::try_from(len).unwrap_or(pixels);
        let end = start.saturating_add(len).min(pixels);
        let mut pixel = if place % 2 == 1 { start } else { end };
        while pixel < end && lines.len() < MOST_PLACES {
            let (column, top) = (pixel / height, pixel % height);
            let down = (end - pixel).min(height - top);
            if column % step == 0 {
                let x = column as f64 + step as f64 / 2.0;
                lines.push(([x, top as f64], down as f64));
            }
            pixel += down;
        }
        start = end;
    }
    Some((lines, step as f64))
}

#[cfg(test)]
mod tests {
    use super::runs;
    use serde_json::json;

    #[test]
    fn masks_are_lines_down_their_columns() {
        // By pycocotools: 4 high, 3 wide, the middle column but its first pixel, and the next two.
        let mask = json!({ "size": [4, 3], "counts": "553" });
        let lines = vec![([1.5, 1.0], 3.0), ([2.5, 0.0], 2.0)];
        assert_eq!(runs(&mask), Some((lines, 1.0)));
    }

    #[test]
    fn hostile_masks_are_few_lines_or_none() {
        for mask in [
            json!({ "size": [u64::MAX, u64::MAX], "counts": "1" }),
            json!({ "size": [0, 0], "counts": "1" }),
            json!({ "size": [4], "counts": "1" }),
            json!(null),
        ] {
            assert_eq!(runs(&mask), None, "{mask}");
        }
        let far = "o".repeat(40);
        for counts in [
            "",
            "ooooooooooooooooooooo",
            "~~~~",
            "\u{0}\u{7f}",
            &far,
            "0P000P",
        ] {
            let lines = runs(&json!({ "size": [100_000, 100_000], "counts": counts }));
            assert!(
                lines.is_none_or(|(lines, _)| lines.len() <= 20_000),
                "{counts:?}"
            );
        }
    }
}

//! A line of a file of labels: a class, and numbers that are fractions of the image's width
//! and height.

use super::YoloTask;
use super::data::Keypoints;
use crate::annotations::object::{Keypoint, Object, bounds_of, refusal};
use crate::images::Size;
use tlc_core::ClassMap;

/// Fractions may be so much under 0 or over 1, as rounding makes them.
const TOLERANCE: f64 = 0.01;

/// What the numbers of lines mean.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) task: YoloTask,
    pub(super) classes: ClassMap,
    pub(super) keypoints: Option<Keypoints>,
}

impl Meaning {
    /// The object of a line, in pixels of an image.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn object(&self, line: &str, size: Size) -> Result<Object, String> {
        let mut words = line.split_ascii_whitespace();
        let class = words.next().ok_or("an empty line")?;
        let number = class.parse::<f64>().ok();
        let whole = number.filter(|number| number.fract() == 0.0 && number.abs() < 1e9);
        let label = whole.map(|number| number as i32);
        let label = label.filter(|label| self.classes.contains(*label));
        let label = label.ok_or_else(|| format!("`{class}` is no class of data.yaml"))?;
        let numbers = words.map(fraction).collect::<Result<Vec<f64>, _>>()?;
        let object = match (self.task, numbers.as_slice()) {
            (YoloTask::Detect | YoloTask::Segment, [x, y, width, height]) => Object {
                bounds: around([*x, *y, *width, *height], size),
                ..Object::default()
            },
            (YoloTask::Segment, outline) if outline.len() >= 6 && outline.len() % 2 == 0 => {
                let outline = pixels(outline, size);
                Object {
                    bounds: bounds_of(outline.chunks_exact(2)),
                    polygons: Some(vec![outline]),
                    ..Object::default()
                }
            }
            (YoloTask::Oriented, corners @ [_, _, _, _, _, _, _, _]) => {
                let corners = pixels(corners, size);
                Object {
                    bounds: bounds_of(corners.chunks_exact(2)),
                    corners: corners.try_into().ok(),
                    ..Object::default()
                }
            }
            (YoloTask::Pose, [x, y, width, height, points @ ..]) => Object {
                bounds: around([*x, *y, *width, *height], size),
                keypoints: Some(self.keypoints(points, size)?),
                ..Object::default()
            },
            (_, numbers) => return Err(self.unfit(numbers.len())),
        };
        match refusal(object.bounds, size) {
            Some(reason) => Err(reason),
            None => Ok(Object { label, ..object }),
        }
    }

    fn keypoints(&self, numbers: &[f64], size: Size) -> Result<Vec<Keypoint>, String> {
        let shape = self
            .keypoints
            .as_ref()
            .map(|points| (points.len, points.has_visibility));
        let (len, has_visibility) = shape.ok_or("data.yaml has no `kpt_shape`")?;
        let each = if has_visibility { 3 } else { 2 };
        if numbers.len() != len * each {
            return Err(self.unfit(numbers.len() + 4));
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let point = |point: &[f64]| match *point {
            [x, y] => Ok(Keypoint {
                x: x * width,
                y: y * height,
                visibility: 2,
            }),
            [x, y, visibility] if [0.0, 1.0, 2.0].contains(&visibility) => Ok(Keypoint {
                x: x * width,
                y: y * height,
                visibility: visibility as i32,
            }),
            _ => Err("a keypoint whose visibility is not 0, 1 or 2".to_owned()),
        };
        numbers.chunks_exact(each).map(point).collect()
    }

    fn unfit(&self, found: usize) -> String {
        let expected = match self.task {
            YoloTask::Detect => "4 of a box: `.task(YoloTask::Segment)` reads outlines".to_owned(),
            YoloTask::Segment => "4 of a box, or x and y of three points or more".to_owned(),
            YoloTask::Oriented => "x and y of four corners".to_owned(),
            YoloTask::Pose => {
                let points = self.keypoints.as_ref();
                let len = points.map_or(0, |points| {
                    points.len * if points.has_visibility { 3 } else { 2 }
                });
                format!("4 of a box and {len} of keypoints, as `kpt_shape` has it")
            }
        };
        format!("{found} numbers after the class, not {expected}")
    }
}

/// A number between 0 and 1, or a visibility.
fn fraction(word: &str) -> Result<f64, String> {
    let number: f64 = word.parse().map_err(|_| format!("`{word}` is no number"))?;
    let is_fraction = (-TOLERANCE..=1.0 + TOLERANCE).contains(&number);
    match is_fraction || number == 2.0 {
        true => Ok(number),
        false => Err(format!(
            "`{word}` is no fraction of the width or height of the image, which is from 0 to 1"
        )),
    }
}

/// x and y in turn, in pixels.
fn pixels(fractions: &[f64], size: Size) -> Vec<f64> {
    let scale = [f64::from(size.width), f64::from(size.height)];
    let scaled = fractions.iter().zip(scale.iter().cycle());
    scaled.map(|(fraction, scale)| fraction * scale).collect()
}

/// The box around a centre, in pixels.
pub(crate) fn around([x, y, width, height]: [f64; 4], size: Size) -> [f64; 4] {
    let (across, down) = (f64::from(size.width), f64::from(size.height));
    [
        (x - width / 2.0) * across,
        (y - height / 2.0) * down,
        (x + width / 2.0) * across,
        (y + height / 2.0) * down,
    ]
}

//! A line of a file of labels: a class, and numbers that are fractions of the image's width
//! and height.

use super::YoloTask;
use super::data::Keypoints;
use crate::annotations::object::{Keypoint, Object, bounds_of, refusal};
use crate::images::Size;
use tlc_core::ClassMap;

/// Fractions may be so much under 0 or over 1, as rounding makes them.
const TOLERANCE: f64 = 0.01;
/// Those of a box, before its keypoints.
const BOX_NUMBERS: usize = 4;

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
        let numbers = words.enumerate().map(|(at, word)| self.number(at, word));
        let numbers = numbers.collect::<Result<Vec<f64>, _>>()?;
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

    /// A number of a line, by its place after the class.
    fn number(&self, at: usize, word: &str) -> Result<f64, String> {
        let number: f64 = word.parse().map_err(|_| format!("`{word}` is no number"))?;
        let points = self.keypoints.as_ref().filter(|points| {
            self.task == YoloTask::Pose && points.has_visibility && at >= BOX_NUMBERS
        });
        let is_visibility = points.is_some_and(|points| (at - BOX_NUMBERS) % points.each() == 2);
        let is_fraction = (-TOLERANCE..=1.0 + TOLERANCE).contains(&number);
        match (is_visibility, is_fraction) {
            (true, _) if ![0.0, 1.0, 2.0].contains(&number) => Err(format!(
                "`{word}` is no visibility of a keypoint, which is 0, 1 or 2"
            )),
            (false, false) => Err(format!(
                "`{word}` is no fraction of the width or height of the image, which is from 0 to 1"
            )),
            _ => Ok(number),
        }
    }

    fn keypoints(&self, numbers: &[f64], size: Size) -> Result<Vec<Keypoint>, String> {
        let points = self.keypoints.as_ref();
        let points = points.ok_or("data.yaml has no `kpt_shape`")?;
        if numbers.len() != points.len * points.each() {
            return Err(self.unfit(numbers.len() + BOX_NUMBERS));
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let point = |point: &[f64]| match point {
            [x, y, visibility @ ..] => Keypoint {
                x: x * width,
                y: y * height,
                visibility: visibility
                    .first()
                    .map_or(2, |visibility| *visibility as i32),
            },
            _ => Keypoint::default(),
        };
        Ok(numbers.chunks_exact(points.each()).map(point).collect())
    }

    fn unfit(&self, found: usize) -> String {
        let expected = match self.task {
            YoloTask::Detect => "4 of a box: `.task(YoloTask::Segment)` reads outlines".to_owned(),
            YoloTask::Segment => "4 of a box, or x and y of three points or more".to_owned(),
            YoloTask::Oriented => "x and y of four corners".to_owned(),
            YoloTask::Pose => {
                let points = self.keypoints.as_ref();
                let len = points.map_or(0, |points| points.len * points.each());
                format!("4 of a box and {len} of keypoints, as `kpt_shape` has it")
            }
        };
        format!("{found} numbers after the class, not {expected}")
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

//! Objects as lines of labels.

use super::{position, quoted};
use crate::annotations::YoloTask;
use crate::annotations::around;
use crate::annotations::object::Object;
use crate::annotations::objects::{Objects, shortest};
use crate::images::Size;
use crate::{Error, Result};
use std::fmt::Write as _;
use std::io::Write as _;
use tlc_core::{ClassMap, Skeleton};

/// Digits after the point, at least: those of a pixel in an image of 10,000.
const DIGITS: i32 = 6;
/// Digits after the point, at most.
const MOST_DIGITS: i32 = 12;

/// Pairs of corners that are looked at for the nearest ones.
const PAIRS: usize = 10_000_000;

/// Writes lines.
pub(super) struct Writer<'a> {
    objects: &'a Objects,
    task: YoloTask,
    /// Keypoints of an object.
    keypoints: usize,
    skips_crowds: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn of(
        objects: &'a Objects,
        task: Option<YoloTask>,
        skips_crowds: bool,
    ) -> Result<Self> {
        let task = task.unwrap_or(if objects.has("keypoints") {
            YoloTask::Pose
        } else if objects.has("corners") {
            YoloTask::Oriented
        } else if objects.has("polygons") || objects.has("rle") {
            YoloTask::Segment
        } else {
            YoloTask::Detect
        });
        let needed = match task {
            YoloTask::Pose => Some("keypoints"),
            YoloTask::Oriented => Some("corners"),
            _ => None,
        };
        if let Some(field) = needed.filter(|field| !objects.has(field)) {
            let reason = format!("the boxes have no field `{field}`, which this task is about");
            return Err(Error::column(objects.name(), reason));
        }
        let mut lens = objects
            .skeletons()
            .iter()
            .map(|skeleton| skeleton.keypoints.len());
        let keypoints = lens.next().unwrap_or_default();
        if task == YoloTask::Pose && (keypoints == 0 || lens.any(|len| len != keypoints)) {
            let reason = "YOLO has one number of keypoints for all classes, which a skeleton says: \
                          give the field `keypoints` one";
            return Err(Error::column(objects.name(), reason));
        }
        Ok(Self {
            objects,
            task,
            keypoints,
            skips_crowds,
        })
    }

    /// The line of an object; empty for one that is left out.
    ///
    /// # Errors
    /// Why YOLO cannot say it.
    pub(super) fn line(&self, object: &Object, size: Size) -> std::result::Result<String, String> {
        if self.skips_crowds && object.is_crowd {
            return Ok(String::new());
        }
        if !object.bounds.iter().all(|corner| corner.is_finite()) {
            return Err("a corner of a box is no number".to_owned());
        }
        let mut line = position(self.objects.classes(), object.label)?.to_string();
        let numbers = match self.task {
            YoloTask::Detect => self.bounds(object.bounds, size).to_vec(),
            YoloTask::Segment => self.points(&outline(object)?, size),
            YoloTask::Oriented => {
                let corners = object.corners.ok_or("a box without `corners`")?;
                self.points(&corners, size)
            }
            YoloTask::Pose => self.pose(object, size)?,
        };
        for number in numbers {
            write!(line, " {number}").unwrap_or_default(); // which a text never fails to take
        }
        line.push('\n');
        Ok(line)
    }

    fn pose(&self, object: &Object, size: Size) -> std::result::Result<Vec<f64>, String> {
        let mut numbers = self.bounds(object.bounds, size).to_vec();
        let Some(points) = &object.keypoints else {
            numbers.extend(std::iter::repeat_n(0.0, self.keypoints * 3));
            return Ok(numbers);
        };
        if points.len() != self.keypoints {
            let len = points.len();
            return Err(format!(
                "{len} keypoints, its skeleton has {}",
                self.keypoints
            ));
        }
        for point in points {
            numbers.extend(self.points(&[point.x, point.y], size));
            numbers.push(f64::from(point.visibility));
        }
        Ok(numbers)
    }

    /// Centre, width and height, of so many digits that they are read as the same box.
    fn bounds(&self, bounds: [f64; 4], size: Size) -> [f64; 4] {
        let (across, down) = (f64::from(size.width), f64::from(size.height));
        let is_inside =
            |[x0, y0, x1, y1]: [f64; 4]| x0 >= 0.0 && y0 >= 0.0 && x1 <= across && y1 <= down;
        let fits = |number: [f64; 4]| number.iter().all(|number| (0.0..=1.0).contains(number));
        let exact = fractions(bounds, size);
        let bounds = match fits(exact) || is_inside(bounds) {
            true => bounds,
            false => {
                let [x0, y0, x1, y1] = bounds;
                [
                    x0.clamp(0.0, across),
                    y0.clamp(0.0, down),
                    x1.clamp(0.0, across),
                    y1.clamp(0.0, down),
                ]
            }
        };
        let exact = fractions(bounds, size);
        let same = |rounded: &[f64; 4]| {
            let read = around(*rounded, size).map(|corner| corner as f32);
            self.objects.is_single() && read == bounds.map(|corner| corner as f32)
        };
        let mut rounded = (DIGITS..=MOST_DIGITS).map(|digits| exact.map(|one| round(one, digits)));
        rounded
            .find(same)
            .unwrap_or_else(|| exact.map(|one| round(one, MOST_DIGITS)))
    }

    /// x and y in turn, as fractions.
    fn points(&self, points: &[f64], size: Size) -> Vec<f64> {
        let scale = [f64::from(size.width), f64::from(size.height)];
        let fraction = |(point, scale): (&f64, &f64)| {
            let exact = (point / scale).clamp(0.0, 1.0);
            let same = |rounded: f64| {
                self.objects.is_single() && (rounded * scale) as f32 == *point as f32
            };
            match shortest(exact, DIGITS, same) {
                // None was the same: it has been cut off, or has more than 32 bits.
                number if number == exact => round(exact, MOST_DIGITS),
                number => number,
            }
        };
        points
            .iter()
            .zip(scale.iter().cycle())
            .map(fraction)
            .collect()
    }

    /// What `data.yaml` says of keypoints.
    pub(super) fn keypoints(&self, classes: &ClassMap, out: &mut Vec<u8>) -> Result<()> {
        if self.task != YoloTask::Pose {
            return Ok(());
        }
        let skeletons = self.objects.skeletons();
        writeln!(out, "kpt_shape: [{}, 3]", self.keypoints).unwrap_or_default();
        if let Some(skeleton) = skeletons.iter().find(|one| !one.mirrored.is_empty()) {
            writeln!(out, "flip_idx: {:?}", skeleton.mirrored).unwrap_or_default();
        }
        out.extend_from_slice(b"kpt_names:\n");
        for (place, id) in classes.ids().enumerate() {
            let of_class = |skeleton: &&Skeleton| skeleton.class.is_none_or(|class| class == id);
            let Some(skeleton) = skeletons.iter().find(of_class) else {
                continue;
            };
            write!(out, "  {place}: [").unwrap_or_default();
            for (at, name) in skeleton.keypoints.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                quoted(name, out)?;
            }
            out.extend_from_slice(b"]\n");
        }
        Ok(())
    }
}

/// Centre, width and height of a box, as fractions of the image.
fn fractions([x0, y0, x1, y1]: [f64; 4], size: Size) -> [f64; 4] {
    let (across, down) = (f64::from(size.width), f64::from(size.height));
    [
        (x0 + x1) / 2.0 / across,
        (y0 + y1) / 2.0 / down,
        (x1 - x0) / across,
        (y1 - y0) / down,
    ]
}

fn round(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

/// The outline of an object: of several one, of none that of its box.
fn outline(object: &Object) -> std::result::Result<Vec<f64>, String> {
    if object.rle.is_some() {
        return Err(
            "a mask of run lengths, of which YOLO has none: leave crowds out by \
                    `.skip_crowds()`, or write boxes by `.task(YoloTask::Detect)`"
                .to_owned(),
        );
    }
    let mut parts = object.polygons.iter().flatten();
    let Some(first) = parts.next() else {
        let [x0, y0, x1, y1] = object.bounds;
        return Ok(vec![x0, y0, x1, y0, x1, y1, x0, y1]);
    };
    Ok(parts.fold(first.clone(), |joined, part| join(&joined, part)))
}

/// One outline of two, by a line there and back between their nearest corners.
fn join(one: &[f64], other: &[f64]) -> Vec<f64> {
    let (one, other) = (corners(one), corners(other));
    let apart = |[ax, ay]: [f64; 2], [bx, by]: [f64; 2]| (ax - bx).powi(2) + (ay - by).powi(2);
    let mut nearest = (f64::INFINITY, 0, 0);
    // Of outlines with very many corners the first ones will do.
    let some = PAIRS / other.len().clamp(1, PAIRS);
    for (from, corner) in one.iter().enumerate().take(some) {
        for (to, target) in other.iter().enumerate().take(PAIRS) {
            let distance = apart(*corner, *target);
            if distance < nearest.0 {
                nearest = (distance, from, to);
            }
        }
    }
    let (_, from, to) = nearest;
    let (before, after) = one.split_at_checked(from + 1).unwrap_or((&one, &[]));
    let there = other.iter().cycle().skip(to).take(other.len() + 1);
    let joined = before.iter().chain(there).chain(before.last()).chain(after);
    joined.flatten().copied().collect()
}

fn corners(outline: &[f64]) -> Vec<[f64; 2]> {
    let corner = |corner: &[f64]| corner.try_into().ok();
    outline.chunks_exact(2).filter_map(corner).collect()
}

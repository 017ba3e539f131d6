//! The boxes of a batch on the host, checked, image by image.

use super::NAME;
use super::bounds::{Bounds, BoxFormat};
use crate::collect::HostBatch;
use crate::{Error, ExampleId, Result};

/// Names of the tensors that are read back.
pub(super) const PREDICTED: Names = Names {
    boxes: "predicted boxes",
    labels: "predicted labels",
    counts: "predicted counts",
};
pub(super) const TRUTH: Names = Names {
    boxes: "true boxes",
    labels: "true labels",
    counts: "true counts",
};
pub(super) const SCORES: &str = "scores";
pub(super) const CROWDS: &str = "crowds";
pub(super) const AREAS: &str = "areas";

pub(super) struct Names {
    pub(super) boxes: &'static str,
    pub(super) labels: &'static str,
    pub(super) counts: &'static str,
}

/// A predicted box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Predicted {
    /// Place among the image's boxes by falling score.
    pub(super) index: usize,
    pub(super) bounds: Bounds,
    pub(super) score: f32,
    pub(super) class: usize,
}

/// A ground truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub(super) bounds: Bounds,
    pub(super) class: usize,
    pub(super) is_crowd: bool,
    pub(super) area: f64,
}

/// The boxes of one image.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// By falling score, equal ones in the order they came in.
    pub(super) predicted: Vec<Predicted>,
    pub(super) truths: Vec<Truth>,
}

impl Image {
    /// The images of a batch.
    pub(super) fn read(batch: &HostBatch, format: BoxFormat, classes: usize) -> Result<Vec<Self>> {
        let predicted = Boxes::read(batch, &PREDICTED, format, classes)?;
        let truths = Boxes::read(batch, &TRUTH, format, classes)?;
        let scores = batch.floats(SCORES)?;
        let crowds = optional(batch, CROWDS, |name| batch.ints(name))?;
        let areas = optional(batch, AREAS, |name| batch.floats(name))?;
        let ids = batch.example_ids().iter().enumerate();
        let images = ids.map(|(at, example_id)| {
            Ok(Self {
                predicted: by_falling_score(&predicted, at, *example_id, &scores)?,
                truths: truths.image(at, *example_id, |slot, bounds, class| {
                    let area = areas.as_ref().and_then(|areas| areas.get(slot));
                    let area = area.copied().filter(|area| !area.is_nan());
                    let crowd = crowds.as_ref().and_then(|crowds| crowds.get(slot));
                    Ok(Truth {
                        bounds,
                        class,
                        is_crowd: crowd.is_some_and(|crowd| *crowd != 0),
                        area: area.map_or(bounds.area(), f64::from),
                    })
                })?,
            })
        });
        images.collect()
    }
}

fn by_falling_score(
    boxes: &Boxes<'_>,
    at: usize,
    example_id: ExampleId,
    scores: &[f32],
) -> Result<Vec<Predicted>> {
    let mut predicted = boxes.image(at, example_id, |slot, bounds, class| {
        let score = scores.get(slot).copied().unwrap_or(f32::NAN);
        if !score.is_finite() {
            return Err(refused(SCORES, example_id, format!("a score is {score}")));
        }
        Ok(Predicted {
            index: 0,
            bounds,
            score,
            class,
        })
    })?;
    predicted.sort_by(|a, b| {
        b.score
            .partial_cmp(&a.score)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for (index, found) in predicted.iter_mut().enumerate() {
        found.index = index;
    }
    Ok(predicted)
}

/// Padded boxes of one side.
struct Boxes<'a> {
    names: &'a Names,
    format: BoxFormat,
    classes: usize,
    max: usize,
    bounds: Vec<f32>,
    labels: Vec<i64>,
    counts: Vec<i64>,
}

impl<'a> Boxes<'a> {
    fn read(
        batch: &HostBatch,
        names: &'a Names,
        format: BoxFormat,
        classes: usize,
    ) -> Result<Self> {
        Ok(Self {
            names,
            format,
            classes,
            max: batch.dims(names.boxes)?.get(1).copied().unwrap_or_default(),
            bounds: batch.floats(names.boxes)?,
            labels: batch.ints(names.labels)?,
            counts: batch.ints(names.counts)?,
        })
    }

    /// The boxes of an image that count, each made by a closure of its place among the
    /// values of the batch, its bounds and its class.
    fn image<T>(
        &self,
        at: usize,
        example_id: ExampleId,
        make: impl Fn(usize, Bounds, usize) -> Result<T>,
    ) -> Result<Vec<T>> {
        let count = self.counts.get(at).copied().unwrap_or_default();
        let in_range = usize::try_from(count)
            .ok()
            .filter(|count| *count <= self.max);
        let count = in_range.ok_or_else(|| {
            let reason = format!("{count} boxes are not in 0..={}, the padding", self.max);
            refused(self.names.counts, example_id, reason)
        })?;
        let slots = at * self.max..at * self.max + count;
        slots
            .map(|slot| {
                let class = self.class(slot, example_id)?;
                make(slot, self.bounds_at(slot, example_id)?, class)
            })
            .collect()
    }

    fn class(&self, slot: usize, example_id: ExampleId) -> Result<usize> {
        let label = self.labels.get(slot).copied().unwrap_or(-1);
        let class = usize::try_from(label).ok();
        class.filter(|class| *class < self.classes).ok_or_else(|| {
            let reason = format!("label {label} is not in 0..{}", self.classes);
            refused(self.names.labels, example_id, reason)
        })
    }

    fn bounds_at(&self, slot: usize, example_id: ExampleId) -> Result<Bounds> {
        let numbers = self.bounds.get(slot * 4..slot * 4 + 4);
        let numbers = numbers.and_then(|four| <[f32; 4]>::try_from(four).ok());
        let numbers = numbers.unwrap_or([f32::NAN; 4]);
        let refused = |reason| Err(refused(self.names.boxes, example_id, reason));
        if !numbers.iter().all(|number| number.is_finite()) {
            return refused(format!("box {numbers:?} is not finite"));
        }
        let bounds = Bounds::new(numbers, self.format);
        if bounds.width < 0.0 || bounds.height < 0.0 {
            let reason = "has a negative width or height: is its format";
            return refused(format!("box {numbers:?} {reason} {:?}?", self.format));
        }
        Ok(bounds)
    }
}

fn optional<T>(
    batch: &HostBatch,
    name: &str,
    read: impl FnOnce(&str) -> Result<T>,
) -> Result<Option<T>> {
    batch.dims(name).is_ok().then(|| read(name)).transpose()
}

fn refused(column: &str, example_id: ExampleId, reason: String) -> Error {
    Error::Sample {
        collector: NAME.to_owned(),
        column: column.to_owned(),
        example_id: example_id.0,
        reason,
    }
}

//! The boxes of a batch class by class, and how they overlap: worked out once a batch,
//! for the columns and for the averages.

use super::average_precision::MAX_DETECTIONS;
use super::bounds::BoxFormat;
use super::images::{Image, Predicted, Truth};
use super::matching::Matching;
use crate::Result;
use crate::collect::HostBatch;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads the boxes of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct BoxReader {
    pub(super) format: BoxFormat,
    pub(super) classes: usize,
    /// Boxes below it are in no column.
    pub(super) score_threshold: f32,
}

/// The boxes of one image.
pub(super) struct ByClass {
    /// By falling score.
    pub(super) predicted: Vec<Predicted>,
    pub(super) classes: BTreeMap<usize, OfClass>,
}

/// The boxes of one class in one image, in the image's order.
#[derive(Default)]
pub(super) struct OfClass {
    pub(super) predicted: Vec<Predicted>,
    pub(super) truths: Vec<Truth>,
    /// Of the predicted boxes that are in a column or can count in the averages.
    pub(super) matching: Matching,
}

impl BoxReader {
    /// The images of a batch.
    pub(super) fn images(self, batch: &HostBatch) -> Result<Arc<Vec<ByClass>>> {
        batch.once(|| {
            let images = Image::read(batch, self.format, self.classes)?;
            Ok(images
                .into_iter()
                .map(|image| self.by_class(image))
                .collect())
        })
    }

    /// How many boxes, by falling score, are in a column.
    pub(super) fn kept(self, predicted: &[Predicted]) -> usize {
        predicted.partition_point(|found| found.score >= self.score_threshold)
    }

    fn by_class(self, image: Image) -> ByClass {
        let mut classes = BTreeMap::<usize, OfClass>::new();
        for found in &image.predicted {
            let class = classes.entry(found.class).or_default();
            class.predicted.push(*found);
        }
        for truth in image.truths {
            classes.entry(truth.class).or_default().truths.push(truth);
        }
        for class in classes.values_mut() {
            let needed = self.kept(&class.predicted).max(MAX_DETECTIONS);
            let predicted = class.predicted.get(..needed).unwrap_or(&class.predicted);
            class.matching = Matching::new(predicted, &class.truths);
        }
        ByClass {
            predicted: image.predicted,
            classes,
        }
    }
}

//! Semantic segmentation: loss, accuracy, overlap and predicted mask of each sample.

mod counts;
mod device;
mod input;
mod mask;
mod pixels;
mod summary;

pub use self::input::SegmentationInput;

use self::counts::Counts;
use self::pixels::{NO_CLASS, Pixels};
use self::summary::SegmentationSummary;
use super::classes::Classes;
use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::readback::Readback;
use super::summary::Summary;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::activation::log_softmax;
use rayon::prelude::*;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, FixedSizeListArray, Float32Array};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{Column, Columns, IntoClassMap, Role, ValueType};

const NAME: &str = "segmentation";

/// Collects `loss`, `pixel_accuracy`, `mean_iou`, `iou` and `predicted_mask` from logits
/// and the true class of every pixel.
///
/// - `loss` is the mean cross-entropy of the pixels, `pixel_accuracy` the fraction of
///   them that is right.
/// - `iou` is a list with the intersection over union of each class, null for a class
///   that is neither in the sample's prediction nor in its target; `mean_iou` is the
///   mean over the others.
/// - `predicted_mask` is a PNG of one grey channel whose values are the ids of classes; the
///   classes stand in the column's schema.
///
/// Pixels of the ignore index count nowhere; a sample that has no other has null for
/// loss, accuracy and mean. A pixel whose logits hold a NaN makes the loss NaN, counts
/// as wrong, and is void in the mask, or the first class where nothing is void.
///
/// Over all pixels of the collection together, `dataset_pixel_accuracy` and
/// `dataset_mean_iou` are logged to the run, and the stream `per_class_metrics` gets
/// a table of `class`, `iou`, `precision`, `recall` and `support`, in pixels.
///
/// # Shapes
/// - logits: `[batch, classes, height, width]`
/// - targets: `[batch, height, width]`, positions among the classes: see
///   [`ClassMap::position`](tlc_core::ClassMap::position)
///
/// ```
/// use tlc_burn::{MetricsCollector, Segmentation};
///
/// let collector = Segmentation::new(["road", "car", "sky"]).ignore_index(255);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(names, ["loss", "pixel_accuracy", "mean_iou", "iou", "predicted_mask"]);
/// ```
#[derive(Clone, Debug)]
pub struct Segmentation {
    classes: Classes,
    ignore_index: Option<i64>,
    masks: bool,
}

impl Segmentation {
    /// With the classes, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are the pixels of the predicted
    /// masks. Its void is ignored in targets, if it is not a position of a class there.
    pub fn new(classes: impl IntoClassMap) -> Self {
        let classes = Classes::new(classes);
        let void = classes.map().void().map(i64::from);
        let is_position = |void: i64| usize::try_from(void).is_ok_and(|void| void < classes.len());
        Self {
            ignore_index: void.filter(|void| !is_position(*void)),
            classes,
            masks: true,
        }
    }

    /// Sets the target of pixels that count nowhere, such as 255 or -100.
    #[must_use]
    pub fn ignore_index(mut self, index: i64) -> Self {
        self.ignore_index = Some(index);
        self
    }

    /// Sets whether predicted masks are kept.
    #[must_use]
    pub fn masks(mut self, keep: bool) -> Self {
        self.masks = keep;
        self
    }

    fn check(&self, input: &SegmentationInput) -> Result<()> {
        let (logits, targets) = (input.logits.dims(), input.targets.dims());
        let [batch, classes, height, width] = logits;
        self.classes.check(NAME, &logits)?;
        if self.masks && classes > mask::MAX_CLASSES {
            let reason = format!("a mask cannot tell {classes} classes apart: use masks(false)");
            return Err(Error::collector(NAME, reason));
        }
        let mut ids = self.classes.map().ids().chain(self.classes.map().void());
        if self.masks
            && let Some(id) = ids.find(|id| u16::try_from(*id).is_err())
        {
            let reason = format!("no pixel of a mask can be {id}: use masks(false)");
            return Err(Error::collector(NAME, reason));
        }
        let shape = |column: &str, expected: String, found: &[usize]| Error::Shape {
            collector: NAME.to_owned(),
            column: column.to_owned(),
            expected,
            found: found.to_vec(),
        };
        if height == 0 || width == 0 {
            let expected = "[batch, classes, 1 or more, 1 or more]".to_owned();
            return Err(shape("predicted_mask", expected, &logits));
        }
        if targets != [batch, height, width] {
            let expected = format!("[{batch}, {height}, {width}] for targets of logits {logits:?}");
            return Err(shape("loss", expected, &targets));
        }
        Ok(())
    }

    fn masks_of(&self, pixels: &Pixels<'_>) -> Result<Vec<Vec<u8>>> {
        let size = pixels
            .size()
            .map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let values = mask::Values::of(self.classes.map());
        let masks = pixels
            .predicted()
            .map(|predicted| mask::encode(predicted, size, &values));
        masks
            .collect::<Result<_, _>>()
            .map_err(|error| Error::collector(NAME, error))
    }

    fn iou(&self, samples: &[Counts]) -> Result<ArrayRef> {
        let classes = samples.iter().flat_map(Counts::classes);
        let iou: Float32Array = classes
            .map(|class| class.iou().map(|iou| iou as f32))
            .collect();
        let item = Arc::new(Field::new_list_field(DataType::Float32, true));
        let len = i32::try_from(self.classes.len()).unwrap_or(i32::MAX);
        FixedSizeListArray::try_new(item, len, Arc::new(iou), None)
            .map(|list| Arc::new(list) as ArrayRef)
            .map_err(|error| Error::collector(NAME, error))
    }
}

impl MetricsCollector for Segmentation {
    type Input = SegmentationInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let metric = |name: &str, description: &str| {
            Column::metric(name).nullable(true).description(description)
        };
        let iou = ValueType::List {
            item: Box::new(ValueType::Float32),
            len: Some(self.classes.len()),
        };
        let mask = ValueType::segmentation_mask(self.classes.map());
        let mask = Column::new("predicted_mask", mask)
            .description("class with the largest logit of each pixel")
            .role(Role::Prediction);
        let columns = [
            metric("loss", "mean cross-entropy of the pixels").unit("nats"),
            metric("pixel_accuracy", "fraction of pixels that are right"),
            metric("mean_iou", "mean over the classes in prediction or target"),
            Column::new("iou", iou)
                .description("intersection over union of each class, in their order")
                .visible(false),
        ];
        columns
            .into_iter()
            .chain(self.masks.then_some(mask))
            .collect()
    }

    fn compute(
        &self,
        input: SegmentationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        self.check(&input)?;
        let SegmentationInput { logits, targets } = input;
        readback.note_shape("logits", logits.dims());
        let log_probabilities = log_softmax(logits, 1);
        let losses = device::losses(log_probabilities.clone(), targets.clone());
        // No logit is the largest beside a NaN.
        let predicted = log_probabilities
            .argmax(1)
            .squeeze_dim::<3>(1)
            .mask_fill(losses.clone().is_nan(), NO_CLASS);
        let loss = device::sum(losses, &targets, self.ignore_index);
        readback.register("loss", loss)?;
        readback.register("predicted", predicted)?;
        readback.register("targets", targets)
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let pixels = Pixels::of(batch)?;
        let samples = batch.once(|| pixels.counts(self.classes.len(), self.ignore_index))?;
        let losses = batch.floats("loss")?;
        let losses = losses.iter().zip(&*samples).map(|(sum, counts)| {
            let pixels = counts.pixels();
            (pixels > 0).then(|| sum / pixels as f32)
        });
        let of_each = |value: fn(&Counts) -> Option<f64>| -> ArrayRef {
            let values = samples
                .iter()
                .map(|counts| value(counts).map(|value| value as f32));
            Arc::new(values.collect::<Float32Array>())
        };
        let mut columns = Columns::new()
            .column(
                "loss",
                Arc::new(losses.collect::<Float32Array>()) as ArrayRef,
            )
            .column("pixel_accuracy", of_each(Counts::accuracy))
            .column("mean_iou", of_each(Counts::mean_iou))
            .column("iou", self.iou(&samples)?);
        if self.masks {
            columns.push("predicted_mask", self.masks_of(&pixels)?);
        }
        Ok(columns)
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        let classes = self.classes.map().clone();
        Some(Box::new(SegmentationSummary::new(
            classes,
            self.ignore_index,
        )))
    }
}

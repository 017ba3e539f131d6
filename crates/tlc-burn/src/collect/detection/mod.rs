//! Detection: predicted boxes of each image, what they found, and COCO's averages.

mod average_precision;
mod bounds;
mod by_class;
mod columns;
mod images;
mod input;
mod matching;
mod summary;

pub use self::bounds::BoxFormat;
pub use self::input::{
    DetectionInput, GroundTruthBox, GroundTruthBoxes, PredictedBox, PredictedBoxes,
};

use self::by_class::BoxReader;
use self::columns::Matched;
use self::images::{AREAS, CROWDS, Names, PREDICTED, SCORES, TRUTH};
use self::summary::DetectionSummary;
use super::collector::MetricsCollector;
use super::host::HostBatch;
use super::readback::Readback;
use super::summary::Summary;
use crate::tap::Activations;
use crate::{Error, Result};
use burn::tensor::{Int, Tensor};
use tlc_core::{ClassMap, Column, Columns, IntoClassMap};

const NAME: &str = "detection";

/// Collects `predicted_boxes`, `tp`, `fp` and `fn` of each image from predicted boxes and
/// ground truth.
///
/// - `predicted_boxes` lists, by falling confidence, structs of the corners `x0`, `y0`,
///   `x1`, `y1`, the `label`, the `confidence` and the `iou` with the ground truth that
///   the box found, 0 if it found none.
/// - `tp` counts boxes that found a ground truth, `fp` those that found none, `fn`
///   ground truths that no box found.
///
/// Boxes are matched as pycocotools does it: class by class, box after box by falling
/// score, each to the free ground truth that it overlaps most. A box that finds a crowd
/// is neither right nor wrong, and a crowd need not be found. Columns leave out boxes
/// below the score threshold, the averages below do not.
///
/// Over the collection COCO's averages are logged to the run, equal to pycocotools' on
/// the same boxes: `map` (IoU 0.50 to 0.95), `map_50`, `map_75`, `map_small`,
/// `map_medium`, `map_large`, `mar_1`, `mar_10`, `mar_100`, `mar_small`, `mar_medium`,
/// `mar_large`. One without any ground truth, for which pycocotools says -1, is left out.
/// The stream `per_class_metrics` gets a table of `class`, `ap`, `ap_50`, `num_images`
/// and `num_instances`. For this every predicted box is kept in memory until the end, in
/// 24 bytes; `without_aggregates` does without.
///
/// # Shapes
/// - predicted boxes, ground truth boxes: `[batch, max, 4]`
/// - scores, labels, crowds, areas: `[batch, max]`
/// - counts: `[batch]`
///
/// ```
/// use tlc_burn::{BoxFormat, Detection, MetricsCollector};
///
/// let collector = Detection::new(["person", "car"]).format(BoxFormat::Xywh);
/// let names = collector.columns().into_iter().map(|column| column.name).collect::<Vec<_>>();
/// assert_eq!(names, ["predicted_boxes", "tp", "fp", "fn"]);
/// ```
#[derive(Clone, Debug)]
pub struct Detection {
    classes: ClassMap,
    format: BoxFormat,
    is_relative: bool,
    iou_threshold: f64,
    score_threshold: f32,
}

impl Detection {
    /// With the classes, in the order of the model's outputs: names, whose ids are 0 to n-1,
    /// or a [`ClassMap`](tlc_core::ClassMap), whose ids are what is written. Labels of boxes
    /// that are given are positions among them.
    pub fn new(classes: impl IntoClassMap) -> Self {
        Self {
            classes: classes.into_class_map(),
            format: BoxFormat::Xyxy,
            is_relative: false,
            iou_threshold: 0.5,
            score_threshold: 0.05,
        }
    }

    /// Sets what the numbers of a box mean, of predictions and ground truth; the default
    /// is [`BoxFormat::Xyxy`].
    #[must_use]
    pub fn format(mut self, format: BoxFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets whether boxes are in fractions of the image's width and height instead of
    /// pixels. Small, medium and large are pixels, so averages by area are left out then.
    #[must_use]
    pub fn relative(mut self, is_relative: bool) -> Self {
        self.is_relative = is_relative;
        self
    }

    /// Sets the overlap from which a box finds a ground truth, for the columns; the
    /// default is 0.5.
    #[must_use]
    pub fn iou_threshold(mut self, iou: f64) -> Self {
        self.iou_threshold = iou;
        self
    }

    /// Sets the score below which a box is in no column; the default is 0.05.
    #[must_use]
    pub fn score_threshold(mut self, score: f32) -> Self {
        self.score_threshold = score;
        self
    }

    fn reader(&self) -> BoxReader {
        BoxReader {
            format: self.format,
            classes: self.classes.len(),
            score_threshold: self.score_threshold,
        }
    }

    fn boxes_column(&self) -> Column {
        let unit = if self.is_relative { "fraction" } else { "px" };
        columns::boxes_column(&self.classes, unit)
    }
}

impl MetricsCollector for Detection {
    type Input = DetectionInput;

    fn name(&self) -> &str {
        NAME
    }

    fn columns(&self) -> Vec<Column> {
        let counts = columns::count_columns();
        [self.boxes_column()].into_iter().chain(counts).collect()
    }

    fn compute(
        &self,
        input: DetectionInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> Result<()> {
        let DetectionInput {
            predicted,
            ground_truth: truth,
        } = input;
        let max = [predicted.boxes.dims()[1], truth.boxes.dims()[1]];
        check(SCORES, predicted.scores.dims(), max[0])?;
        register(
            readback,
            &PREDICTED,
            predicted.boxes,
            predicted.labels,
            predicted.counts,
        )?;
        readback.register(SCORES, predicted.scores)?;
        register(readback, &TRUTH, truth.boxes, truth.labels, truth.counts)?;
        if let Some(crowds) = truth.crowds {
            check(CROWDS, crowds.dims(), max[1])?;
            readback.register(CROWDS, crowds.int())?;
        }
        if let Some(areas) = truth.areas {
            check(AREAS, areas.dims(), max[1])?;
            readback.register(AREAS, areas)?;
        }
        Ok(())
    }

    fn collect(&self, batch: &HostBatch) -> Result<Columns> {
        let reader = self.reader();
        let images = reader.images(batch)?;
        let matched = images.iter();
        let matched = matched.map(|image| Matched::new(image, reader, self.iou_threshold));
        let matched: Vec<_> = matched.collect();
        columns::columns(&matched, &self.classes, &self.boxes_column())
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        let (names, in_pixels) = (self.classes.clone(), !self.is_relative);
        Some(Box::new(DetectionSummary::new(
            names,
            self.reader(),
            in_pixels,
        )))
    }
}

fn register(
    readback: &mut Readback,
    names: &Names,
    boxes: Tensor<3>,
    labels: Tensor<2, Int>,
    counts: Tensor<1, Int>,
) -> Result<()> {
    let [batch, max, numbers] = boxes.dims();
    if numbers != 4 {
        let expected = format!("[{batch}, {max}, 4]");
        return Err(shape(names.boxes, expected, &boxes.dims()));
    }
    check(names.labels, labels.dims(), max)?;
    readback.register(names.boxes, boxes)?;
    readback.register(names.labels, labels)?;
    readback.register(names.counts, counts)
}

/// Refuses values for another number of boxes than there are.
fn check(column: &str, found: [usize; 2], max: usize) -> Result<()> {
    if found[1] == max {
        return Ok(());
    }
    let expected = format!("[{}, {max}] for {max} boxes an image", found[0]);
    Err(shape(column, expected, &found))
}

fn shape(column: &str, expected: String, found: &[usize]) -> Error {
    Error::Shape {
        collector: NAME.to_owned(),
        column: column.to_owned(),
        expected,
        found: found.to_vec(),
    }
}

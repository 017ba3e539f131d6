//! What detection needs of a model's output: boxes in tensors, or lists of them that
//! are on the host already.

use crate::collect::CollectorInput;
use burn::prelude::Device;
use burn::tensor::{Bool, Int, Tensor, TensorData};

/// Predicted boxes and ground truth of a batch. It can be a model's output as it stands.
#[derive(Clone, Debug)]
pub struct DetectionInput {
    /// What the model found.
    pub predicted: PredictedBoxes,
    /// What is there.
    pub ground_truth: GroundTruthBoxes,
}

impl DetectionInput {
    /// Predicted boxes and ground truth of the same images.
    #[must_use]
    pub fn new(predicted: PredictedBoxes, ground_truth: GroundTruthBoxes) -> Self {
        Self {
            predicted,
            ground_truth,
        }
    }
}

impl CollectorInput for DetectionInput {}

/// The boxes that a model finds in each image, after non-maximum suppression, padded to
/// the same number: of image `i` the first `counts[i]` count, whatever follows them.
///
/// # Shapes
/// - boxes: `[batch, max, 4]`, in the collector's [`BoxFormat`](crate::BoxFormat)
/// - scores, labels: `[batch, max]`
/// - counts: `[batch]`
#[derive(Clone, Debug)]
pub struct PredictedBoxes {
    /// `[batch, max, 4]`.
    pub boxes: Tensor<3>,
    /// `[batch, max]`; a larger score is a surer one.
    pub scores: Tensor<2>,
    /// Class indices, `[batch, max]`.
    pub labels: Tensor<2, Int>,
    /// Boxes of each image, `[batch]`.
    pub counts: Tensor<1, Int>,
}

impl PredictedBoxes {
    /// The boxes of each image, in any order, from the host. The tensors are made on the
    /// device where the rest of the batch is, for all to come back together.
    ///
    /// ```
    /// use tlc_burn::{PredictedBox, PredictedBoxes};
    ///
    /// let device = tlc_burn::device("cpu")?;
    /// let found = PredictedBox::new([10.0, 20.0, 30.0, 40.0], 0.9, 1);
    /// let predicted = PredictedBoxes::from_lists(&[vec![found], vec![]], &device);
    /// assert_eq!(predicted.boxes.dims(), [2, 1, 4]);
    /// # Ok::<(), tlc_burn::Error>(())
    /// ```
    #[must_use]
    pub fn from_lists(images: &[Vec<PredictedBox>], device: &Device) -> Self {
        let lists = Padded::new(images, device);
        Self {
            boxes: lists.boxes(|found| found.bounds),
            scores: lists.floats(|found| found.score, 0.0),
            labels: lists.ints(|found| found.label),
            counts: lists.counts(),
        }
    }
}

/// The boxes that are in each image, padded as [`PredictedBoxes`] are.
///
/// # Shapes
/// - boxes: `[batch, max, 4]`, in the collector's [`BoxFormat`](crate::BoxFormat)
/// - labels, crowds, areas: `[batch, max]`
/// - counts: `[batch]`
#[derive(Clone, Debug)]
pub struct GroundTruthBoxes {
    /// `[batch, max, 4]`.
    pub boxes: Tensor<3>,
    /// Class indices, `[batch, max]`.
    pub labels: Tensor<2, Int>,
    /// Which boxes are crowds, COCO's `iscrowd`, `[batch, max]`; `None` if none is.
    pub crowds: Option<Tensor<2, Bool>>,
    /// COCO's `area`, which is that of the object's outline, `[batch, max]`. Where it
    /// is NaN or `None`, the area of the box counts.
    pub areas: Option<Tensor<2>>,
    /// Boxes of each image, `[batch]`.
    pub counts: Tensor<1, Int>,
}

impl GroundTruthBoxes {
    /// The boxes of each image from the host, as
    /// [`PredictedBoxes::from_lists`].
    #[must_use]
    pub fn from_lists(images: &[Vec<GroundTruthBox>], device: &Device) -> Self {
        let lists = Padded::new(images, device);
        let crowds = lists.ints(|truth| i32::from(truth.is_crowd));
        Self {
            boxes: lists.boxes(|truth| truth.bounds),
            labels: lists.ints(|truth| truth.label),
            crowds: Some(crowds.equal_elem(1)),
            areas: Some(lists.floats(|truth| truth.area.unwrap_or(f32::NAN), f32::NAN)),
            counts: lists.counts(),
        }
    }
}

/// A box that a model found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedBox {
    /// In the collector's [`BoxFormat`](crate::BoxFormat).
    pub bounds: [f32; 4],
    /// A larger score is a surer one.
    pub score: f32,
    /// Class index.
    pub label: i32,
}

impl PredictedBox {
    /// A box, its score and its class.
    #[must_use]
    pub fn new(bounds: [f32; 4], score: f32, label: i32) -> Self {
        Self {
            bounds,
            score,
            label,
        }
    }
}

/// A box that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundTruthBox {
    /// In the collector's [`BoxFormat`](crate::BoxFormat).
    pub bounds: [f32; 4],
    /// Class index.
    pub label: i32,
    /// Whether it stands for many objects that nobody told apart.
    pub is_crowd: bool,
    /// Area of the object's outline, if known.
    pub area: Option<f32>,
}

impl GroundTruthBox {
    /// A box and its class: one object, with the area of the box.
    #[must_use]
    pub fn new(bounds: [f32; 4], label: i32) -> Self {
        Self {
            bounds,
            label,
            is_crowd: false,
            area: None,
        }
    }

    /// Sets whether it is a crowd.
    #[must_use]
    pub fn crowd(mut self, is_crowd: bool) -> Self {
        self.is_crowd = is_crowd;
        self
    }

    /// Sets the area of the object's outline.
    #[must_use]
    pub fn area(mut self, area: f32) -> Self {
        self.area = Some(area);
        self
    }
}

/// Lists of different lengths on their way to tensors `[batch, max, ..]`.
struct Padded<'a, T> {
    images: &'a [Vec<T>],
    max: usize,
    device: &'a Device,
}

impl<'a, T> Padded<'a, T> {
    fn new(images: &'a [Vec<T>], device: &'a Device) -> Self {
        // A tensor without values is more than some backends can bear.
        let max = images.iter().map(Vec::len).max().unwrap_or_default().max(1);
        Self {
            images,
            max,
            device,
        }
    }

    fn values<V: Clone>(&self, value: impl Fn(&T) -> V, padding: &V) -> Vec<V> {
        let padded = |image: &Vec<T>| {
            let mut values: Vec<V> = image.iter().map(&value).collect();
            values.resize(self.max, padding.clone());
            values
        };
        self.images.iter().flat_map(padded).collect()
    }

    fn boxes(&self, bounds: impl Fn(&T) -> [f32; 4]) -> Tensor<3> {
        let values = self.values(bounds, &[0.0; 4]).concat();
        let data = TensorData::new(values, [self.images.len(), self.max, 4]);
        Tensor::from_data(data, self.device)
    }

    fn floats(&self, value: impl Fn(&T) -> f32, padding: f32) -> Tensor<2> {
        let data = self.values(value, &padding);
        let data = TensorData::new(data, [self.images.len(), self.max]);
        Tensor::from_data(data, self.device)
    }

    fn ints(&self, value: impl Fn(&T) -> i32) -> Tensor<2, Int> {
        let data = TensorData::new(self.values(value, &0), [self.images.len(), self.max]);
        Tensor::from_data(data, self.device)
    }

    fn counts(&self) -> Tensor<1, Int> {
        let counts = self.images.iter().map(|image| image.len() as i32);
        let data = TensorData::new(counts.collect::<Vec<_>>(), [self.images.len()]);
        Tensor::from_data(data, self.device)
    }
}

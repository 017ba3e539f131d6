//! A self-check: whether a device computes what the CPU does.

use super::forward::{ComputedBatch, ForwardPass};
use crate::collect::{AnyCollector, Collectors, HostBatch, IntoCollectors};
use crate::map::{Sample, Samples};
use crate::predict::{OnDevice, Predict, Predictor};
use crate::{Result, device};
use burn::data::dataloader::batcher::Batcher;
use serde::de::DeserializeOwned;

/// Above it a difference is no matter of the order of sums.
const TOLERANCE: f32 = 1e-3;

/// Runs the first batch of samples on the predictor's device and on the CPU, and
/// compares all that the collectors read back.
///
/// Kernels of a GPU are fused, tuned and compiled by its driver, and each of these has
/// been wrong somewhere before: this tells, on one's own model and data, whether they
/// are here. A difference above 0.001 is logged as a warning.
///
/// ```
/// # use burn::data::dataloader::batcher::Batcher;
/// # use burn::nn::{Linear, LinearConfig};
/// # use burn::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use tlc_core::{Table, TableOptions, Url};
/// use tlc_burn::prelude::*;
/// use tlc_burn::verify_device;
/// # #[derive(Module, Debug)]
/// # struct Model { head: Linear }
/// # impl Predict for Model {
/// #     type Batch = (Tensor<2>, Tensor<1, Int>);
/// #     type Output = ClassificationInput;
/// #     fn predict(&self, (inputs, targets): Self::Batch, _: &mut impl Tap) -> ClassificationInput {
/// #         ClassificationInput::new(self.head.forward(inputs), targets)
/// #     }
/// # }
/// # #[derive(Clone)]
/// # struct Stack;
/// # impl Batcher<Row, (Tensor<2>, Tensor<1, Int>)> for Stack {
/// #     fn batch(&self, rows: Vec<Row>, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
/// #         let x: Vec<_> = rows.iter().map(|row| Tensor::<1>::from_floats(row.x, device)).collect();
/// #         let y: Vec<_> = rows.iter().map(|row| row.label).collect();
/// #         (Tensor::stack(x, 0), Tensor::from_ints(y.as_slice(), device))
/// #     }
/// # }
/// # #[derive(Clone, Serialize, Deserialize)]
/// # struct Row { x: [f32; 2], label: i32 }
/// # let options = TableOptions::new("demo", "points", "train").root(&Url::parse("memory://docs-verify/")?);
/// # let rows = [Row { x: [0.0, 1.0], label: 0 }, Row { x: [1.0, 0.0], label: 1 }];
/// # let samples = Table::create(options, |writer| writer.add_rows(&rows))?.samples::<Row>();
/// # let device = tlc_burn::device("cpu")?;
/// # let model = Model { head: LinearConfig::new(2, 2).init(&device) };
///
/// let predictor = Predictor::new(&model, Stack).device(&device);
/// let check = verify_device(&samples, Classification::new(["cat", "dog"]), &predictor)?;
/// assert!(check.largest() < 1e-3, "{check:?}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the first batch in [`collect_metrics`](crate::collect_metrics);
/// [`Error::DeviceNotBuiltIn`](crate::Error::DeviceNotBuiltIn) without the feature
/// `flex`.
pub fn verify_device<'c, R, I, M, B, K>(
    samples: &Samples<R, I>,
    collectors: impl IntoCollectors<'c, M::Batch, M::Output, K>,
    predictor: &Predictor<M, B>,
) -> Result<DeviceCheck>
where
    R: DeserializeOwned,
    I: Clone + Send,
    M: Predict + OnDevice + Clone,
    B: Batcher<I, M::Batch> + Clone,
{
    let mut list = Collectors::new();
    list.add(collectors);
    let rows = predictor.rows_of_a_batch().min(samples.len());
    let batch: Vec<Sample<I>> = (0..rows)
        .map(|row| samples.collected(row))
        .collect::<Result<_>>()?;
    let on_cpu = predictor.clone().device(&device("cpu")?);
    let expected = computed(&on_cpu, list.as_slice(), batch.clone())?;
    let found = computed(predictor, list.as_slice(), batch)?;
    let mut differences = Vec::new();
    for (found, expected) in found.batches.iter().zip(&expected.batches) {
        differences.extend(compared(found, expected)?);
    }
    let check = DeviceCheck { rows, differences };
    if check.largest() > TOLERANCE {
        tracing::warn!(
            largest = check.largest(),
            ?check,
            "the device and the CPU disagree"
        );
    }
    Ok(check)
}

/// How far a device is from the CPU; see [`verify_device`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceCheck {
    /// Rows that were compared.
    pub rows: usize,
    /// One for each tensor that a collector reads back.
    pub differences: Vec<Difference>,
}

/// How far a tensor is from what the CPU computes.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Who reads it back.
    pub collector: String,
    /// Its name, most often that of a column.
    pub tensor: String,
    /// The largest difference of two values: absolute, or relative for values above 1.
    /// Infinite where one is a NaN and the other is not.
    pub largest: f32,
}

impl DeviceCheck {
    /// The largest difference of all tensors.
    #[must_use]
    pub fn largest(&self) -> f32 {
        let largest = self.differences.iter().map(|difference| difference.largest);
        largest.fold(0.0, f32::max)
    }
}

fn computed<I, M, B>(
    predictor: &Predictor<M, B>,
    collectors: &[AnyCollector<'_, M::Batch, M::Output>],
    batch: Vec<Sample<I>>,
) -> Result<ComputedBatch>
where
    I: Clone,
    M: Predict + OnDevice + Clone,
    B: Batcher<I, M::Batch>,
{
    if batch.is_empty() {
        return Ok(ComputedBatch {
            example_ids: Vec::new(),
            batches: Vec::new(),
        });
    }
    let forward = ForwardPass::new(predictor, collectors, predictor.rows_of_a_batch(), false);
    forward.run(forward.next(batch))
}

fn compared(found: &HostBatch, expected: &HostBatch) -> Result<Vec<Difference>> {
    let compare = |tensor: &str| {
        let pairs = found.floats(tensor)?.into_iter();
        let pairs = pairs.zip(expected.floats(tensor)?);
        Ok(Difference {
            collector: found.collector().to_owned(),
            tensor: tensor.to_owned(),
            largest: pairs.map(|(a, b)| distance(a, b)).fold(0.0, f32::max),
        })
    };
    expected.names().map(compare).collect()
}

fn distance(found: f32, expected: f32) -> f32 {
    if found == expected || (found.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    let distance = (found - expected).abs() / expected.abs().max(1.0);
    if distance.is_nan() {
        f32::INFINITY
    } else {
        distance
    }
}

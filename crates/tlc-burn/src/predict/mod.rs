//! Inference: a model that shows its activations, and the predictor that runs it.

use crate::device::is_lazy;
use crate::tap::Tap;
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::tensor::Device;

/// Rows of a batch unless said otherwise.
const BATCH_SIZE: usize = 128;

/// Batches on a GPU at once unless said otherwise.
const IN_FLIGHT: usize = 2;

/// The most batches on the CPU at once unless said otherwise, since each takes memory.
const SIDE_BY_SIDE: usize = 4;

/// What a Burn module must add to be collected from. It is `Sync`, as every module of
/// Burn's own layers is, since the CPU computes batches side by side.
///
/// Training can call the same method with `&mut ()`, which taps nothing.
///
/// ```
/// use burn::nn::{Linear, LinearConfig, Relu};
/// use burn::prelude::*;
/// use tlc_burn::{ClassificationInput, Predict, Tap};
///
/// #[derive(Module, Debug)]
/// struct Mlp { hidden: Linear, head: Linear }
///
/// #[derive(Clone, Debug)]
/// struct Batch { inputs: Tensor<2>, targets: Tensor<1, Int> }
///
/// impl Predict for Mlp {
///     type Batch = Batch;
///     type Output = ClassificationInput;
///
///     fn predict(&self, batch: Batch, tap: &mut impl Tap) -> ClassificationInput {
///         let hidden = Relu::new().forward(self.hidden.forward(batch.inputs));
///         tap.tap("hidden", &hidden);
///         ClassificationInput::new(self.head.forward(hidden), batch.targets)
///     }
/// }
/// ```
pub trait Predict: Module + Sync {
    /// What the model takes: the user's own type.
    type Batch;
    /// What the model gives: the user's own type.
    type Output;

    /// The forward pass, offering activations to `tap` on the way.
    fn predict(&self, batch: Self::Batch, tap: &mut impl Tap) -> Self::Output;
}

/// Runs a model in inference mode over batches of items.
///
/// It holds a snapshot: training may go on with the model it was made of.
#[derive(Clone, Debug)]
pub struct Predictor<M, B> {
    model: M,
    batcher: B,
    device: Device,
    is_lazy: bool,
    batch_size: usize,
    pad_last: bool,
    in_flight: Option<usize>,
}

impl<M: Predict, B> Predictor<M, B> {
    /// A predictor on the device the model is on, without autodiff, dropout or
    /// updates of running statistics.
    #[must_use]
    pub fn new(model: &M, batcher: B) -> Self {
        let model = model.valid();
        let device = model.devices().into_iter().next().unwrap_or_default();
        Self::at(model, batcher, device.inner(), BATCH_SIZE)
    }

    /// Moves the predictor to a device.
    #[must_use]
    pub fn device(self, device: &Device) -> Self {
        let device = device.clone().inner();
        let model = self.model.to_device(&device);
        Self::at(model, self.batcher, device, self.batch_size)
    }

    /// Sets the number of items of a batch; 128 by default.
    #[must_use]
    pub fn batch_size(mut self, items: usize) -> Self {
        self.batch_size = items.max(1);
        self
    }

    /// Sets whether the last batch is filled up with repeated items, whose results
    /// are dropped. The default is to do so where each new shape is tuned for.
    #[must_use]
    pub fn pad_last(mut self, pad: bool) -> Self {
        self.pad_last = pad;
        self
    }

    /// Sets how many batches are under way at once, each with activations of its own in
    /// memory. The default on a GPU is 2, which keeps it from waiting for the host. On
    /// the CPU it is one a core and 4 at most: that many batches are computed side by
    /// side and share the cores, which they use better than one batch on all of them.
    ///
    /// The values are those of 1. Only a model that draws random numbers in inference
    /// needs 1 on the CPU, to draw them in the same order each time.
    #[must_use]
    pub fn in_flight(mut self, batches: usize) -> Self {
        self.in_flight = Some(batches.max(1));
        self
    }

    /// The model in inference mode.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// One forward pass over items, as they come: no padding.
    pub fn predict<I>(&self, items: Vec<I>, tap: &mut impl Tap) -> M::Output
    where
        B: Batcher<I, M::Batch>,
    {
        self.model.predict(self.batch(items), tap)
    }

    pub(crate) fn batch<I>(&self, items: Vec<I>) -> M::Batch
    where
        B: Batcher<I, M::Batch>,
    {
        self.batcher.batch(items, &self.device)
    }

    /// Fills the last batch up where that is worth it.
    pub(crate) fn pad<I: Clone>(&self, items: &mut Vec<I>, batch_size: usize) {
        if self.pad_last
            && let Some(last) = items.last().cloned()
        {
            items.resize(batch_size.max(items.len()), last);
        }
    }

    pub(crate) fn rows_of_a_batch(&self) -> usize {
        self.batch_size
    }

    /// Batches that a lazy device has at once.
    pub(crate) fn batches_in_flight(&self) -> usize {
        if self.is_lazy {
            self.in_flight.unwrap_or(IN_FLIGHT)
        } else {
            1
        }
    }

    /// Batches that the CPU computes at once on this many threads; none on a lazy
    /// device.
    pub(crate) fn side_by_side(&self, threads: usize) -> Option<usize> {
        let batches = self.in_flight.unwrap_or(threads.min(SIDE_BY_SIDE));
        (!self.is_lazy).then_some(batches)
    }

    pub(crate) fn target(&self) -> &Device {
        &self.device
    }

    fn at(model: M, batcher: B, device: Device, batch_size: usize) -> Self {
        let is_lazy = is_lazy(&device);
        Self {
            model,
            batcher,
            device,
            is_lazy,
            batch_size,
            pad_last: is_lazy,
            in_flight: None,
        }
    }
}

//! Inference: a model that shows its activations, and the predictor that runs it.

use crate::device::is_lazy;
use crate::tap::Tap;
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::tensor::Device;

/// Rows of a batch unless said otherwise.
const BATCH_SIZE: usize = 128;

/// What a Burn module must add to be collected from.
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
pub trait Predict: Module {
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
    batch_size: usize,
    pad_last: bool,
    in_flight: usize,
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

    /// Sets how many batches may be under way on the device at once.
    #[must_use]
    pub fn in_flight(mut self, batches: usize) -> Self {
        self.in_flight = batches.max(1);
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

    pub(crate) fn depth(&self) -> usize {
        self.in_flight
    }

    pub(crate) fn target(&self) -> &Device {
        &self.device
    }

    fn at(model: M, batcher: B, device: Device, batch_size: usize) -> Self {
        let lazy = is_lazy(&device);
        let in_flight = if lazy { 2 } else { 1 };
        Self {
            model,
            batcher,
            device,
            batch_size,
            pad_last: lazy,
            in_flight,
        }
    }
}

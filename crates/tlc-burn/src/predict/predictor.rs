//! A model in inference mode, with what makes batches for it.

use super::{ByClosure, OnDevice, Predict};
use crate::device::is_lazy;
use crate::tap::Tap;
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::tensor::Device;
#[cfg(feature = "train")]
use burn::train::InferenceStep;

/// Rows of a batch unless said otherwise.
const BATCH_SIZE: usize = 128;

/// Batches on a GPU at once unless said otherwise.
const IN_FLIGHT: usize = 2;

/// The most batches on the CPU at once unless said otherwise, since each takes memory.
const SIDE_BY_SIDE: usize = 4;

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
    pad_last: Option<bool>,
    in_flight: Option<usize>,
}

impl<M: Predict + Module, B> Predictor<M, B> {
    /// A predictor on the device the model is on, without autodiff, dropout or
    /// updates of running statistics.
    #[must_use]
    pub fn new(model: &M, batcher: B) -> Self {
        let model = model.valid();
        let device = device_of(&model);
        Self::at(model, batcher, device)
    }
}

#[cfg(feature = "train")]
impl<M, B> Predictor<ByClosure<M, M::Input, M::Output>, B>
where
    M: Module + InferenceStep + Sync,
{
    /// A predictor whose forward pass is the model's own `InferenceStep`, as the validation
    /// in Burn's `Learner` makes it. What the model shows by [`tap`](crate::tap()) can be
    /// collected.
    #[must_use]
    pub fn of_step(model: &M, batcher: B) -> Self {
        Self::by(model, batcher, |model, batch| model.step(batch))
    }
}

impl<M: Module + Sync, I, O, B> Predictor<ByClosure<M, I, O>, B> {
    /// A predictor whose forward pass is a closure over the model and a batch.
    ///
    /// ```
    /// # use burn::data::dataloader::batcher::Batcher;
    /// # use burn::nn::LinearConfig;
    /// # use burn::prelude::*;
    /// use tlc_burn::{Predictor, RegressionInput};
    /// # struct Stack;
    /// # type Batch = (Tensor<2>, Tensor<1>);
    ///
    /// # let device = tlc_burn::device("cpu")?;
    /// # let model = LinearConfig::new(8, 1).init(&device);
    /// let predictor = Predictor::by(&model, Stack, |model, (inputs, prices): Batch| {
    ///     RegressionInput::new(model.forward(inputs), prices)
    /// });
    /// # Ok::<(), tlc_burn::Error>(())
    /// ```
    #[must_use]
    pub fn by(model: &M, batcher: B, forward: impl Fn(&M, I) -> O + Send + Sync + 'static) -> Self {
        let model = model.valid();
        let device = device_of(&model);
        Self::at(ByClosure::new(model, forward), batcher, device)
    }
}

impl<M: Predict, B> Predictor<M, B> {
    /// Moves the predictor to a device.
    #[must_use]
    pub fn device(mut self, device: &Device) -> Self
    where
        M: OnDevice,
    {
        self.device = device.clone().inner();
        self.is_lazy = is_lazy(&self.device);
        self.model = self.model.on_device(&self.device);
        self
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
        self.pad_last = Some(pad);
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

    /// Whether batches that are not full are filled up.
    pub(crate) fn pads(&self) -> bool {
        self.pad_last.unwrap_or(self.is_lazy)
    }

    /// Fills the last batch up where that is worth it.
    pub(crate) fn pad<I: Clone>(&self, items: &mut Vec<I>, batch_size: usize) {
        if self.pads()
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

    fn at(model: M, batcher: B, device: Device) -> Self {
        let device = device.inner();
        Self {
            model,
            batcher,
            is_lazy: is_lazy(&device),
            device,
            batch_size: BATCH_SIZE,
            pad_last: None,
            in_flight: None,
        }
    }
}

fn device_of(model: &impl Module) -> Device {
    model.devices().into_iter().next().unwrap_or_default()
}

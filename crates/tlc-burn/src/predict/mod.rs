//! Inference: what a forward pass is, and the predictor that runs it.

mod by;
mod predictor;

pub use self::by::ByClosure;
pub use self::predictor::Predictor;

use crate::tap::Tap;
use burn::module::Module;
use burn::tensor::Device;

/// The forward pass of a model, for those that show their activations by a [`Tap`]. It is
/// `Sync`, as every module of Burn's own layers is, since the CPU computes batches side by
/// side.
///
/// Training can call the same method with `&mut ()`, which taps nothing. A model that has
/// an `InferenceStep`, or any other forward pass, need not implement it: see
/// [`Predictor::of_step`] and [`Predictor::by`].
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
pub trait Predict: Sync {
    /// What the model takes: the user's own type.
    type Batch;
    /// What the model gives: the user's own type.
    type Output;

    /// The forward pass, offering activations to `tap` on the way.
    fn predict(&self, batch: Self::Batch, tap: &mut impl Tap) -> Self::Output;
}

/// What a predictor can move to a device: a module, or a [`ByClosure`] over one.
pub trait OnDevice {
    /// The same on a device.
    #[must_use]
    fn on_device(self, device: &Device) -> Self;
}

impl<M: Module> OnDevice for M {
    fn on_device(self, device: &Device) -> Self {
        self.to_device(device)
    }
}

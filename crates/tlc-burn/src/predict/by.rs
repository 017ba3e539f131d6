//! Forward passes of models that do not implement `Predict`.

use super::{OnDevice, Predict};
use crate::tap::Tap;
use burn::module::Module;
use burn::tensor::Device;
use std::sync::Arc;

type Forward<M, I, O> = dyn Fn(&M, I) -> O + Send + Sync;

/// A model by a closure; see [`Predictor::by`](crate::Predictor::by).
pub struct ByClosure<M, I, O> {
    model: M,
    forward: Arc<Forward<M, I, O>>,
}

impl<M, I, O> ByClosure<M, I, O> {
    pub(super) fn new(model: M, forward: impl Fn(&M, I) -> O + Send + Sync + 'static) -> Self {
        Self {
            model,
            forward: Arc::new(forward),
        }
    }
}

impl<M: Sync, I, O> Predict for ByClosure<M, I, O> {
    type Batch = I;
    type Output = O;

    fn predict(&self, batch: I, _: &mut impl Tap) -> O {
        (self.forward)(&self.model, batch)
    }
}

impl<M: Module, I, O> OnDevice for ByClosure<M, I, O> {
    fn on_device(self, device: &Device) -> Self {
        Self {
            model: self.model.to_device(device),
            ..self
        }
    }
}

impl<M: Clone, I, O> Clone for ByClosure<M, I, O> {
    fn clone(&self) -> Self {
        Self {
            model: self.model.clone(),
            forward: Arc::clone(&self.forward),
        }
    }
}

impl<M: std::fmt::Debug, I, O> std::fmt::Debug for ByClosure<M, I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByClosure")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

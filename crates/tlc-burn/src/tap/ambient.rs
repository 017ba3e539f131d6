//! A tap that no signature names: for forward passes that are given none.

use super::{Activations, Tap};
use burn::tensor::Tensor;
use std::cell::RefCell;

thread_local! {
    /// Of the forward pass that this thread makes for a collection.
    static ACTIVATIONS: RefCell<Option<Activations>> = const { RefCell::new(None) };
}

/// Offers an activation, `[batch, ..]`, to the collection that makes this forward pass.
/// Where none does, as in training, it does nothing.
///
/// It is one line in a model's `forward`, whatever calls that. It is heard on the thread
/// that the forward pass was called on.
///
/// ```
/// use burn::nn::Linear;
/// use burn::tensor::{Tensor, activation::relu};
/// use tlc_burn::tap;
///
/// # struct Model { hidden: Linear, head: Linear }
/// impl Model {
///     fn forward(&self, inputs: Tensor<2>) -> Tensor<2> {
///         let hidden = relu(self.hidden.forward(inputs));
///         tap("hidden", &hidden);
///         self.head.forward(hidden)
///     }
/// }
/// ```
pub fn tap<const D: usize>(name: &str, activation: &Tensor<D>) {
    ACTIVATIONS.with_borrow_mut(|activations| {
        if let Some(activations) = activations {
            activations.tap(name, activation);
        }
    });
}

/// Makes a forward pass; what it offers by [`tap`] or to the activations is in them after.
pub(crate) fn tapped<T>(
    activations: &mut Activations,
    forward: impl FnOnce(&mut Activations) -> T,
) -> T {
    let _listening = Listening::start(activations.clone());
    let output = forward(activations);
    if let Some(heard) = ACTIVATIONS.take() {
        activations.absorb(heard);
    }
    output
}

/// What was listened to before, which a panic restores too.
struct Listening(Option<Activations>);

impl Listening {
    fn start(activations: Activations) -> Self {
        Self(ACTIVATIONS.replace(Some(activations)))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        ACTIVATIONS.set(self.0.take());
    }
}

//! A tap that no signature names: for forward passes that are given none.

use super::{Activations, Tap};
use burn::tensor::{Bool, Tensor};
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
    listening(|activations| activations.tap(name, activation));
}

/// Offers an activation of tokens, `[batch, tokens, features]`, as [`tap()`] does, and which
/// of them are padding, `[batch, tokens]`: true for padding, as the `mask_pad` of Burn's
/// transformers. What is made of it, such as the mean over tokens, leaves padding out.
///
/// ```
/// use burn::nn::transformer::{TransformerEncoder, TransformerEncoderInput};
/// use burn::tensor::{Bool, Tensor};
/// use tlc_burn::tap_tokens;
///
/// # struct Model { encoder: TransformerEncoder }
/// impl Model {
///     fn encode(&self, tokens: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<3> {
///         let input = TransformerEncoderInput::new(tokens).mask_pad(padding.clone());
///         let encoded = self.encoder.forward(input);
///         tap_tokens("encoded", &encoded, &padding);
///         encoded
///     }
/// }
/// ```
pub fn tap_tokens(name: &str, activation: &Tensor<3>, mask_pad: &Tensor<2, Bool>) {
    listening(|activations| activations.tap_tokens(name, activation, mask_pad));
}

/// Tells the collection that makes a forward pass on this thread, if one does.
fn listening(offer: impl FnOnce(&mut Activations)) {
    ACTIVATIONS.with_borrow_mut(|activations| activations.as_mut().map(offer));
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

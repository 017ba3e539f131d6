//! Named activations: what a model shows of its inner layers in a forward pass.

mod ambient;

pub(crate) use self::ambient::tapped;
pub use self::ambient::{tap, tap_tokens};

use burn::tensor::{Bool, Tensor};

/// Receives activations by name during a forward pass.
///
/// A model passes it down to where the activations are. `&mut ()` takes none and
/// costs nothing, which is what training passes.
pub trait Tap {
    /// Offers an activation, `[batch, ..]`. If a name is offered twice in a pass,
    /// the later one counts.
    fn tap<const D: usize>(&mut self, name: &str, activation: &Tensor<D>);

    /// Offers an activation of tokens, `[batch, tokens, features]`, and which of them are
    /// padding, `[batch, tokens]`: true for padding, as the `mask_pad` of Burn's
    /// transformers. What is made of it leaves padding out, see
    /// [`Reduce`](crate::Reduce).
    fn tap_tokens(&mut self, name: &str, activation: &Tensor<3>, mask_pad: &Tensor<2, Bool>);
}

impl Tap for () {
    #[inline(always)]
    fn tap<const D: usize>(&mut self, _: &str, _: &Tensor<D>) {}

    #[inline(always)]
    fn tap_tokens(&mut self, _: &str, _: &Tensor<3>, _: &Tensor<2, Bool>) {}
}

/// Keeps the activations that are wanted, and the names of all that were offered.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use tlc_burn::{Activations, Tap};
///
/// let device = tlc_burn::device("cpu")?;
/// let mut activations = Activations::of(["pooled"]);
/// activations.tap("conv", &Tensor::<4>::zeros([2, 8, 5, 5], &device));
/// activations.tap("pooled", &Tensor::<2>::zeros([2, 8], &device));
///
/// assert_eq!(activations.get("pooled").map(|found| found.dims()), Some(&[2, 8][..]));
/// assert!(activations.get("conv").is_none());
/// assert_eq!(activations.offered(), ["conv", "pooled"]);
/// # Ok::<(), tlc_burn::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Activations {
    wanted: Vec<String>,
    offered: Vec<String>,
    kept: Vec<Activation>,
}

impl Activations {
    /// Keeps the activations of these names.
    pub fn of<N: Into<String>>(wanted: impl IntoIterator<Item = N>) -> Self {
        Self {
            wanted: wanted.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// A kept activation.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Activation> {
        self.kept.iter().find(|kept| kept.name == name)
    }

    /// The names the model offered, in order.
    #[must_use]
    pub fn offered(&self) -> &[String] {
        &self.offered
    }
}

impl Activations {
    /// Takes what others have kept and offered, where it has nothing of that name.
    fn absorb(&mut self, others: Self) {
        for name in others.offered {
            if !self.offered.contains(&name) {
                self.offered.push(name);
            }
        }
        for other in others.kept {
            if self.get(&other.name).is_none() {
                self.kept.push(other);
            }
        }
    }

    fn offer(&mut self, name: &str, activation: impl FnOnce() -> Activation) {
        if !self.offered.iter().any(|offered| offered == name) {
            self.offered.push(name.to_owned());
        }
        if self.wanted.iter().any(|wanted| wanted == name) {
            self.kept.retain(|kept| kept.name != name);
            self.kept.push(activation());
        }
    }
}

impl Tap for Activations {
    fn tap<const D: usize>(&mut self, name: &str, activation: &Tensor<D>) {
        self.offer(name, || Activation::new(name, activation));
    }

    fn tap_tokens(&mut self, name: &str, activation: &Tensor<3>, mask_pad: &Tensor<2, Bool>) {
        self.offer(name, || {
            Activation::new(name, activation).mask_pad(mask_pad)
        });
    }
}

/// One activation of a batch, of any rank.
#[derive(Clone, Debug)]
pub struct Activation {
    name: String,
    dims: Vec<usize>,
    /// `[batch, features]`: one type for every rank.
    flat: Tensor<2>,
    padding: Option<Tensor<2, Bool>>,
}

impl Activation {
    /// Takes an activation, `[batch, ..]`, out of its autodiff graph.
    #[must_use]
    pub fn new<const D: usize>(name: &str, activation: &Tensor<D>) -> Self {
        let dims = activation.dims().to_vec();
        let batch = dims.first().copied().unwrap_or(1);
        let features = dims.iter().skip(1).product();
        let flat = activation
            .clone()
            .without_autodiff()
            .reshape([batch, features]);
        Self {
            name: name.to_owned(),
            dims,
            flat,
            padding: None,
        }
    }

    /// Says which tokens are padding, `[batch, tokens]`.
    #[must_use]
    pub fn mask_pad(self, mask_pad: &Tensor<2, Bool>) -> Self {
        Self {
            padding: Some(mask_pad.clone()),
            ..self
        }
    }

    /// The name it was tapped under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape it was tapped in, `[batch, ..]`.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The activation with all its dimensions but the first made one:
    /// `[batch, features]`.
    #[must_use]
    pub fn flat(&self) -> Tensor<2> {
        self.flat.clone()
    }

    /// True for tokens that are padding, `[batch, tokens]`; `None` if that was not said.
    #[must_use]
    pub fn padding(&self) -> Option<&Tensor<2, Bool>> {
        self.padding.as_ref()
    }

    /// The activation in its own shape; `None` if that has another rank than `D`.
    #[must_use]
    pub fn tensor<const D: usize>(&self) -> Option<Tensor<D>> {
        let dims: [usize; D] = self.dims.as_slice().try_into().ok()?;
        Some(self.flat.clone().reshape(dims))
    }
}

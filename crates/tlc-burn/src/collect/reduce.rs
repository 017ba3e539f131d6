//! How an activation becomes one vector a sample.

use crate::error::BoxError;
use crate::tap::Activation;
use crate::{Error, Result};
use burn::tensor::module::adaptive_avg_pool2d;
use burn::tensor::{Bool, Int, Tensor};
use std::sync::Arc;

type Reducer = dyn Fn(&Activation) -> Result<Tensor<2>, BoxError> + Send + Sync;

/// How an activation of any rank becomes `[batch, features]`.
///
/// `Mean`, `FirstToken` and `LastToken` leave padding out where the model says what is, by
/// [`tap_tokens`](crate::tap_tokens): a sequence has the same vector whatever the longest one
/// of its batch is. A sequence of padding alone has zeros.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Reduce {
    /// The mean over positions: `[batch, channels, ..]` becomes `[batch, channels]`,
    /// `[batch, tokens, features]` becomes `[batch, features]`, and
    /// `[batch, features]` stays.
    #[default]
    Mean,
    /// The first token of `[batch, tokens, features]`, such as the `[CLS]` of an encoder.
    FirstToken,
    /// The last token of `[batch, tokens, features]`, as in language models.
    LastToken,
    /// All values of a sample in one vector.
    Flatten,
    /// Average pooling of `[batch, channels, height, width]` to this many rows and
    /// columns (1, 2 and 3 are common), then flattened.
    AvgPool(usize),
    /// Any function that gives `[batch, features]`; see [`Reduce::closure`].
    Closure(Arc<Reducer>),
}

impl Reduce {
    /// A reduction of one's own, which gives `[batch, features]`.
    pub fn closure<E: Into<BoxError>>(
        closure: impl Fn(&Activation) -> Result<Tensor<2>, E> + Send + Sync + 'static,
    ) -> Self {
        Self::Closure(Arc::new(move |activation| {
            closure(activation).map_err(Into::into)
        }))
    }

    /// The activation reduced, for a column of a collector.
    pub(super) fn apply(
        &self,
        activation: &Activation,
        collector: &str,
        column: &str,
    ) -> Result<Tensor<2>> {
        let unfit = |expected: String| Error::Shape {
            collector: collector.to_owned(),
            column: column.to_owned(),
            expected,
            found: activation.dims().to_vec(),
        };
        let tokens = || {
            let tokens = Tokens::of(activation);
            tokens.ok_or_else(|| unfit("[batch, tokens, features] of which to take one".to_owned()))
        };
        if let Some(padding) = activation.padding()
            && !activation.dims().starts_with(&padding.dims())
        {
            return Err(unfit(format!(
                "[batch, tokens, features] for a padding mask of {:?}",
                padding.dims()
            )));
        }
        match self {
            Self::Mean => Ok(mean(activation)),
            Self::FirstToken => Ok(tokens()?.first()),
            Self::LastToken => Ok(tokens()?.last()),
            Self::Flatten => Ok(activation.flat()),
            Self::AvgPool(size) => pooled(activation, *size).ok_or_else(|| {
                unfit(format!(
                    "[batch, channels, height, width] to pool to {size}x{size}"
                ))
            }),
            Self::Closure(closure) => {
                closure(activation).map_err(|error| Error::collector(collector, error))
            }
        }
    }
}

impl std::fmt::Debug for Reduce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mean => f.write_str("Mean"),
            Self::FirstToken => f.write_str("FirstToken"),
            Self::LastToken => f.write_str("LastToken"),
            Self::Flatten => f.write_str("Flatten"),
            Self::AvgPool(size) => write!(f, "AvgPool({size})"),
            Self::Closure(_) => f.write_str("Closure"),
        }
    }
}

fn mean(activation: &Activation) -> Tensor<2> {
    let flat = activation.flat();
    let [batch, values] = flat.dims();
    match activation.dims() {
        [_, _, _] => Tokens::of(activation).map_or(flat, |tokens| tokens.mean()),
        [_, channels, _, _, ..] => {
            let positions = values.checked_div(*channels).unwrap_or_default();
            flat.reshape([batch, *channels, positions])
                .mean_dim(2)
                .squeeze_dim::<2>(2)
        }
        _ => flat,
    }
}

fn pooled(activation: &Activation, size: usize) -> Option<Tensor<2>> {
    let activation = activation.tensor::<4>()?;
    (size > 0).then(|| adaptive_avg_pool2d(activation, [size, size]).flatten::<2>(1, 3))
}

/// `[batch, tokens, features]`, and which tokens are padding.
struct Tokens {
    values: Tensor<3>,
    padding: Option<Tensor<2, Bool>>,
}

impl Tokens {
    /// Padding is zeros, whatever the model has made of it, NaN included.
    fn of(activation: &Activation) -> Option<Self> {
        let values = activation.tensor::<3>()?;
        let padding = activation.padding().cloned();
        let values = match padding.clone() {
            Some(padding) => {
                let dims = values.dims();
                values.mask_fill(padding.unsqueeze_dim::<3>(2).expand(dims), 0.0)
            }
            None => values,
        };
        Some(Self { values, padding })
    }

    fn mean(self) -> Tensor<2> {
        match self.padding {
            None => self.values.mean_dim(1).squeeze_dim::<2>(1),
            Some(padding) => {
                let sums = self.values.sum_dim(1).squeeze_dim::<2>(1);
                let counts = padding.bool_not().float().sum_dim(1).clamp_min(1.0);
                sums / counts
            }
        }
    }

    fn first(self) -> Tensor<2> {
        let [_, len, _] = self.values.dims();
        self.largest(|places| places.neg().add_scalar(len as i64))
    }

    fn last(self) -> Tensor<2> {
        self.largest(|places| places.add_scalar(1))
    }

    /// The token whose place has the largest rank, which is positive, padding aside.
    fn largest(self, rank: impl FnOnce(Tensor<1, Int>) -> Tensor<1, Int>) -> Tensor<2> {
        let [batch, len, features] = self.values.dims();
        let places = Tensor::arange(0..len as i64, &self.values.device());
        let ranks = rank(places).unsqueeze_dim::<2>(0).expand([batch, len]);
        let ranks = match self.padding {
            Some(padding) => ranks.mask_fill(padding, 0),
            None => ranks,
        };
        let place = ranks.argmax(1).unsqueeze_dim::<3>(2);
        let index = place.expand([batch, 1, features]);
        self.values.gather(1, index).squeeze_dim::<2>(1)
    }
}

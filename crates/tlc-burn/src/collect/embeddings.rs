//! Embeddings: named activations, made one vector a sample.

use super::collector::MetricsCollector;
use super::readback::Readback;
use crate::error::BoxError;
use crate::tap::{Activation, Activations};
use crate::{Error, Result};
use burn::tensor::Tensor;
use burn::tensor::module::adaptive_avg_pool2d;
use std::sync::Arc;

type Reducer = dyn Fn(&Activation) -> Result<Tensor<2>, BoxError> + Send + Sync;

const NAME: &str = "embeddings";

/// Collects `embeddings_<name>` for each named activation that the model taps.
///
/// ```
/// use tlc_burn::{Embeddings, Reduce};
///
/// let embeddings = Embeddings::of(["pooled"])
///     .with("conv2", Reduce::AvgPool(2))
///     .with("attention", Reduce::closure(|activation| Ok::<_, String>(activation.flat())));
/// ```
#[derive(Clone, Debug)]
pub struct Embeddings {
    layers: Vec<(String, Reduce)>,
}

impl Embeddings {
    /// Of these activations, each reduced by [`Reduce::Mean`].
    pub fn of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self {
            layers: names
                .into_iter()
                .map(|name| (name.into(), Reduce::Mean))
                .collect(),
        }
    }

    /// Adds an activation, or changes how one is reduced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, reduce: Reduce) -> Self {
        let name = name.into();
        self.layers.retain(|(known, _)| *known != name);
        self.layers.push((name, reduce));
        self
    }
}

/// How an activation of any rank becomes `[batch, features]`.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Reduce {
    /// The mean over positions: `[batch, channels, ..]` becomes `[batch, channels]`,
    /// `[batch, tokens, features]` becomes `[batch, features]`, and
    /// `[batch, features]` stays.
    #[default]
    Mean,
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
}

impl MetricsCollector for Embeddings {
    type Input = ();

    fn name(&self) -> &str {
        NAME
    }

    fn activations(&self) -> Vec<String> {
        self.layers.iter().map(|(name, _)| name.clone()).collect()
    }

    fn compute(&self, (): (), activations: &Activations, readback: &mut Readback) -> Result<()> {
        for (name, reduce) in &self.layers {
            let activation = activations.get(name).ok_or_else(|| Error::NoActivation {
                collector: NAME.to_owned(),
                activation: name.clone(),
                available: activations.offered().to_vec(),
            })?;
            let column = format!("embeddings_{name}");
            let embedding = reduced(activation, reduce, &column)?;
            readback.register(column, embedding)?;
        }
        Ok(())
    }
}

fn reduced(activation: &Activation, reduce: &Reduce, column: &str) -> Result<Tensor<2>> {
    match reduce {
        Reduce::Mean => Ok(mean(activation)),
        Reduce::Flatten => Ok(activation.flat()),
        Reduce::AvgPool(size) => pooled(activation, *size).ok_or_else(|| Error::Shape {
            collector: NAME.to_owned(),
            column: column.to_owned(),
            expected: format!("[batch, channels, height, width] to pool to {size}x{size}"),
            found: activation.dims().to_vec(),
        }),
        Reduce::Closure(closure) => {
            closure(activation).map_err(|error| Error::collector(NAME, error))
        }
    }
}

fn mean(activation: &Activation) -> Tensor<2> {
    let flat = activation.flat();
    let [batch, values] = flat.dims();
    match activation.dims() {
        [_, tokens, features] => flat
            .reshape([batch, *tokens, *features])
            .mean_dim(1)
            .squeeze_dim::<2>(1),
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

impl std::fmt::Debug for Reduce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mean => f.write_str("Mean"),
            Self::Flatten => f.write_str("Flatten"),
            Self::AvgPool(size) => write!(f, "AvgPool({size})"),
            Self::Closure(_) => f.write_str("Closure"),
        }
    }
}

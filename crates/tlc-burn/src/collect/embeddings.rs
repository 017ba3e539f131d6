//! Embeddings: named activations, made one vector a sample.

use super::collector::MetricsCollector;
use super::readback::Readback;
use super::reduce::Reduce;
use crate::tap::Activations;
use crate::{Error, Result};

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
            let embedding = reduce.apply(activation, NAME, &column)?;
            readback.register(column, embedding)?;
        }
        Ok(())
    }
}

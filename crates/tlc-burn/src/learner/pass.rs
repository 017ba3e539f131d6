//! A collection from samples with the model of an epoch.

use crate::Result;
use crate::collect::Collectors;
use crate::map::Samples;
use crate::predict::Predictor;
use crate::write::{CancellationToken, CollectOptions, collect_metrics, rehearse};
use burn::data::dataloader::batcher::Batcher;
use burn::tensor::Device;
use burn::train::{InferenceStep, LearnerModel};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What is collected, and how; the model comes with each epoch.
pub(super) struct CollectionPass<M: LearnerModel, R, I, B> {
    pub(super) batcher: Arc<B>,
    pub(super) samples: Vec<Samples<R, I>>,
    pub(super) collectors:
        Collectors<'static, <M as InferenceStep>::Input, <M as InferenceStep>::Output>,
    pub(super) options: CollectOptions,
}

impl<M, R, I, B> CollectionPass<M, R, I, B>
where
    M: LearnerModel + Sync,
    R: DeserializeOwned,
    I: Clone + Send,
    B: Batcher<I, <M as InferenceStep>::Input>,
{
    /// Says what will be wrong with a collection, before a training that it would end.
    pub(super) fn rehearse(&self, model: &M) -> Result<()> {
        let predictor = Predictor::of_step(model, Shared(Arc::clone(&self.batcher)));
        let mut samples = self.samples.iter();
        samples
            .try_for_each(|samples| rehearse(samples, &self.collectors, &predictor, &self.options))
    }

    pub(super) fn run(&self, epoch: usize, model: &M, token: &CancellationToken) -> Result<()> {
        let predictor = Predictor::of_step(model, Shared(Arc::clone(&self.batcher)));
        for samples in &self.samples {
            let options = self.options.clone().epoch(epoch).cancellation(token);
            let options = options.split_or(samples.table());
            collect_metrics(samples, self.collectors.clone(), &predictor, options)?;
        }
        Ok(())
    }
}

/// A batcher that several predictors use.
struct Shared<B>(Arc<B>);

impl<I, O, B: Batcher<I, O>> Batcher<I, O> for Shared<B> {
    fn batch(&self, items: Vec<I>, device: &Device) -> O {
        self.0.batch(items, device)
    }
}

//! Burn's training with collections at its epochs.

use super::failure::{FailedTraining, OnFailure};
use super::pass::CollectionPass;
use super::schedule::Schedule;
use super::strategy::{CollectingStrategy, Hook};
use crate::Result;
use crate::collect::{Collectors, IntoCollectors};
use crate::error::BoxError;
use crate::map::Samples;
use crate::write::{BackgroundCollector, CancellationToken, CollectOptions, collect_at_epoch};
use burn::data::dataloader::batcher::Batcher;
use burn::tensor::Device;
use burn::train::{
    InferenceStep, Learner, LearnerModel, LearningResult, SupervisedTraining, TrainingStrategy,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tlc_core::Run;

/// A `SupervisedTraining` that collects at its epochs, made by
/// [`CollectInTraining`](super::CollectInTraining), after Burn's own settings.
///
/// Collections add up and are made in their order. It trains on one device as Burn's own
/// strategy does, the model's unless [`device`](Self::device) says otherwise: a strategy for
/// several devices, or of one's own, does not show the model at the end of an epoch, and is
/// replaced. Gradient accumulation, checkpoints, early stopping and interruption are as
/// ever. An epoch is collected after its checkpoint is written, and one that was
/// interrupted is not.
pub struct CollectingTraining<M: LearnerModel> {
    training: SupervisedTraining<M>,
    strategy: CollectingStrategy<M>,
}

impl<M: LearnerModel> CollectingTraining<M> {
    /// Adds a collection from samples of tables, at every epoch; see
    /// [`CollectInTraining::collect`](super::CollectInTraining::collect).
    #[must_use]
    pub fn collect<'s, R, I, B, K>(
        self,
        batcher: B,
        samples: impl IntoIterator<Item = &'s Samples<R, I>>,
        collectors: impl IntoCollectors<
            'static,
            <M as InferenceStep>::Input,
            <M as InferenceStep>::Output,
            K,
        >,
    ) -> Self
    where
        M: Sync,
        R: DeserializeOwned + 'static,
        I: Clone + Send + 'static,
        B: Batcher<I, <M as InferenceStep>::Input> + 'static,
    {
        let options = CollectOptions::new();
        self.collect_with(
            batcher,
            samples,
            collectors,
            Schedule::every_epoch(),
            options,
        )
    }

    /// The same at the epochs of a schedule, with options: run, batch size, stream and what
    /// else they have. The epoch is added as a constant; a split that they name is for all
    /// these samples.
    #[must_use]
    pub fn collect_with<'s, R, I, B, K>(
        mut self,
        batcher: B,
        samples: impl IntoIterator<Item = &'s Samples<R, I>>,
        collectors: impl IntoCollectors<
            'static,
            <M as InferenceStep>::Input,
            <M as InferenceStep>::Output,
            K,
        >,
        schedule: Schedule,
        options: CollectOptions,
    ) -> Self
    where
        M: Sync,
        R: DeserializeOwned + 'static,
        I: Clone + Send + 'static,
        B: Batcher<I, <M as InferenceStep>::Input> + 'static,
    {
        let options = options.run_or_active();
        if let Some(run) = options.run_of() {
            self.strategy.run.get_or_insert(run);
        }
        let mut list = Collectors::new();
        list.add(collectors);
        let pass = CollectionPass {
            batcher: Arc::new(batcher),
            samples: samples.into_iter().cloned().collect(),
            collectors: list,
            options,
        };
        let pass = Arc::new(pass);
        let again = Arc::clone(&pass);
        let collect = move |epoch: usize, model: &M, token: &CancellationToken| {
            collect_at_epoch(epoch, model, |epoch, model| pass.run(epoch, model, token))
        };
        let mut hook = Hook::foreground(schedule, collect);
        hook.rehearse_by(move |model| again.rehearse(model));
        self.strategy.add(hook);
        self
    }

    /// Adds a collection of one's own at these epochs; training waits while `collect` works.
    /// It is called with the epoch, counted from 1, and the model in inference mode, and
    /// owns what it needs.
    #[must_use]
    pub fn collect_at<T, E: Into<BoxError>>(
        mut self,
        schedule: Schedule,
        mut collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Self {
        let hook = move |epoch: usize, model: &M, _: &CancellationToken| {
            collect_at_epoch(epoch, model, &mut collect)
        };
        self.strategy.add(Hook::foreground(schedule, hook));
        self
    }

    /// The same while the next epoch trains, as a
    /// [`BackgroundCollector`](crate::BackgroundCollector) does. Training ends when the last
    /// collection has.
    ///
    /// # Errors
    /// [`Error::Thread`](crate::Error::Thread) if the system gives no thread.
    pub fn collect_in_background_at<T, E: Into<BoxError>>(
        mut self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<Self> {
        let background = BackgroundCollector::new(collect)?;
        self.strategy.add(Hook::background(schedule, background));
        Ok(self)
    }

    /// Sets the run that is told of a collection that fails; the default is the one that the
    /// options of a collection name, else the active one.
    #[must_use]
    pub fn run(mut self, run: &Run) -> Self {
        self.strategy.run = Some(run.clone());
        self
    }

    /// Sets the device to train on; the default is the model's. Burn does not tell of its
    /// `gradient_checkpointing` here: give the device it, as
    /// `device.autodiff().gradient_checkpointing()`.
    #[must_use]
    pub fn device(mut self, device: &Device) -> Self {
        self.strategy.device = Some(device.clone());
        self
    }

    /// Sets what becomes of the training when a collection fails; it stops by default.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.strategy.on_failure = on_failure;
        self
    }

    /// Sets the token that can stop the training, after the batch under way, and collections
    /// from samples. What was collected until then stays in the run, and
    /// [`launch`](Self::launch) gives the model as it is by then, as when Burn's `Interrupter`
    /// stops it. With [`CancellationToken::on_ctrl_c`] that is what Ctrl-C does.
    #[must_use]
    pub fn cancellation(mut self, token: &CancellationToken) -> Self {
        self.strategy.token = token.clone();
        self
    }

    /// Trains, after collections from samples were tried with their first batch: one whose
    /// classes or batcher do not fit is known before the first epoch. A collection that fails
    /// is told on standard error at once, and in the run, whose status becomes `Failed`.
    ///
    /// # Errors
    /// [`FailedTraining`] if a collection or anything else has stopped the training with an
    /// error: it has the model as it is by then.
    pub fn launch(self, learner: Learner<M>) -> Result<LearningResult<M>, Box<FailedTraining<M>>> {
        let strategy = TrainingStrategy::Custom(Arc::new(self.strategy));
        let result = self
            .training
            .with_training_strategy(strategy)
            .launch(learner);
        match result.error {
            None => Ok(result),
            Some(error) => Err(Box::new(FailedTraining {
                model: result.model,
                error,
            })),
        }
    }

    pub(super) fn new(training: SupervisedTraining<M>) -> Self {
        Self {
            training,
            strategy: CollectingStrategy::new(),
        }
    }
}

impl<M: LearnerModel> std::fmt::Debug for CollectingTraining<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CollectingTraining")
            .field("device", &self.strategy.device)
            .field("on_failure", &self.strategy.on_failure)
            .finish_non_exhaustive()
    }
}

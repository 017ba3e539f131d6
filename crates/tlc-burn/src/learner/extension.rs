//! One call on Burn's `SupervisedTraining`.

use super::logger::RunLogger;
use super::schedule::Schedule;
use super::strategy::CollectingStrategy;
use crate::Result;
use crate::error::BoxError;
use burn::train::{LearnerModel, SupervisedTraining, TrainingStrategy};
use std::sync::Arc;
use tlc_core::Run;

/// Collection as part of Burn's `SupervisedTraining`.
#[doc = include_str!("example.md")]
pub trait CollectInTraining<M: LearnerModel>: Sized {
    /// Collects at these epochs while training waits: `collect` is called with the
    /// epoch, counted from 1, and the model in inference mode, and owns what it needs.
    ///
    /// It is the training's strategy, a [`CollectingStrategy`]: for one device, the
    /// model's.
    #[must_use]
    fn collect_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Self;

    /// Collects at these epochs while the next one trains, as a
    /// [`BackgroundCollector`](crate::BackgroundCollector) does.
    ///
    /// # Errors
    /// [`Error::Thread`](crate::Error::Thread) if the system gives no thread.
    fn collect_in_background_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<Self>;

    /// Logs Burn's own metrics to a run, as a [`RunLogger`] does. It stops the
    /// training by the interrupter that is set when this is called.
    ///
    /// # Errors
    /// As [`Run::aggregates`].
    fn log_to(self, run: &Run) -> Result<Self>;
}

impl<M: LearnerModel> CollectInTraining<M> for SupervisedTraining<M> {
    fn collect_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Self {
        let strategy = CollectingStrategy::new(schedule, collect);
        self.with_training_strategy(TrainingStrategy::Custom(Arc::new(strategy)))
    }

    fn collect_in_background_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<Self> {
        let strategy = CollectingStrategy::in_background(schedule, collect)?;
        Ok(self.with_training_strategy(TrainingStrategy::Custom(Arc::new(strategy))))
    }

    fn log_to(self, run: &Run) -> Result<Self> {
        let logger = RunLogger::new(run, self.interrupter())?;
        Ok(self.with_metric_logger(logger))
    }
}

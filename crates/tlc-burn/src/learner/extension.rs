//! What is added to Burn's `SupervisedTraining`.

use super::logger::RunLogger;
use super::output::KeepsRows;
use super::samples::SampleMetrics;
use super::schedule::Schedule;
use super::training::CollectingTraining;
use crate::Result;
use crate::collect::IntoCollectors;
use crate::error::BoxError;
use crate::map::Samples;
use burn::data::dataloader::batcher::Batcher;
use burn::train::logger::FileMetricLogger;
use burn::train::{InferenceStep, LearnerModel, SupervisedTraining};
use serde::de::DeserializeOwned;
use std::path::Path;
use tlc_core::Run;

/// Collection as part of Burn's `SupervisedTraining`.
#[doc = include_str!("example.md")]
pub trait CollectInTraining<M: LearnerModel>: Sized {
    /// Logs Burn's own metrics to a run, as a [`RunLogger`] does, and to the files in the
    /// training's folder as Burn does by itself, which is where its `summary` looks. An
    /// error stops the training by the interrupter that is set when this is called.
    ///
    /// # Errors
    /// As [`Run::aggregates`].
    fn log_to(self, run: &Run, folder: impl AsRef<Path>) -> Result<Self>;

    /// Collects from the validation that Burn makes anyway, without another forward pass.
    #[must_use]
    fn collect_validation<O: Send + 'static>(self, metrics: SampleMetrics<O>) -> Self
    where
        <M as InferenceStep>::Output: KeepsRows<O>;

    /// Collects from samples of tables at every epoch, into the active run: one metrics
    /// table for each of them. Their split is the data set of their table, and they are
    /// augmented as [`map_collect_metrics`](Samples::map_collect_metrics) says.
    ///
    /// The forward pass is the model's own `InferenceStep`; what the model shows by
    /// [`tap`](crate::tap()) can be collected too.
    #[must_use]
    fn collect<'s, R, I, B, K>(
        self,
        batcher: B,
        samples: impl IntoIterator<Item = &'s Samples<R, I>>,
        collectors: impl IntoCollectors<
            'static,
            <M as InferenceStep>::Input,
            <M as InferenceStep>::Output,
            K,
        >,
    ) -> CollectingTraining<M>
    where
        M: Sync,
        R: DeserializeOwned + 'static,
        I: Clone + Send + 'static,
        B: Batcher<I, <M as InferenceStep>::Input> + 'static,
    {
        self.collecting().collect(batcher, samples, collectors)
    }

    /// Calls a collection of one's own at these epochs, while training waits; see
    /// [`CollectingTraining::collect_at`].
    #[must_use]
    fn collect_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> CollectingTraining<M> {
        self.collecting().collect_at(schedule, collect)
    }

    /// Calls one at these epochs, while the next one trains; see
    /// [`CollectingTraining::collect_in_background_at`].
    ///
    /// # Errors
    /// [`Error::Thread`](crate::Error::Thread) if the system gives no thread.
    fn collect_in_background_at<T, E: Into<BoxError>>(
        self,
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<CollectingTraining<M>> {
        self.collecting()
            .collect_in_background_at(schedule, collect)
    }

    /// The training as one that collects, with nothing to collect yet.
    #[must_use]
    fn collecting(self) -> CollectingTraining<M>;
}

impl<M: LearnerModel> CollectInTraining<M> for SupervisedTraining<M> {
    fn log_to(self, run: &Run, folder: impl AsRef<Path>) -> Result<Self> {
        let logger = RunLogger::new(run, self.interrupter())?;
        // Burn makes its own only where there is no other. The first one that is asked for
        // a value answers.
        let files = FileMetricLogger::new(folder);
        Ok(self.with_metric_logger(logger).with_metric_logger(files))
    }

    fn collect_validation<O: Send + 'static>(self, metrics: SampleMetrics<O>) -> Self
    where
        <M as InferenceStep>::Output: KeepsRows<O>,
    {
        self.metric_valid(metrics)
    }

    fn collecting(self) -> CollectingTraining<M> {
        CollectingTraining::new(self)
    }
}

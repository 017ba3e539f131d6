//! The training loop, with the live model shown after each epoch.

use super::epoch;
use super::schedule::Schedule;
use crate::Result;
use crate::error::BoxError;
use crate::write::{BackgroundCollector, collect_at_epoch};
use burn::data::dataset::DatasetError;
use burn::tensor::Device;
use burn::train::{
    EventProcessorTraining, Interrupter, Learner, LearnerEvent, LearnerModel,
    SupervisedLearningStrategy, SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents,
    ValidLoader,
};
use std::sync::{Mutex, PoisonError};

/// Trains on one device as Burn's own strategy does, and collects at the epochs of a
/// [`Schedule`] from a snapshot of the model in inference mode.
///
/// Given to `SupervisedTraining` as `TrainingStrategy::Custom`, which
/// [`CollectInTraining`](super::CollectInTraining) does in one call; an example is
/// there. Gradient accumulation, checkpoints, early stopping and interruption are as
/// ever. An epoch is collected after its checkpoint is written, and one that was
/// interrupted is not. An error of the collection, its panic included, stops the
/// training as any other error of it does, and is its result's `error`.
pub struct CollectingStrategy<M> {
    schedule: Schedule,
    device: Option<Device>,
    hook: Mutex<Hook<M>>,
}

type Collect<M> = dyn FnMut(usize, &M) -> Result<()> + Send;

enum Hook<M> {
    Foreground(Box<Collect<M>>),
    Background(BackgroundCollector<M>),
}

impl<M: LearnerModel> CollectingStrategy<M> {
    /// Training waits while `collect` works. It is called with the epoch, counted
    /// from 1, and the model in inference mode.
    pub fn new<T, E: Into<BoxError>>(
        schedule: Schedule,
        mut collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Self {
        let hook = move |number: usize, model: &M| collect_at_epoch(number, model, &mut collect);
        Self::with(schedule, Hook::Foreground(Box::new(hook)))
    }

    /// The next epoch trains while `collect` works, as a [`BackgroundCollector`] does.
    /// Training ends when the last collection has.
    ///
    /// # Errors
    /// [`Error::Thread`](crate::Error::Thread) if the system gives no thread.
    pub fn in_background<T, E: Into<BoxError>>(
        schedule: Schedule,
        collect: impl FnMut(usize, &M) -> Result<T, E> + Send + 'static,
    ) -> Result<Self> {
        let background = BackgroundCollector::new(collect)?;
        Ok(Self::with(schedule, Hook::Background(background)))
    }

    /// Sets the device to train on; the default is the model's. Burn does not tell a
    /// custom strategy of `gradient_checkpointing`: give the device it, as
    /// `device.autodiff().gradient_checkpointing()`.
    #[must_use]
    pub fn device(mut self, device: &Device) -> Self {
        self.device = Some(device.clone());
        self
    }

    fn with(schedule: Schedule, hook: Hook<M>) -> Self {
        Self {
            schedule,
            device: None,
            hook: Mutex::new(hook),
        }
    }

    fn device_of(&self, model: &M) -> Device {
        let given = self.device.clone();
        let device = given.or_else(|| model.devices().into_iter().next());
        let device = device.unwrap_or_default();
        if device.is_autodiff() {
            device
        } else {
            device.autodiff()
        }
    }

    fn collect(&self, number: usize, model: &M, interrupter: &Interrupter) {
        let mut hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner);
        let collected = match &mut *hook {
            Hook::Foreground(collect) => collect(number, model),
            Hook::Background(background) => background.submit(number, model),
        };
        interrupter.fail_on_error(collected.map_err(DatasetError::new));
    }

    /// Waits for what is collected in the background.
    fn finish(&self, interrupter: &Interrupter) {
        let mut hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner);
        if let Hook::Background(background) = &mut *hook {
            interrupter.fail_on_error(background.wait().map_err(DatasetError::new));
        }
    }
}

impl<M: LearnerModel> SupervisedLearningStrategy<M> for CollectingStrategy<M> {
    fn fit(
        &self,
        components: TrainingComponents<M>,
        mut learner: Learner<M>,
        dataloader_train: TrainLoader<M>,
        dataloader_valid: ValidLoader<M>,
        starting_epoch: usize,
    ) -> (M, SupervisedTrainingEventProcessor<M>) {
        let device = self.device_of(&learner.model());
        learner.fork(&device);
        let interrupter = components.interrupter.clone();
        let mut training = Training {
            learner,
            train: dataloader_train.to_device(&device),
            valid: dataloader_valid.to_device(&device.inner()),
            components,
        };
        for number in starting_epoch..=training.components.num_epochs {
            let Some(model) = training.epoch(number) else {
                break;
            };
            let is_last = training.is_last(number);
            if self.schedule.is_due(number, is_last) {
                self.collect(number, &model, &interrupter);
            }
            if is_last || interrupter.should_stop() {
                break;
            }
        }
        self.finish(&interrupter);
        (
            training.learner.model(),
            training.components.event_processor,
        )
    }
}

impl<M> std::fmt::Debug for CollectingStrategy<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CollectingStrategy")
            .field("schedule", &self.schedule)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// What an epoch needs.
struct Training<M: LearnerModel> {
    learner: Learner<M>,
    train: TrainLoader<M>,
    valid: ValidLoader<M>,
    components: TrainingComponents<M>,
}

impl<M: LearnerModel> Training<M> {
    /// Trains, validates and writes a checkpoint; the model in inference mode, or
    /// `None` if the training is to stop.
    fn epoch(&mut self, number: usize) -> Option<M> {
        let model = self.train(number)?;
        self.validate(number, &model);
        let components = &mut self.components;
        let interrupter = &components.interrupter;
        // What metrics and loggers could not do is known after this.
        interrupter.fail_on_error(components.event_processor.flush());
        if interrupter.should_stop() {
            return None;
        }
        if let Some(checkpointer) = &mut components.checkpointer {
            checkpointer.checkpoint(&self.learner, number, &components.event_store);
        }
        Some(model)
    }

    /// Whether no epoch follows; asked once an epoch, as early stopping counts.
    fn is_last(&mut self, number: usize) -> bool {
        let components = &mut self.components;
        let early_stopping = components.early_stopping.as_mut();
        let stops_early = early_stopping
            .is_some_and(|strategy| strategy.should_stop(number, &components.event_store));
        stops_early || number == components.num_epochs
    }

    fn train(&mut self, number: usize) -> Option<M> {
        let components = &mut self.components;
        let (processor, interrupter) = (&mut components.event_processor, &components.interrupter);
        interrupter.fail_on_error(processor.process_train(LearnerEvent::StartSplit {
            epoch_number: number,
            total_items: self.train.num_items(),
        }));
        let accumulation = components.grad_accumulation;
        epoch::train(
            &mut self.learner,
            &self.train,
            accumulation,
            processor,
            interrupter,
        );
        interrupter.fail_on_error(processor.process_train(LearnerEvent::EndSplit(number)));
        (!interrupter.should_stop()).then(|| self.learner.model().valid())
    }

    fn validate(&mut self, number: usize, model: &M) {
        let components = &mut self.components;
        let (processor, interrupter) = (&mut components.event_processor, &components.interrupter);
        interrupter.fail_on_error(processor.process_valid(LearnerEvent::StartSplit {
            epoch_number: number,
            total_items: self.valid.num_items(),
        }));
        epoch::validate(model, &self.valid, processor, interrupter);
        interrupter.fail_on_error(processor.process_valid(LearnerEvent::EndSplit(number)));
        interrupter.fail_on_error(processor.process_train(LearnerEvent::EndEpoch(number)));
    }
}

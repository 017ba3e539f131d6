//! The training loop, with the live model shown after each epoch.

use super::epoch;
use super::failure::{OnFailure, tell};
use super::interrupt::Interrupt;
use super::schedule::Schedule;
use crate::write::{BackgroundCollector, CancellationToken};
use crate::{Error, Result};
use burn::data::dataset::DatasetError;
use burn::tensor::Device;
use burn::train::{
    EventProcessorTraining, Learner, LearnerEvent, LearnerModel, SupervisedLearningStrategy,
    SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, ValidLoader,
};
use std::sync::{Mutex, PoisonError};
use tlc_core::Run;

/// Trains on one device as Burn's own strategy does, and calls hooks with a snapshot of the
/// model in inference mode.
pub(super) struct CollectingStrategy<M> {
    hooks: Mutex<Vec<Hook<M>>>,
    /// Else the model's.
    pub(super) device: Option<Device>,
    pub(super) on_failure: OnFailure,
    /// Which is told of failures.
    pub(super) run: Option<Run>,
    pub(super) token: CancellationToken,
}

/// A collection at epochs.
pub(super) struct Hook<M> {
    schedule: Schedule,
    work: Work<M>,
    rehearse: Option<Box<Rehearse<M>>>,
}

type Collect<M> = dyn FnMut(usize, &M, &CancellationToken) -> Result<()> + Send;
type Rehearse<M> = dyn Fn(&M) -> Result<()> + Send;

enum Work<M> {
    Foreground(Box<Collect<M>>),
    Background(BackgroundCollector<M>),
}

impl<M: LearnerModel> Hook<M> {
    pub(super) fn foreground(
        schedule: Schedule,
        collect: impl FnMut(usize, &M, &CancellationToken) -> Result<()> + Send + 'static,
    ) -> Self {
        Self {
            schedule,
            work: Work::Foreground(Box::new(collect)),
            rehearse: None,
        }
    }

    pub(super) fn background(schedule: Schedule, collect: BackgroundCollector<M>) -> Self {
        Self {
            schedule,
            work: Work::Background(collect),
            rehearse: None,
        }
    }

    /// Sets what tells before the training whether the collection will do.
    pub(super) fn rehearse_by(&mut self, rehearse: impl Fn(&M) -> Result<()> + Send + 'static) {
        self.rehearse = Some(Box::new(rehearse));
    }

    fn rehearse(&self, model: &M) -> Result<()> {
        self.rehearse
            .as_ref()
            .map_or(Ok(()), |rehearse| rehearse(model))
    }

    fn call(&mut self, number: usize, model: &M, token: &CancellationToken) -> Result<()> {
        match &mut self.work {
            Work::Foreground(collect) => collect(number, model, token),
            Work::Background(background) => background.submit(number, model),
        }
    }

    /// Waits for what is collected in the background.
    fn wait(&mut self) -> Result<()> {
        match &mut self.work {
            Work::Foreground(_) => Ok(()),
            Work::Background(background) => background.wait(),
        }
    }
}

impl<M: LearnerModel> CollectingStrategy<M> {
    /// With nothing to collect yet.
    pub(super) fn new() -> Self {
        Self {
            hooks: Mutex::default(),
            device: None,
            on_failure: OnFailure::Stop,
            run: None,
            token: CancellationToken::new(),
        }
    }

    pub(super) fn add(&mut self, hook: Hook<M>) {
        let hooks = self.hooks.get_mut();
        hooks.unwrap_or_else(PoisonError::into_inner).push(hook);
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

    /// Calls every hook that passes, and keeps those that have not failed.
    fn call_hooks(&self, interrupt: &Interrupt, mut call: impl FnMut(&mut Hook<M>) -> Result<()>) {
        let mut hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        hooks.retain_mut(|hook| match call(hook) {
            Ok(()) => true,
            Err(error @ Error::Cancelled { .. }) => {
                interrupt.stop(&error.to_string());
                true
            }
            Err(error) => {
                tell(&error, self.run.as_ref(), self.on_failure);
                if self.on_failure == OnFailure::Stop {
                    interrupt.fail(DatasetError::new(error));
                }
                false
            }
        });
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
        let interrupt = Interrupt::new(&components.interrupter, &self.token);
        let mut training = Training {
            interrupt: interrupt.clone(),
            learner,
            train: dataloader_train.to_device(&device),
            valid: dataloader_valid.to_device(&device.inner()),
            components,
        };
        let model = training.learner.model().valid();
        self.call_hooks(&interrupt, |hook| hook.rehearse(&model));
        for number in starting_epoch..=training.components.num_epochs {
            if interrupt.should_stop() {
                break;
            }
            let Some(model) = training.epoch(number) else {
                break;
            };
            let is_last = training.is_last(number);
            self.call_hooks(&interrupt, |hook| {
                match hook.schedule.is_due(number, is_last) && !interrupt.should_stop() {
                    true => hook.call(number, &model, interrupt.token()),
                    false => Ok(()),
                }
            });
            if is_last || interrupt.should_stop() {
                break;
            }
        }
        self.call_hooks(&interrupt, Hook::wait);
        (
            training.learner.model(),
            training.components.event_processor,
        )
    }
}

/// What an epoch needs.
struct Training<M: LearnerModel> {
    interrupt: Interrupt,
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
        let interrupt = &self.interrupt;
        // What metrics and loggers could not do is known after this.
        interrupt.fail_on_error(components.event_processor.flush());
        if interrupt.should_stop() {
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
        let (processor, interrupt) = (&mut components.event_processor, &self.interrupt);
        interrupt.fail_on_error(processor.process_train(LearnerEvent::StartSplit {
            epoch_number: number,
            total_items: self.train.num_items(),
        }));
        let accumulation = components.grad_accumulation;
        epoch::train(
            &mut self.learner,
            &self.train,
            accumulation,
            processor,
            interrupt,
        );
        interrupt.fail_on_error(processor.process_train(LearnerEvent::EndSplit(number)));
        (!interrupt.should_stop()).then(|| self.learner.model().valid())
    }

    fn validate(&mut self, number: usize, model: &M) {
        let components = &mut self.components;
        let (processor, interrupt) = (&mut components.event_processor, &self.interrupt);
        interrupt.fail_on_error(processor.process_valid(LearnerEvent::StartSplit {
            epoch_number: number,
            total_items: self.valid.num_items(),
        }));
        epoch::validate(model, &self.valid, processor, interrupt);
        interrupt.fail_on_error(processor.process_valid(LearnerEvent::EndSplit(number)));
        interrupt.fail_on_error(processor.process_train(LearnerEvent::EndEpoch(number)));
    }
}

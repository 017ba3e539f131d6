//! One epoch as Burn's own strategy for one device makes it.

use super::interrupt::Interrupt;
use burn::optim::GradientsAccumulator;
use burn::train::{
    EventProcessorTraining, InferenceStep, Learner, LearnerEvent, LearnerModel,
    SupervisedTrainingEventProcessor, TrainLoader, TrainingItem, ValidLoader,
};

/// Goes over the training samples once.
pub(super) fn train<M: LearnerModel>(
    learner: &mut Learner<M>,
    batches: &TrainLoader<M>,
    grad_accumulation: Option<usize>,
    processor: &mut SupervisedTrainingEventProcessor<M>,
    interrupt: &Interrupt,
) {
    let mut iterator = batches.iter();
    let mut iteration = 0;
    let mut accumulator = GradientsAccumulator::new();
    let mut accumulated = 0;
    while let Some(batch) = iterator.next() {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return interrupt.fail(error),
        };
        iteration += 1;
        let progress = iterator.progress();
        let step = learner.train_step(batch);
        match grad_accumulation {
            None => optimize(learner, step.grads),
            Some(batches) => {
                accumulator.accumulate(&learner.model(), step.grads);
                accumulated += 1;
                if accumulated >= batches || progress.is_completed() {
                    optimize(learner, accumulator.grads());
                    accumulated = 0;
                }
            }
        }
        let rate = Some(learner.lr_current());
        let item = TrainingItem::new(step.item, progress, Some(iteration), rate);
        interrupt.fail_on_error(processor.process_train(LearnerEvent::ProcessedItem(item)));
        if interrupt.should_stop() {
            return;
        }
    }
}

/// Goes over the validation samples once.
pub(super) fn validate<M: LearnerModel>(
    model: &M,
    batches: &ValidLoader<M>,
    processor: &mut SupervisedTrainingEventProcessor<M>,
    interrupt: &Interrupt,
) {
    let mut iterator = batches.iter();
    let mut iteration = 0;
    while let Some(batch) = iterator.next() {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return interrupt.fail(error),
        };
        iteration += 1;
        let progress = iterator.progress();
        let output = InferenceStep::step(model, batch);
        let item = TrainingItem::new(output, progress, Some(iteration), None);
        interrupt.fail_on_error(processor.process_valid(LearnerEvent::ProcessedItem(item)));
        if interrupt.should_stop() {
            return;
        }
    }
}

fn optimize<M: LearnerModel>(learner: &mut Learner<M>, gradients: burn::optim::GradientsParams) {
    learner.lr_step();
    learner.optimizer_step(gradients);
}

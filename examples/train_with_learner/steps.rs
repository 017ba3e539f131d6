//! What Burn's `Learner` asks of a model: a step of training and one of validation.

use crate::model::Cnn;
use crate::samples::Batch;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};
use tlc::prelude::*;
use tlc::{Indexed, SampleOutput};

impl Cnn {
    fn classify(&self, batch: Batch) -> ClassificationOutput {
        let targets = batch.targets.clone();
        let logits = self.predict(batch, &mut ()).logits; // [batch, classes]
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        let loss = loss.forward(logits.clone(), targets.clone());
        ClassificationOutput::new(loss, logits, targets)
    }
}

impl TrainStep for Cnn {
    type Input = Indexed<Batch>;
    type Output = ClassificationOutput;

    fn step(&self, batch: Indexed<Batch>) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch.batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Cnn {
    type Input = Indexed<Batch>;
    type Output = SampleOutput<ClassificationOutput>;

    fn step(&self, batch: Indexed<Batch>) -> Self::Output {
        SampleOutput::new(batch.example_ids, self.classify(batch.batch))
    }
}

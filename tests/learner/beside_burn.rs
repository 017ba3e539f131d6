//! What users of Burn have in scope, and what they call afterwards.

// Everything at once: no name may stand for two things where it is used.
use burn::data::dataloader::*;
use burn::data::dataset::*;
use burn::prelude::*;
use burn::train::metric::*;
use burn::train::*;
use tlc_burn::prelude::*;

use crate::{BATCH, Mlp, Setup, batches};
use tlc_tests::{CLASSES, Images};

#[test]
fn the_prelude_goes_together_with_burns() {
    let device = tlc_tests::cpu();
    let logits = Tensor::<2>::zeros([2, 4], &device);
    let targets = Tensor::<1, Int>::zeros([2], &device);
    let output = ClassificationOutput::new(Tensor::zeros([1], &device), logits, targets);
    // Burn's own, beside what collectors ask for.
    let loss: LossInput = output.adapt();
    let input: ClassificationInput = output.to_input();
    assert_eq!(input.logits.dims(), [2, 4]);
    drop(loss);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    drop(collectors);
    let labels = InMemDataset::new(vec![1, 0]);
    assert_eq!(Dataset::<i32>::len(&labels), 2);
}

/// A model as it is before a line is added.
#[derive(Module, Debug)]
struct Unchanged {
    inner: Mlp,
}

impl InferenceStep for Unchanged {
    type Input = Images;
    type Output = ClassificationOutput;

    fn step(&self, batch: Images) -> ClassificationOutput {
        self.inner.classify(batch)
    }
}

#[test]
fn burns_evaluator_takes_a_model_that_is_collected_from_either_way() {
    let setup = Setup::of(BATCH, 2 * BATCH + 3);
    let folder = tempfile::tempdir().unwrap();
    // Rows with their ids, for `SampleMetrics`.
    let evaluator = EvaluatorBuilder::new(folder.path())
        .with_application_logger(None)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(Mlp::new().valid());
    let result = evaluator.eval("with ids", batches(&setup.valid));
    assert!(result.error.is_none());
    // The model's own step.
    let evaluator = EvaluatorBuilder::new(folder.path())
        .with_application_logger(None)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .build(Unchanged {
            inner: Mlp::new().valid(),
        });
    let loader = DataLoaderBuilder::new(tlc_tests::Stack).batch_size(BATCH);
    let result = evaluator.eval("plain", loader.build(setup.valid.clone()));
    assert!(result.error.is_none());
    let predictor = Predictor::of_step(&Unchanged { inner: Mlp::new() }, tlc_tests::Stack);
    let options = CollectOptions::new().run(&setup.run).progress(false);
    collect_metrics(
        &setup.valid,
        Classification::new(CLASSES),
        &predictor,
        options,
    )
    .unwrap();
}

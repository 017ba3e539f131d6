//! Samplers in a training by Burn's `Learner`.

use crate::{BATCH, Setup, learner};
use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use burn::train::SupervisedTraining;
use std::sync::{Arc, Mutex};
use tlc_burn::Indexed;
use tlc_burn::prelude::*;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int32Type;
use tlc_tests::{CLASSES, Image, Images, Stack, floats, ints};

/// A batcher that notes the rows and labels it is given.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Vec<(usize, i32)>>>);

impl Batcher<Sample<Image>, Indexed<Images>> for Noting {
    fn batch(&self, samples: Vec<Sample<Image>>, device: &Device) -> Indexed<Images> {
        let pairs = samples
            .iter()
            .map(|sample| (sample.example_id.0, sample.item.label));
        self.0.lock().unwrap().extend(pairs);
        WithIds(Stack).batch(samples, device)
    }
}

#[test]
fn a_training_reads_the_rows_of_the_sampler_and_metrics_are_of_their_rows() {
    const EPOCHS: usize = 3;
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let noted = Noting::default();
    let sampled = setup.train.sampled(Sampler::weighted().seed(11)).unwrap();
    let expected: Vec<usize> = (1..=EPOCHS as u64)
        .flat_map(|epoch| sampled.epoch_rows(epoch))
        .collect();
    let train = DataLoaderBuilder::new(noted.clone())
        .batch_size(BATCH)
        .build(sampled);
    // Validation without rows of weight 0, whose metrics the pass itself gives.
    let in_order = setup.valid.sampled(Sampler::sequential()).unwrap();
    let kept = in_order.epoch_rows(1);
    let valid = DataLoaderBuilder::new(WithIds(Stack))
        .batch_size(BATCH)
        .build(in_order);
    let trained = SupervisedTraining::new(folder.path(), train, valid)
        .with_application_logger(None)
        .num_epochs(EPOCHS)
        .collect_validation(setup.sample_metrics(&setup.run))
        .launch(learner());
    assert!(trained.error.is_none());

    let labels = setup.train.table().column("label").unwrap();
    let labels = labels.as_primitive::<Int32Type>().values();
    let seen = noted.0.lock().unwrap();
    assert_eq!(
        seen.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        expected
    );
    assert!(seen.iter().all(|(row, label)| labels[*row] == *label));

    let metrics = setup.run.metrics().unwrap();
    assert_eq!(metrics.len(), EPOCHS);
    let last = &metrics[EPOCHS - 1];
    let kept: Vec<i64> = kept.iter().map(|row| *row as i64).collect();
    assert_eq!(ints(last, "example_id"), kept);
    // As a collection by the trained model gives them.
    let options = CollectOptions::new()
        .run(&setup.run)
        .split("valid")
        .stream("again");
    let again = collect_metrics(
        &setup.valid,
        Classification::new(CLASSES),
        &Predictor::new(&trained.model, Stack).batch_size(BATCH),
        options.exclude_zero_weights(true).progress(false),
    )
    .unwrap();
    assert_eq!(ints(&again, "example_id"), kept);
    tlc_tests::assert_close("loss", &floats(last, "loss"), &floats(&again, "loss"), 1e-5);
}

//! Augmentation belongs to training alone.

use crate::{BATCH, into_run, predictor};
use burn::data::dataloader::DataLoaderBuilder;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_burn::prelude::*;
use tlc_burn::{ExampleId, Indexed, collect_metrics};
use tlc_tests::{CLASSES, Image, Images, Stack, decode, floats, samples};

fn inverted(mut image: Image) -> Image {
    image
        .values
        .iter_mut()
        .for_each(|value| *value = 1.0 - *value);
    image
}

#[test]
fn augmentation_runs_in_training_and_never_in_collection() {
    let (plain, run) = samples(2 * BATCH + 3);
    let (augmented, clean) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_training, in_collection) = (Arc::clone(&augmented), Arc::clone(&clean));
    let samples = plain
        .table()
        .samples()
        .try_map(move |row| {
            in_training.fetch_add(1, Ordering::Relaxed);
            decode(row).map(inverted)
        })
        .try_map_collect_metrics(move |row| {
            in_collection.fetch_add(1, Ordering::Relaxed);
            decode(row)
        });

    let loader = DataLoaderBuilder::new(Stack)
        .batch_size(BATCH)
        .build(samples.clone());
    let first: Images = loader.iter().next().unwrap().unwrap();
    let trained_on = first.inputs.try_into_vec_as::<f32>().unwrap();
    let expected: Vec<f32> = (0..BATCH)
        .flat_map(|row| inverted(plain.collected(row).unwrap().item).values)
        .collect();
    assert_eq!(trained_on, expected);
    assert_eq!(
        clean.load(Ordering::Relaxed),
        0,
        "training asked for what is collected"
    );
    let so_far = augmented.load(Ordering::Relaxed);
    assert!(so_far >= BATCH);

    let collectors = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, collectors, &predictor(), into_run(&run)).unwrap();
    let expected = Classification::new(CLASSES);
    let expected = collect_metrics(&plain, expected, &predictor(), into_run(&run)).unwrap();
    assert_eq!(floats(&metrics, "loss"), floats(&expected, "loss"));
    assert_eq!(
        augmented.load(Ordering::Relaxed),
        so_far,
        "collection augmented"
    );
    assert_eq!(
        clean.load(Ordering::Relaxed),
        2 * BATCH + 3,
        "each row is mapped once"
    );
}

#[test]
fn without_a_map_for_collection_the_map_for_training_serves() {
    let (plain, run) = samples(BATCH);
    let samples = plain
        .table()
        .samples()
        .try_map(|row| decode(row).map(inverted));
    assert_eq!(samples.collected(2).unwrap(), samples.trained(2).unwrap());
    let loss = |samples| {
        let metrics =
            collect_metrics(samples, Loss::cross_entropy(), &predictor(), into_run(&run)).unwrap();
        floats(&metrics, "loss")
    };
    assert_ne!(loss(&samples), loss(&plain));
}

#[test]
fn example_ids_travel_through_a_shuffling_loader_beside_their_items() {
    let (samples, _) = samples(2 * BATCH + 3);
    let loader = DataLoaderBuilder::<Sample<Image>, Indexed<Images>>::new(WithIds(Stack))
        .batch_size(BATCH)
        .shuffle(5)
        .build(samples.clone());
    let mut seen = Vec::new();
    for batch in loader.iter() {
        let batch = batch.unwrap();
        let targets = batch.batch.targets.try_into_vec_as::<i64>().unwrap();
        for (ExampleId(row), target) in batch.example_ids.iter().zip(targets) {
            assert_eq!(i64::from(samples.trained(*row).unwrap().item.label), target);
            seen.push(*row);
        }
    }
    assert_ne!(
        seen,
        (0..2 * BATCH + 3).collect::<Vec<_>>(),
        "nothing was shuffled"
    );
    seen.sort_unstable();
    assert_eq!(seen, (0..2 * BATCH + 3).collect::<Vec<_>>());
}

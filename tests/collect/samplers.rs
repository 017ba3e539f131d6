//! Which rows epochs read by their weights, through Burn's own loaders.

use crate::{into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::Dataset;
use burn::prelude::Device;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tlc_burn::prelude::*;
use tlc_burn::{Error, Sampled, collect_metrics};
use tlc_core::{Balance, Column, Columns, IntoArray, Parts, Table, TableOptions, ValueType};
use tlc_tests::{CLASSES, ints, root};

#[derive(Clone, Debug, Deserialize)]
struct Row {
    number: i64,
}

fn table_of(column: Column, weights: impl IntoArray) -> Table {
    let weights = weights.into_array();
    let numbers: Vec<i64> = (0..weights.len() as i64).map(|row| row * 10).collect();
    let columns = Columns::new()
        .column("number", numbers)
        .column(column.name.clone(), weights);
    let options = TableOptions::new("tests", "sampled", "train")
        .root(root())
        .column(column);
    Table::create(options, |writer| writer.add_batch(columns)).unwrap()
}

fn weighted(weights: &[f32]) -> Samples<Row> {
    let column = Column::new("weight", ValueType::SampleWeight);
    table_of(column, weights.to_vec()).samples()
}

/// How often each of so many rows comes.
fn counts(rows: impl IntoIterator<Item = usize>, len: usize) -> Vec<u32> {
    let mut counts = vec![0; len];
    rows.into_iter().for_each(|row| counts[row] += 1);
    counts
}

fn over_epochs(sampled: &Sampled<Row>, epochs: u64, len: usize) -> Vec<u32> {
    counts(
        (1..=epochs).flat_map(|epoch| sampled.epoch_rows(epoch)),
        len,
    )
}

fn chi_square(found: &[u32], expected: &[f64]) -> f64 {
    let parts = found
        .iter()
        .zip(expected)
        .filter(|(_, expected)| **expected > 0.0);
    let parts = parts.map(|(found, expected)| (f64::from(*found) - expected).powi(2) / expected);
    parts.sum()
}

#[test]
fn weighted_draws_are_in_proportion_to_the_weights_and_never_of_weight_zero() {
    let weights = [1.0, 0.0, 2.0, 0.5, 4.0, 0.0, 2.5];
    let sampled = weighted(&weights)
        .sampled(Sampler::weighted().seed(5))
        .unwrap();
    assert_eq!(sampled.len(), 7);
    let found = over_epochs(&sampled, 10_000, 7);
    assert_eq!((found[1], found[5]), (0, 0));
    let expected = weights.map(|weight| f64::from(weight) / 10.0 * 70_000.0);
    // 4 degrees of freedom: above 18.5 once in a thousand.
    let chi_square = chi_square(&found, &expected);
    assert!(chi_square < 18.5, "{chi_square}");
    let more = Sampler::weighted().rows_per_epoch(1_000);
    assert_eq!(weighted(&weights).sampled(more).unwrap().len(), 1_000);
}

#[test]
fn rows_are_repeated_by_their_weights_in_a_random_order_with_the_parts_by_chance() {
    let weights = [1.0, 0.0, 2.25, 0.5, 3.0, 0.1];
    let samples = weighted(&weights);
    let sampled = samples
        .sampled(Sampler::repeat_by_weight().seed(2))
        .unwrap();
    assert_eq!(sampled.len(), 7); // of 6.85
    let epochs = 8_000;
    for epoch in 1..=epochs {
        let found = counts(sampled.epoch_rows(epoch), 6);
        assert_eq!(found.iter().sum::<u32>(), 7);
        for (found, weight) in found.iter().zip(weights) {
            assert!(*found >= weight as u32 && *found <= weight.ceil() as u32 + 1);
        }
    }
    let found = over_epochs(&sampled, epochs, 6);
    for (found, weight) in found.iter().zip(weights) {
        let mean = f64::from(*found) / epochs as f64;
        let expected = f64::from(weight) * 7.0 / 6.85;
        // Four standard deviations of a mean of counts that differ by one, or seldom by two.
        assert!(
            (mean - expected).abs() < 4.0 * 0.6 / (epochs as f64).sqrt(),
            "{mean} {expected}"
        );
    }
    // Whole weights: the same rows in each epoch.
    let whole = weighted(&[2.0, 1.0, 0.0])
        .sampled(Sampler::repeat_by_weight())
        .unwrap();
    assert!((1..50).all(|epoch| counts(whole.epoch_rows(epoch), 3) == [2, 1, 0]));
    // What was meant to be a whole is one, though 32-bit floats are a little more.
    let tenths = weighted(&[0.1; 30])
        .sampled(Sampler::repeat_by_weight())
        .unwrap();
    assert_eq!(tenths.len(), 3);
}

#[test]
fn random_and_sequential_epochs_have_each_row_once_but_those_of_weight_zero() {
    let weights = [1.0, 0.0, 0.25, 9.0, 0.0, 1.0];
    let samples = weighted(&weights);
    let sequential = samples.sampled(Sampler::sequential()).unwrap();
    let random = samples.sampled(Sampler::random().seed(3)).unwrap();
    let mut orders: BTreeMap<Vec<usize>, u32> = BTreeMap::new();
    for epoch in 1..=24_000 {
        let rows = random.epoch_rows(epoch);
        *orders.entry(rows).or_default() += 1;
    }
    assert_eq!(sequential.epoch_rows(1), [0, 2, 3, 5]);
    assert_eq!(sequential.epoch_rows(2), [0, 2, 3, 5]);
    assert_eq!(orders.len(), 24);
    let found: Vec<u32> = orders.into_values().collect();
    // 23 degrees of freedom: above 49.7 once in a thousand.
    let chi_square = chi_square(&found, &[1_000.0; 24]);
    assert!(chi_square < 49.7, "{chi_square}");
}

#[test]
fn a_seed_gives_the_same_epochs_each_of_them_another() {
    let weights: Vec<f32> = (0..200).map(|row| (row % 4) as f32 / 2.0).collect();
    for sampler in [
        Sampler::weighted(),
        Sampler::repeat_by_weight(),
        Sampler::random(),
    ] {
        let of = |seed| {
            weighted(&weights)
                .sampled(sampler.clone().seed(seed))
                .unwrap()
        };
        assert_eq!(of(1).epoch_rows(3), of(1).epoch_rows(3));
        let epochs = (1..=20).map(|epoch| of(1).epoch_rows(epoch));
        assert_eq!(epochs.collect::<BTreeSet<_>>().len(), 20);
        assert_ne!(of(1).epoch_rows(3), of(2).epoch_rows(3));
    }
}

/// Gives a batch as its rows and items.
#[derive(Clone)]
struct Plain;

impl Batcher<Sample<Row>, Vec<(usize, i64)>> for Plain {
    fn batch(&self, samples: Vec<Sample<Row>>, _: &Device) -> Vec<(usize, i64)> {
        let pair = |sample: Sample<Row>| (sample.example_id.0, sample.item.number);
        samples.into_iter().map(pair).collect()
    }
}

/// The rows of one pass of a loader, whose items are those of the rows.
fn pass(loader: &Arc<dyn DataLoader<Vec<(usize, i64)>>>) -> Vec<usize> {
    let pairs = loader.iter().flat_map(|batch| batch.unwrap());
    let row = |(row, number): (usize, i64)| {
        assert_eq!(number, row as i64 * 10);
        row
    };
    pairs.map(row).collect()
}

#[test]
fn burns_loaders_read_epoch_after_epoch_with_any_number_of_threads_and_shuffled() {
    let weights: Vec<f32> = (0..97).map(|row| (row % 5) as f32 * 0.75).collect();
    let samples = weighted(&weights);
    for sampler in [
        Sampler::weighted().seed(4),
        Sampler::repeat_by_weight().seed(4),
        Sampler::random().seed(4),
        Sampler::sequential(),
    ] {
        for (workers, shuffle) in [(0, None), (0, Some(9)), (1, None), (3, None), (4, Some(9))] {
            let sampled = samples.sampled(sampler.clone()).unwrap();
            let expected: Vec<Vec<usize>> =
                (1..=4).map(|epoch| sampled.epoch_rows(epoch)).collect();
            let mut loader = DataLoaderBuilder::new(Plain)
                .batch_size(8)
                .num_workers(workers);
            if let Some(seed) = shuffle {
                loader = loader.shuffle(seed);
            }
            let len = sampled.len();
            let loader = loader.build(sampled);
            assert_eq!(loader.num_items(), len);
            for mut expected in expected {
                let mut rows = pass(&loader);
                if workers > 1 || shuffle.is_some() {
                    rows.sort_unstable();
                    expected.sort_unstable();
                }
                assert_eq!(rows, expected, "{sampler:?}, {workers} workers");
            }
        }
    }
}

#[test]
fn a_pass_that_was_broken_off_is_followed_by_the_next_epoch_and_a_training_can_go_on_at_any() {
    let samples = weighted(&[1.0; 20]);
    let sampled = Arc::new(samples.sampled(Sampler::random().seed(6)).unwrap());
    let loader = DataLoaderBuilder::new(Plain)
        .batch_size(4)
        .build(Arc::clone(&sampled));
    let first: Vec<usize> = loader
        .iter()
        .next()
        .unwrap()
        .unwrap()
        .iter()
        .map(|(row, _)| *row)
        .collect();
    assert_eq!(first, sampled.epoch_rows(1)[..4]);
    assert_eq!(pass(&loader), sampled.epoch_rows(2));
    sampled.begin_epoch(7);
    assert_eq!(pass(&loader), sampled.epoch_rows(7));
    assert_eq!(pass(&loader), sampled.epoch_rows(8));
    // Read to the end of the numbers.
    sampled.begin_epoch(u64::MAX);
    pass(&loader);
    assert_eq!(pass(&loader), sampled.epoch_rows(0));
    assert!(Dataset::<Row>::get(&*sampled, 20).is_err());
}

#[test]
fn only_the_rows_that_are_meant_are_sampled_and_only_their_weights_count() {
    let samples = weighted(&[1.0, f32::NAN, 2.0, -1.0, 0.0, 3.0]);
    let some = samples.rows(vec![5_usize, 0, 4]).unwrap();
    assert_eq!(
        some.sampled(Sampler::sequential()).unwrap().epoch_rows(1),
        [5, 0]
    );
    let drawn = some.sampled(Sampler::weighted()).unwrap();
    assert_eq!(drawn.len(), 3);
    let found = over_epochs(&drawn, 4_000, 6);
    let chi_square = chi_square(&found, &[3_000.0, 0.0, 0.0, 0.0, 0.0, 9_000.0]);
    assert!(
        found.iter().sum::<u32>() == found[0] + found[5] && chi_square < 10.9,
        "{found:?}"
    );
}

#[test]
fn any_column_of_numbers_can_be_the_weights() {
    let of = |values: Vec<Option<f64>>| {
        let column = Column::new("loss", ValueType::Float64).nullable(true);
        table_of(column, values).samples::<Row>()
    };
    let sampler = || Sampler::weighted().column("loss");
    let huge = of(vec![
        Some(f64::MAX),
        Some(f64::MAX),
        Some(f64::MIN_POSITIVE),
        Some(0.0),
    ]);
    let found = over_epochs(&huge.sampled(sampler()).unwrap(), 500, 4);
    assert!(
        found[0] > 900 && found[1] > 900 && found[3] == 0,
        "{found:?}"
    );
    let error = of(vec![Some(1.0), None]).sampled(sampler()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("weights `loss`: no number in row 1"),
        "{error}"
    );
    let whole = table_of(Column::new("times", ValueType::UInt8), vec![3_u8, 0, 1]);
    let sampler = Sampler::repeat_by_weight().column("times");
    let sampled = whole.samples::<Row>().sampled(sampler).unwrap();
    assert_eq!(counts(sampled.epoch_rows(1), 3), [3, 0, 1]);
}

fn samplers() -> [Sampler; 4] {
    [
        Sampler::weighted(),
        Sampler::repeat_by_weight(),
        Sampler::random(),
        Sampler::sequential(),
    ]
}

/// Fails unless the sampler refuses the weights and says this.
fn refused(weights: &[f32], sampler: Sampler, says: &str) {
    let error = weighted(weights).sampled(sampler).unwrap_err();
    assert!(matches!(error, Error::Weights { .. }), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn weights_that_nothing_can_be_sampled_by_are_refused() {
    for sampler in samplers() {
        let refused = |weights: &[f32], says| refused(weights, sampler.clone(), says);
        refused(&[0.0, -0.0], "none of 2 rows has one above 0");
        refused(&[], "none of 0 rows");
        refused(
            &[1.0, -0.5],
            "-0.5 in row 1, but a weight is a finite number from 0 on",
        );
        refused(&[1.0, 1.0, f32::NAN], "no number in row 2");
        refused(&[f32::INFINITY], "inf in row 0");
    }
}

#[test]
fn columns_that_are_not_there_or_no_numbers_are_refused() {
    for sampler in samplers() {
        let losses = table_of(Column::new("loss", ValueType::Float32), vec![1.0_f32]);
        let losses = losses.samples::<Row>();
        let error = losses.sampled(sampler.clone()).unwrap_err();
        assert!(matches!(error, Error::NoWeights { .. }), "{error}");
        let error = losses.sampled(sampler.clone().column("weigth"));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("no column `weigth`, there are: number, loss"),
            "{error}"
        );
        let texts = table_of(Column::new("text", ValueType::String), vec!["1.0"]);
        let error = texts.samples::<Row>().sampled(sampler.column("text"));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("Utf8 is no number"), "{error}");
    }
}

#[test]
fn epochs_without_rows_or_with_more_than_memory_holds_are_refused() {
    for sampler in samplers().into_iter().skip(1) {
        let says = "is for `Sampler::weighted` alone";
        refused(&[1.0], sampler.rows_per_epoch(4), says);
    }
    let draws = |rows| Sampler::weighted().rows_per_epoch(rows);
    refused(&[1.0], draws(0), "an epoch would have no row");
    refused(&[1.0], draws(usize::MAX), "too many");
    let says = "the sum of the weights: make them smaller";
    refused(&[1.0, 1e30], Sampler::repeat_by_weight(), says);
}

#[test]
fn metrics_of_samples_that_are_sampled_for_training_are_of_each_row_once() {
    let (samples, run) = tlc_tests::samples(21);
    let sampled = samples.sampled(Sampler::weighted().seed(1)).unwrap();
    for place in 0..sampled.len() {
        let sample: Sample<tlc_tests::Image> = sampled.get(place).unwrap();
        let row = samples.trained(sample.example_id.0).unwrap();
        assert_eq!(sample, row);
        assert_ne!(sample.example_id.0 % 5, 3, "of weight 0");
    }
    let collect = |options| {
        let collector = Classification::new(CLASSES);
        collect_metrics(sampled.samples(), collector, &predictor(), options).unwrap()
    };
    let all = collect(into_run(&run).split("all"));
    assert_eq!(ints(&all, "example_id"), (0..21).collect::<Vec<_>>());
    let some = collect(into_run(&run).split("some").exclude_zero_weights(true));
    let read = samples
        .sampled(Sampler::sequential())
        .unwrap()
        .epoch_rows(1);
    assert_eq!(
        ints(&some, "example_id"),
        read.iter().map(|row| *row as i64).collect::<Vec<_>>()
    );
}

#[test]
fn a_part_of_a_split_is_sampled_and_a_balanced_choice_is_trained_on() {
    let (samples, _) = tlc_tests::samples(40);
    let split = samples
        .table()
        .split(Parts::new([("train", 0.75), ("test", 0.25)]));
    let train: Vec<usize> = split.unwrap().rows("train").unwrap().collect();
    let part = samples.rows(train.clone()).unwrap();
    let read = part.sampled(Sampler::sequential()).unwrap().epoch_rows(1);
    let kept = train.into_iter().filter(|row| row % 5 != 3);
    assert_eq!(read, kept.collect::<Vec<_>>());
    let rows = samples
        .table()
        .balanced(Balance::by("label").rows_per_class(3));
    let balanced = samples.rows(&rows.unwrap()).unwrap();
    let label = |place| {
        let sample: Sample<tlc_tests::Image> = balanced.get(place).unwrap();
        sample.item.label as usize
    };
    assert_eq!(
        counts((0..balanced.len()).map(label), CLASSES.len()),
        [3; 4]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn counts_are_those_of_the_weights_to_a_row_in_any_epoch(
        weights in prop::collection::vec(prop_oneof![Just(0.0_f32), 0.0_f32..1.0, 0.0_f32..7.0], 1..60),
        seed in any::<u64>(),
        epoch in any::<u64>(),
    ) {
        let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        let samples = weighted(&weights);
        let Ok(sampled) = samples.sampled(Sampler::repeat_by_weight().seed(seed)) else {
            prop_assert!(sum == 0.0);
            return Ok(());
        };
        prop_assert!((sampled.len() as f64 - sum).abs() < 1.0 + 1e-4);
        let found = counts(sampled.epoch_rows(epoch), weights.len());
        prop_assert_eq!(found.iter().sum::<u32>() as usize, sampled.len());
        let mut above = 0;
        for (found, weight) in found.iter().zip(&weights) {
            prop_assert!(*found >= weight.floor() as u32);
            above += found.saturating_sub(weight.ceil() as u32);
        }
        prop_assert!(above <= 1, "{} more than the weights say", above);
        let random = samples.sampled(Sampler::random().seed(seed)).unwrap();
        let found = counts(random.epoch_rows(epoch), weights.len());
        for (found, weight) in found.iter().zip(&weights) {
            prop_assert_eq!(*found, u32::from(*weight > 0.0));
        }
    }
}

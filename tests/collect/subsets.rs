//! Some rows of a table, and all of them by models that have not seen them.

use crate::{BATCH, into_run, predictor};
use std::collections::BTreeSet;
use tlc_burn::prelude::*;
use tlc_burn::{Error, Folds, RowSelection, collect_metrics, out_of_fold};
use tlc_core::MetricsTable;
use tlc_tests::{CLASSES, Net, Stack, cpu, floats, ints, samples, series};

const ROWS: usize = 3 * BATCH + 5;

fn classify() -> Classification {
    Classification::new(CLASSES)
}

fn ids(metrics: &MetricsTable) -> Vec<usize> {
    ints(metrics, "example_id")
        .into_iter()
        .map(|id| id as usize)
        .collect()
}

#[test]
fn only_the_rows_that_are_asked_for_are_read_and_keep_their_ids_and_values() {
    let (samples, run) = samples(ROWS);
    let read = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&read);
    let counted = samples.clone().try_map_collect_metrics(move |row| {
        seen.lock().unwrap().push(row.pixels[0]);
        tlc_tests::decode(row)
    });
    let all = collect_metrics(&samples, classify(), &predictor(), into_run(&run)).unwrap();
    let losses = floats(&all, "loss");
    let mask: Vec<bool> = (0..ROWS).map(|row| row % 3 == 0).collect();
    let table = samples.table();
    table
        .save_selection("hard", [9, 2, 15], "seen twice")
        .unwrap();
    let kept = table.selection("hard").unwrap();
    let selections: [(RowSelection, Vec<usize>); 5] = [
        ((&kept).into(), vec![2, 9, 15]),
        ((5..19).into(), (5..19).collect()),
        (vec![20_usize, 3, 11].into(), vec![20, 3, 11]),
        (mask.into(), (0..ROWS).step_by(3).collect()),
        ((4..4).into(), Vec::new()),
    ];
    for (selection, expected) in selections {
        read.lock().unwrap().clear();
        let options = into_run(&run).rows(selection.clone());
        let metrics = collect_metrics(&counted, classify(), &predictor(), options).unwrap();
        assert_eq!(ids(&metrics), expected);
        assert_eq!(read.lock().unwrap().len(), expected.len());
        let wanted: Vec<f32> = expected.iter().map(|row| losses[*row]).collect();
        tlc_tests::assert_close("losses", &floats(&metrics, "loss"), &wanted, 1e-5);
        // The same by samples that are these rows.
        let chosen = samples.rows(selection).unwrap();
        assert_eq!(chosen.len(), expected.len());
        let metrics = collect_metrics(&chosen, classify(), &predictor(), into_run(&run)).unwrap();
        assert_eq!(ids(&metrics), expected);
    }
}

#[test]
fn rows_that_a_table_does_not_have_are_refused() {
    let (samples, run) = samples(ROWS);
    let too_far: [RowSelection; 4] = [
        (0..ROWS + 1).into(),
        vec![ROWS].into(),
        vec![true; ROWS - 1].into(),
        std::ops::Range { start: 5, end: 3 }.into(),
    ];
    for selection in too_far {
        let options = into_run(&run).rows(selection);
        let error = collect_metrics(&samples, classify(), &predictor(), options).unwrap_err();
        assert!(matches!(error, Error::Rows { .. }), "{error}");
    }
    assert!(run.metrics().unwrap().is_empty());
}

#[test]
fn a_dataset_of_some_rows_gives_those_to_training() {
    use burn::data::dataset::Dataset;
    let (samples, _) = samples(ROWS);
    let chosen = samples.rows(vec![7_usize, 2]).unwrap();
    let item = Dataset::<Sample<tlc_tests::Image>>::get(&chosen, 1).unwrap();
    assert_eq!(item.example_id.0, 2);
    assert_eq!(item.item, samples.trained(2).unwrap().item);
}

#[test]
fn every_row_is_predicted_once_by_a_model_that_has_not_seen_it() {
    let (samples, run) = samples(ROWS);
    for folds in [
        Folds::new(4),
        Folds::new(4).stratified_by("label"),
        Folds::new(4).grouped_by("label"),
    ] {
        let mut trained_on = Vec::new();
        let options = into_run(&run).split("train").epoch(1);
        let metrics = out_of_fold(
            &samples,
            folds.clone(),
            classify(),
            options,
            |fold, train| {
                assert_eq!(fold, trained_on.len());
                let rows = (0..train.len()).map(|at| {
                    let sample: Sample<tlc_tests::Image> =
                        burn::data::dataset::Dataset::get(train, at).unwrap();
                    sample.example_id.0
                });
                trained_on.push(rows.collect::<BTreeSet<_>>());
                Ok::<_, Error>(Predictor::new(&Net::new(&cpu()), Stack).batch_size(BATCH))
            },
        )
        .unwrap();
        let of_row = folds.assign(samples.table()).unwrap();
        assert_eq!(
            ids(&metrics).into_iter().collect::<BTreeSet<_>>(),
            (0..ROWS).collect()
        );
        assert_eq!(metrics.len(), ROWS);
        for (id, fold) in ids(&metrics).into_iter().zip(ints(&metrics, "fold")) {
            assert_eq!(of_row[id] as i64, fold);
            for (other, seen) in trained_on.iter().enumerate() {
                assert_eq!(seen.contains(&id), other != fold as usize);
            }
        }
    }
    assert_eq!(
        series(&run, "train_loss").len(),
        3,
        "one for each collection"
    );
}

#[test]
fn folds_are_the_same_for_a_seed_and_of_equal_shares() {
    let (samples, _) = samples(40);
    let table = samples.table();
    let sizes = |of_row: &[usize]| -> Vec<usize> {
        (0..4)
            .map(|fold| of_row.iter().filter(|of| **of == fold).count())
            .collect()
    };
    let by_chance = Folds::new(4).assign(table).unwrap();
    assert_eq!(sizes(&by_chance), [10; 4]);
    assert_eq!(by_chance, Folds::new(4).assign(table).unwrap());
    assert_ne!(by_chance, Folds::new(4).seed(1).assign(table).unwrap());
    // Ten rows of each of four labels: each fold has two or three of each.
    let strata = Folds::new(4).stratified_by("label").assign(table).unwrap();
    assert_eq!(sizes(&strata), [10; 4]);
    for label in 0..4 {
        let of_label: Vec<_> = (0..40).filter(|row| row * 7 % 4 == label).collect();
        let shares: Vec<_> = of_label.iter().map(|row| strata[*row]).collect();
        assert!(
            sizes(&shares).iter().all(|share| (2..=3).contains(share)),
            "{shares:?}"
        );
    }
    // A group is in one fold.
    let groups = Folds::new(2).grouped_by("label").assign(table).unwrap();
    for label in 0..4 {
        let of_label: BTreeSet<_> = (0..40).filter(|row| row * 7 % 4 == label).collect();
        let folds: BTreeSet<_> = of_label.iter().map(|row| groups[*row]).collect();
        assert_eq!(folds.len(), 1);
    }
}

#[test]
fn folds_that_cannot_be_are_refused_and_a_training_that_fails_says_for_which() {
    let (samples, run) = samples(6);
    for folds in [
        Folds::new(1),
        Folds::new(7),
        Folds::new(5).grouped_by("label"),
    ] {
        let error = folds.assign(samples.table()).unwrap_err();
        assert!(matches!(error, Error::Folds { .. }), "{error}");
    }
    let error = Folds::new(2)
        .stratified_by("lable")
        .assign(samples.table())
        .unwrap_err();
    assert!(error.to_string().contains("lable"), "{error}");
    for panics in [false, true] {
        let error = out_of_fold(
            &samples,
            Folds::new(3),
            classify(),
            into_run(&run),
            |fold, _| {
                assert!(!panics || fold == 0, "torn");
                match fold {
                    0 => Ok(Predictor::new(&Net::new(&cpu()), Stack)),
                    _ => Err("no memory"),
                }
            },
        )
        .unwrap_err();
        let text = error.to_string();
        let expected = if panics {
            "fold 1: torn"
        } else {
            "fold 1: no memory"
        };
        assert!(text.contains(expected), "{text}");
    }
    assert!(run.metrics().unwrap().is_empty());
    // What the first fold had is kept.
    assert_eq!(run.unfinished_metrics().unwrap().len(), 2);
}

//! The probe: against scikit-learn, on real digits, and on what cannot be fitted.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::{Deserialize, Serialize};
use std::io::Cursor;
use std::path::Path;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use tlc_core::{
    AddMetrics, Column, Columns, MetricsTable, Run, RunOptions, Table, TableOptions, Url, ValueType,
};
use tlc_findings::label_issues::{Filter, MetricsPredictions, Predictions, Score, find};
use tlc_findings::probe::{LinearModel, Probe, ProbeOptions};
use tlc_findings::{Embeddings, Error};

#[derive(Deserialize)]
struct Case {
    samples: usize,
    folds: Vec<usize>,
    digits: Vec<Expected>,
    is_odd: Expected,
}

#[derive(Deserialize)]
struct Expected {
    c: f64,
    models: Vec<ExpectedModel>,
    loss: f64,
    probabilities: Vec<f32>,
}

#[derive(Deserialize)]
struct ExpectedModel {
    coefficients: Vec<f64>,
    intercepts: Vec<f64>,
}

#[derive(Deserialize)]
struct Digit {
    image: Vec<u8>,
    label: i64,
}

/// The first digits of the project's data: pixels and labels.
fn digits(samples: usize) -> (Embeddings, Vec<i64>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/digits8x8.parquet");
    let root = Url::parse("memory://probe-digits").unwrap();
    let options = TableOptions::new("project", "digits", "initial").root(&root);
    let table = Table::from_parquet(path, options.if_exists(tlc_core::IfExists::Reuse)).unwrap();
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for row in table.rows::<Digit>().unwrap().take(samples) {
        let Digit { image, label } = row.unwrap();
        let mut reader = png::Decoder::new(Cursor::new(image)).read_info().unwrap();
        let mut grey = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut grey).unwrap();
        pixels.extend(grey.iter().map(|grey| f32::from(*grey)));
        labels.push(label);
    }
    (Embeddings::new(pixels, 64).unwrap(), labels)
}

fn case() -> Case {
    serde_json::from_str(include_str!("golden/probe/case.json")).unwrap()
}

fn precise() -> ProbeOptions {
    ProbeOptions::new().tolerance(1e-8).max_iterations(5_000)
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    let far = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let farthest = far.fold(0.0, f64::max);
    println!("{farthest:e}");
    assert!(farthest < tolerance, "{farthest}");
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

#[test]
fn weights_and_probabilities_are_those_of_scikit_learn() {
    let case = case();
    let (pixels, labels) = digits(case.samples);
    for expected in &case.digits {
        let options = precise().fold_of_row(case.folds.clone()).grid([expected.c]);
        let probe = Probe::fit(&pixels, &labels, 10, &options).unwrap();
        assert_eq!((probe.c, &probe.folds), (expected.c, &case.folds));
        for (model, expected) in probe.models.iter().zip(&expected.models) {
            assert_near(&model.coefficients, &expected.coefficients, 1e-4);
            assert_near(&model.intercepts, &expected.intercepts, 1e-4);
        }
        let first = &probe.probabilities[..expected.probabilities.len()];
        assert_near(&wide(first), &wide(&expected.probabilities), 1e-4);
        assert!((probe.losses[0].1 - expected.loss).abs() < 1e-5);
    }
}

#[test]
fn two_classes_are_those_of_scikit_learn_at_twice_its_c() {
    let case = case();
    let (pixels, digits) = digits(case.samples);
    let labels: Vec<i64> = digits.iter().map(|digit| digit % 2).collect();
    let expected = &case.is_odd;
    let options = precise().fold_of_row(case.folds.clone()).grid([expected.c]);
    let probe = Probe::fit(&pixels, &labels, 2, &options).unwrap();
    for (model, expected) in probe.models.iter().zip(&expected.models) {
        let (first, second) = model.coefficients.split_at(64);
        let one: Vec<f64> = first.iter().zip(second).map(|(a, b)| b - a).collect();
        assert_near(&one, &expected.coefficients, 1e-4);
    }
    let first = &probe.probabilities[..expected.probabilities.len()];
    assert_near(&wide(first), &wide(&expected.probabilities), 1e-4);
}

#[test]
fn the_penalty_is_the_one_with_the_smallest_loss_of_what_was_held_out() {
    let (pixels, mut labels) = digits(300);
    let wrong = labels.iter_mut().step_by(7);
    wrong.for_each(|label| *label = (*label + 3) % 10);
    let probe = Probe::fit(&pixels, &labels, 10, &ProbeOptions::new()).unwrap();
    let (before, last) = probe.losses.split_at(probe.losses.len() - 1);
    assert!(before.is_sorted_by(|a, b| a.0 < b.0 && a.1 > b.1));
    assert!(
        last[0].1 >= before.last().unwrap().1,
        "larger C are tried while it falls"
    );
    assert_eq!(probe.c, before.last().unwrap().0);
    let alone = ProbeOptions::new().grid([probe.c]).tolerance(1e-7);
    let alone = Probe::fit(&pixels, &labels, 10, &alone).unwrap();
    assert!((alone.losses[0].1 - before.last().unwrap().1).abs() < 1e-2);
    assert!(probe.models.iter().all(|model| model.converged));
}

#[test]
fn no_sample_is_judged_by_a_model_that_has_seen_it() {
    // A feature for each sample: whoever has seen it knows its label by heart.
    let samples = 40;
    let mut values = vec![0.0; samples * samples];
    (0..samples).for_each(|at| values[at * samples + at] = 1.0);
    let embeddings = Embeddings::new(values, samples).unwrap();
    let labels: Vec<i64> = (0..40).map(|at| at * 7 % 11 % 2).collect();
    let options = ProbeOptions::new().grid([100.0]);
    let probe = Probe::fit(&embeddings, &labels, 2, &options).unwrap();
    for fold in 0..5 {
        let held_out = (0..samples).filter(|row| probe.folds[*row] == fold);
        let first: Vec<f32> = held_out.map(|row| probe.probabilities[2 * row]).collect();
        let same = |p: &f32| (p - first[0]).abs() < 1e-3;
        assert!(first.len() == 8 && first.iter().all(same), "{first:?}");
    }
}

#[test]
fn folds_are_stratified_by_label_and_follow_the_seed() {
    let (pixels, labels) = digits(200);
    let fit = |seed| {
        let options = ProbeOptions::new().folds(4).seed(seed).grid([1e-4]);
        Probe::fit(&pixels, &labels, 10, &options).unwrap()
    };
    let (probe, again, other) = (fit(3), fit(3), fit(4));
    assert_eq!(probe, again);
    assert_ne!(probe.folds, other.folds);
    for label in 0..10 {
        let of = |fold| {
            let rows = labels.iter().zip(&probe.folds);
            rows.filter(|(l, f)| **l == label && **f == fold).count()
        };
        let counts = [0, 1, 2, 3].map(of);
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 1, "{label}: {counts:?}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (pixels, labels) = digits(1_797); // several blocks in several lanes
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let options = ProbeOptions::new().folds(2).grid([0.01]);
        let fit = || Probe::fit(&pixels, &labels, 10, &options).unwrap();
        pool.build().unwrap().install(fit)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_class_that_a_training_part_lacks_has_no_probability_in_its_fold() {
    let (pixels, mut labels) = digits(100);
    labels.iter_mut().for_each(|label| *label %= 3);
    labels[50] = 4; // the only sample of its class, of five; no sample has label 3
    let probe = Probe::fit(&pixels, &labels, 5, &ProbeOptions::new()).unwrap();
    let fold = probe.folds[50];
    for (row, probabilities) in probe.probabilities.chunks(5).enumerate() {
        assert_eq!(probabilities[3], 0.0);
        assert_eq!(probabilities[4] == 0.0, probe.folds[row] == fold);
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    let classes = |model: &LinearModel| model.classes.clone();
    assert_eq!(classes(&probe.models[fold]), [0, 1, 2]);
    assert_eq!(classes(&probe.models[(fold + 1) % 5]), [0, 1, 2, 4]);
    assert!(probe.losses.iter().all(|(_, loss)| loss.is_finite()));
}

#[test]
fn features_are_told_apart_whatever_their_place_and_scale() {
    let (pixels, labels) = digits(300);
    let options = ProbeOptions::new().grid([0.1]);
    let plain = Probe::fit(&pixels, &labels, 10, &options).unwrap();
    for (factor, offset) in [(1e-30_f32, 0.0), (1e30, 0.0), (1.0, 1e4)] {
        let moved = pixels.values().iter().map(|x| x * factor + offset);
        let moved = Embeddings::new(moved.collect(), 64).unwrap();
        let probe = Probe::fit(&moved, &labels, 10, &options).unwrap();
        assert_near(
            &wide(&probe.probabilities),
            &wide(&plain.probabilities),
            2e-3,
        );
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let embeddings = Embeddings::new((0..12).map(|at| at as f32).collect(), 2).unwrap();
    let labels = [0, 1, 0, 1, 0, 1];
    let fit = |labels: &[i64], options: ProbeOptions| Probe::fit(&embeddings, labels, 2, &options);
    let new = ProbeOptions::new;
    let setting = |result, name| match result {
        Err(Error::Setting { setting, .. }) => assert_eq!(setting, name),
        other => panic!("{name}: {other:?}"),
    };
    setting(fit(&labels, new().folds(1)), "folds");
    setting(fit(&labels, new().grid([])), "grid");
    setting(fit(&labels, new().grid([1.0, 0.0])), "grid");
    setting(fit(&labels, new().grid([f64::NAN])), "grid");
    setting(fit(&labels, new().tolerance(-1.0)), "tolerance");
    for (labels, options) in [
        (labels, new().folds(7)),
        ([1; 6], new()),
        (labels, new().fold_of_row([0; 6])),
        (labels, new().fold_of_row([0, 0, 0, 2, 2, 2])),
        (labels, new().fold_of_row([0, 0, 0, usize::MAX, 1, 1])),
    ] {
        let refused = fit(&labels, options);
        assert!(matches!(refused, Err(Error::TooFew { .. })), "{refused:?}");
    }
    assert!(matches!(fit(&labels[1..], new()), Err(Error::Shape { .. })));
    assert!(matches!(
        fit(&labels, new().fold_of_row([0, 1])),
        Err(Error::Shape { .. })
    ));
    for (label, at) in [(2, 3), (-1, 0)] {
        let mut labels = labels;
        labels[usize::try_from(at).unwrap()] = label;
        assert!(matches!(
            fit(&labels, new()),
            Err(Error::Label { example_id, label: found, classes: 2 }) if example_id == at && found == label
        ));
    }
    let none = Embeddings::new(vec![], 2).unwrap();
    assert!(matches!(
        Probe::fit(&none, &[], 2, &new()),
        Err(Error::TooFew { .. })
    ));
    let one = Embeddings::new(vec![1.0, 2.0], 2).unwrap();
    assert!(matches!(
        Probe::fit(&one, &[0], 2, &new()),
        Err(Error::TooFew { .. })
    ));
}

#[derive(Serialize)]
struct Sample {
    label: i32,
}

const CLASSES: [&str; 3] = ["round", "straight", "other"];

/// A run with metrics of digits, the last sample first; labels are kept in the table.
fn collected(name: &str, vectors: Vec<Vec<f32>>, labels: &[i32]) -> (Run, Table, MetricsTable) {
    let root = Url::parse(&format!("memory://probe-{name}")).unwrap();
    let label = Column::new("label", ValueType::labels(CLASSES));
    let options = TableOptions::new("project", "data", "initial")
        .root(&root)
        .column(label);
    let rows: Vec<Sample> = labels
        .iter()
        .map(|label| Sample { label: *label })
        .collect();
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    let ids: Vec<i64> = (0..i64::try_from(vectors.len()).unwrap()).rev().collect();
    let dim = vectors[0].len();
    let columns = Columns::new().column("example_id", ids).column(
        "embeddings_pixels",
        vectors.into_iter().rev().collect::<Vec<_>>(),
    );
    let about = AddMetrics::new().foreign_table(&table).constant("epoch", 4);
    let about = about.column(Column::new(
        "embeddings_pixels",
        ValueType::Embedding { dim },
    ));
    let source = run.add_metrics(columns, about).unwrap();
    (run, table, source)
}

/// Images of three digits, and every fortieth label that of another one.
fn some_flipped() -> (Vec<Vec<f32>>, Vec<i32>, Vec<usize>) {
    let (pixels, digits) = digits(1_400);
    let of_three = pixels.rows().zip(digits);
    let of_three = of_three.filter(|(_, digit)| *digit < 3).take(400);
    let (vectors, mut labels): (Vec<Vec<f32>>, Vec<i32>) = of_three
        .map(|(pixels, digit)| (pixels.to_vec(), i32::try_from(digit).unwrap()))
        .unzip();
    let flipped: Vec<usize> = (5..400).step_by(40).collect();
    for row in &flipped {
        labels[*row] = (labels[*row] + 1) % 3;
    }
    (vectors, labels, flipped)
}

#[test]
fn what_it_finds_stands_beside_the_metrics_it_was_fitted_on() {
    let (vectors, labels, _) = some_flipped();
    let (run, table, source) = collected("beside", vectors, &labels);
    let options = ProbeOptions::new();
    let probe = Probe::of_metrics(&source, "embeddings_pixels", "label", &options).unwrap();
    let written = probe.write(&run, &source).unwrap();

    let names: Vec<&str> = written.schema().names().collect();
    let own = ["label", "fold", "predicted", "probabilities"];
    assert_eq!(names, [&["example_id"], &own[..], &["epoch"]].concat());
    assert_eq!(written.info().stream_name, "probe");
    assert!(written.is_about(&table) && written.is_finding());
    for column in ["label", "predicted"] {
        let classes = written.schema().column(column).unwrap().value.classes();
        assert_eq!(*classes.unwrap(), tlc_core::ClassMap::new(CLASSES));
    }
    let rows = written.read().unwrap();
    let ids = rows["example_id"].as_primitive::<Int64Type>().values();
    assert_eq!(ids[0], 399);
    let given: Vec<i32> = labels.iter().rev().copied().collect();
    let label = rows["label"].as_primitive::<Int32Type>().values();
    assert_eq!(label[..], given);
    let folds = rows["fold"].as_primitive::<Int64Type>().values().iter();
    assert!(
        folds.eq(probe
            .folds
            .iter()
            .map(|fold| *fold as i64)
            .collect::<Vec<_>>()
            .iter())
    );
    let lists = rows["probabilities"].as_fixed_size_list();
    let values = lists.values().as_primitive::<Float32Type>().values();
    assert_eq!(values[..], probe.probabilities);
    let predicted = rows["predicted"].as_primitive::<Int32Type>().values();
    for (class, row) in predicted.iter().zip(values.chunks(3)) {
        let own = row[usize::try_from(*class).unwrap()];
        assert!(row.iter().all(|p| *p <= own));
    }
}

#[test]
fn label_issues_read_what_it_writes_and_find_flipped_labels() {
    let (vectors, labels, flipped) = some_flipped();
    let (run, _, source) = collected("issues", vectors, &labels);
    let options = ProbeOptions::new();
    let probe = Probe::of_metrics(&source, "embeddings_pixels", "label", &options).unwrap();
    let written = probe.write(&run, &source).unwrap();
    let predictions = MetricsPredictions::new([&written], "probabilities", "label").unwrap();
    assert_eq!(predictions.classes(), 3);
    let issues = find(&predictions, Filter::default(), Score::default()).unwrap();
    let found: Vec<usize> = issues
        .issues()
        .map(|issue| usize::try_from(issue.example_id).unwrap())
        .collect();
    let is_flipped = |row: &usize| flipped.contains(row);
    assert!(found.len() > 6 && found.iter().all(is_flipped), "{found:?}");
}

#[test]
fn rows_about_one_sample_are_held_out_together() {
    let (pixels, digits) = digits(60);
    let root = Url::parse("memory://probe-units").unwrap();
    let rows: Vec<Sample> = (0..60).map(|_| Sample { label: 0 }).collect();
    let options = TableOptions::new("project", "data", "initial").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    // Every sample three times, as views of it would be; labels stand in the metrics.
    let ids: Vec<i64> = (0..180).map(|row| row % 60).collect();
    let vectors: Vec<Vec<f32>> = ids
        .iter()
        .map(|id| pixels.row(usize::try_from(*id).unwrap()).to_vec())
        .collect();
    let labels: Vec<i64> = ids
        .iter()
        .map(|id| digits[usize::try_from(*id).unwrap()])
        .collect();
    let dim = 64;
    let columns = Columns::new()
        .column("example_id", ids)
        .column("digit", labels)
        .column("pixels", vectors);
    let about = AddMetrics::new().foreign_table(&table);
    let about = about.column(Column::new("pixels", ValueType::Embedding { dim }));
    let source = run.add_metrics(columns, about).unwrap();
    let probe = Probe::of_metrics(&source, "pixels", "digit", &ProbeOptions::new()).unwrap();
    assert_eq!(probe.classes(), 10);
    for sample in 0..60 {
        let fold = probe.folds[sample];
        assert_eq!(
            (probe.folds[sample + 60], probe.folds[sample + 120]),
            (fold, fold)
        );
    }
    let written = probe.write(&run, &source).unwrap();
    let rows = written.read().unwrap();
    assert_eq!(
        rows["digit"].as_primitive::<Int64Type>().values()[..10],
        digits[..10]
    );
    assert_eq!(rows["predicted"].as_primitive::<Int64Type>().len(), 180);
}

#[test]
fn metrics_that_lack_what_it_needs_are_refused() {
    let vectors: Vec<Vec<f32>> = (0..6).map(|at| vec![at as f32, 1.0]).collect();
    let (_, _, source) = collected("lacking", vectors.clone(), &[0, 1, 2, 0, 1, 2]);
    let of = |embeddings, label| {
        Probe::of_metrics(&source, embeddings, label, &ProbeOptions::new().folds(2))
    };
    assert!(of("embeddings_pixels", "label").is_ok());
    assert!(matches!(
        of("embeddings", "label"),
        Err(Error::NotCollected { .. })
    ));
    assert!(matches!(
        of("epoch", "label"),
        Err(Error::ColumnType { .. })
    ));
    assert!(matches!(
        of("embeddings_pixels", "embeddings_pixels"),
        Err(Error::ColumnType { .. })
    ));
    let missing = of("embeddings_pixels", "class");
    assert!(matches!(
        missing,
        Err(Error::Core(tlc_core::Error::NoSuchColumn { .. }))
    ));
    let mut broken = vectors;
    broken[2][1] = f32::NAN;
    let (_, _, source) = collected("nan", broken, &[0, 1, 2, 0, 1, 2]);
    let refused = Probe::of_metrics(&source, "embeddings_pixels", "label", &ProbeOptions::new());
    assert!(matches!(
        refused,
        Err(Error::NotFinite {
            row: 3,
            dimension: 1
        })
    ));
}

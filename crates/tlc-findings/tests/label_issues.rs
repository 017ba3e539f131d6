//! Label issues: the same as cleanlab, from memory and from a metrics table.
#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use tlc_core::{AddMetrics, Columns, Run, RunOptions, Table, TableOptions, Url};
use tlc_findings::Error;
use tlc_findings::label_issues::{
    Batch, Filter, LabelIssues, MetricsPredictions, Predictions, Score, Slices, Visit, find, rank,
};

const SCORES: [(&str, Score); 3] = [
    ("self_confidence", Score::SelfConfidence),
    ("normalized_margin", Score::NormalizedMargin),
    (
        "confidence_weighted_entropy",
        Score::ConfidenceWeightedEntropy,
    ),
];
const FILTERS: [(&str, Filter); 5] = [
    ("prune_by_noise_rate", Filter::PruneByNoiseRate),
    ("prune_by_class", Filter::PruneByClass),
    ("both", Filter::Both),
    ("confident_learning", Filter::ConfidentLearning),
    ("predicted_neq_given", Filter::PredictedNeqGiven),
];

#[derive(Deserialize)]
struct Case {
    name: String,
    classes: usize,
    labels: Vec<i64>,
    probabilities: Vec<f64>,
    scores: BTreeMap<String, Vec<f64>>,
    thresholds: Vec<f64>,
    joint: Vec<Vec<u64>>,
    issues: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
}

impl Case {
    fn predictions(&self) -> Slices<'_, f64> {
        Slices::new(&self.labels, &self.probabilities, self.classes).unwrap()
    }
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("golden/label_issues/cases.json")).unwrap();
    assert_eq!(cases.len(), 12);
    cases
}

/// The issues, the most severe first.
fn issues(found: &LabelIssues) -> Vec<usize> {
    let ids = found.issues().map(|sample| sample.example_id);
    ids.map(|id| usize::try_from(id).unwrap()).collect()
}

fn assert_close(name: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() < 1e-6,
            "{name}, {row}: {found} {expected}"
        );
    }
}

#[test]
fn scores_are_those_of_cleanlab() {
    for case in cases() {
        for (name, score) in SCORES {
            let found = rank(&case.predictions(), score).unwrap();
            assert_close(
                &format!("{}, {name}", case.name),
                found.scores(),
                &case.scores[name],
            );
        }
    }
}

#[test]
fn thresholds_and_calibrated_joint_are_those_of_cleanlab() {
    for case in cases() {
        let found = find(&case.predictions(), Filter::default(), Score::default()).unwrap();
        assert_close(&case.name, &found.thresholds, &case.thresholds);
        for (label, row) in case.joint.iter().enumerate() {
            let found: Vec<u64> = (0..case.classes)
                .map(|class| found.joint.count(label, class))
                .collect();
            assert_eq!(found, *row, "{}, label {label}", case.name);
        }
    }
}

#[test]
fn every_filter_and_ranking_gives_the_issues_of_cleanlab() {
    for case in cases() {
        for (filter_name, filter) in FILTERS {
            for (score_name, score) in SCORES {
                let found = find(&case.predictions(), filter, score).unwrap();
                assert_eq!(found.samples.len(), case.labels.len());
                let mut found = issues(&found);
                let expected = &case.issues[filter_name][score_name];
                let name = format!("{}, {filter_name}, {score_name}", case.name);
                let scores = &case.scores[score_name];
                for (found, expected) in found.iter().zip(expected) {
                    // The order of rows whose scores differ in the last bit is open.
                    let apart = (scores[*found] - scores[*expected]).abs();
                    assert!(apart < 1e-12, "{name}: {found} {expected}");
                }
                let mut expected = expected.clone();
                found.sort_unstable();
                expected.sort_unstable();
                assert_eq!(found, expected, "{name}");
            }
        }
    }
}

#[test]
fn f32_probabilities_are_widened_and_batches_do_not_matter() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "ten classes")
        .unwrap();
    // 20,000 rows: more than one batch and one chunk.
    let labels: Vec<i64> = case.labels.iter().copied().cycle().take(20_000).collect();
    let narrow: Vec<f32> = case.probabilities.iter().map(|p| *p as f32).collect();
    let narrow: Vec<f32> = narrow.into_iter().cycle().take(20_000 * 10).collect();
    let wide: Vec<f64> = narrow.iter().map(|p| f64::from(*p)).collect();
    let narrow = Slices::new(&labels, &narrow, 10).unwrap();
    let wide = Slices::new(&labels, &wide, 10).unwrap();
    for (_, filter) in FILTERS {
        let found = find(&narrow, filter, Score::NormalizedMargin).unwrap();
        assert_eq!(found, find(&wide, filter, Score::NormalizedMargin).unwrap());
        assert!(issues(&found).iter().any(|row| *row > 16_384));
    }
}

#[derive(Serialize)]
struct Sample {
    label: i32,
}

fn run_with_case(case: &Case, own_labels: bool) -> Run {
    let root = Url::parse(&format!("memory://label-issues-{own_labels}")).unwrap();
    let options = TableOptions::new("project", "data", "initial").root(&root);
    let table = Table::create(options, |writer| {
        let samples = case.labels.iter().map(|label| Sample {
            label: i32::try_from(*label).unwrap(),
        });
        writer.add_rows(&samples.collect::<Vec<_>>())
    });
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    // The last sample first.
    let probabilities = case.probabilities.as_chunks::<10>().0.iter().rev();
    let probabilities: Vec<[f32; 10]> = probabilities.map(|row| row.map(|p| p as f32)).collect();
    let last = i64::try_from(case.labels.len()).unwrap() - 1;
    let mut columns = Columns::new()
        .column("example_id", (0..=last).rev().collect::<Vec<_>>())
        .column("probabilities", probabilities);
    if own_labels {
        columns.push(
            "label",
            case.labels.iter().rev().copied().collect::<Vec<_>>(),
        );
    }
    run.add_metrics(columns, AddMetrics::new().foreign_table(&table.unwrap()))
        .unwrap();
    run
}

#[test]
fn a_metrics_table_gives_what_memory_gives_with_labels_of_either_table() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "ten classes")
        .unwrap();
    let narrow: Vec<f32> = case.probabilities.iter().map(|p| *p as f32).collect();
    let in_memory = Slices::new(&case.labels, &narrow, 10).unwrap();
    let expected = find(&in_memory, Filter::Both, Score::default()).unwrap();
    assert!(expected.count() > 10);
    for own_labels in [true, false] {
        let run = run_with_case(&case, own_labels);
        let metrics = [&run.metrics().unwrap()[0]];
        let predictions = MetricsPredictions::new(metrics, "probabilities", "label").unwrap();
        assert_eq!(
            find(&predictions, Filter::Both, Score::default()).unwrap(),
            expected
        );
        match MetricsPredictions::new(metrics, "softmax", "label").unwrap_err() {
            Error::NotCollected { column, .. } => assert_eq!(column, "softmax"),
            other => panic!("{other}"),
        }
        let scalar = MetricsPredictions::new(metrics, "example_id", "label").unwrap_err();
        assert!(matches!(scalar, Error::ColumnType { .. }), "{scalar}");
    }
}

/// Predictions that give in their second reading what `second` says.
struct Fickle<F: Fn(&mut Visit<'_, f64>) -> Result<(), Error>> {
    readings: Cell<usize>,
    second: F,
}

const FIRST: Batch<'_, f64> = Batch {
    example_ids: &[4, 2],
    labels: &[0, 1],
    probabilities: &[0.9, 0.1, 0.8, 0.2],
    self_confidence: None,
};

impl<F: Fn(&mut Visit<'_, f64>) -> Result<(), Error>> Predictions for Fickle<F> {
    type Value = f64;

    fn classes(&self) -> usize {
        2
    }

    fn for_each_batch(&self, visit: &mut Visit<'_, f64>) -> Result<(), Error> {
        self.readings.set(self.readings.get() + 1);
        match self.readings.get() {
            1 => visit(FIRST),
            _ => (self.second)(visit),
        }
    }
}

fn find_fickle(
    second: impl Fn(&mut Visit<'_, f64>) -> Result<(), Error>,
) -> Result<LabelIssues, Error> {
    let readings = Cell::new(0);
    find(
        &Fickle { readings, second },
        Filter::default(),
        Score::default(),
    )
}

#[test]
fn predictions_that_change_or_fail_between_readings_are_an_error() {
    let found = find_fickle(|visit| visit(FIRST)).unwrap();
    assert_eq!(found.samples[0].example_id, 2);
    let less = find_fickle(|_| Ok(())).unwrap_err();
    assert!(
        matches!(less, Error::Changed { before: 2, now: 0 }),
        "{less}"
    );
    let more = find_fickle(|visit| visit(FIRST).and_then(|()| visit(FIRST))).unwrap_err();
    assert!(matches!(more, Error::Changed { before: 2, .. }), "{more}");
    let failed = find_fickle(|visit| {
        visit(FIRST)?;
        Err(Error::TooFew {
            what: "a test",
            needed: 1,
            found: 0,
        })
    });
    assert!(matches!(
        failed.unwrap_err(),
        Error::TooFew { what: "a test", .. }
    ));
    let uneven = find_fickle(|visit| {
        visit(Batch {
            probabilities: &[0.5],
            ..FIRST
        })
    });
    assert!(matches!(uneven.unwrap_err(), Error::Shape { .. }));
}

#[test]
fn batches_whose_parts_differ_in_length_are_refused() {
    struct Once(Batch<'static, f64>);
    impl Predictions for Once {
        type Value = f64;
        fn classes(&self) -> usize {
            2
        }
        fn for_each_batch(&self, visit: &mut Visit<'_, f64>) -> Result<(), Error> {
            visit(self.0)
        }
    }
    for batch in [
        Batch {
            example_ids: &[4],
            ..FIRST
        },
        Batch {
            labels: &[0],
            ..FIRST
        },
        Batch {
            probabilities: &[0.5, 0.5, 0.5],
            ..FIRST
        },
        Batch {
            self_confidence: Some(&[0.5]),
            ..FIRST
        },
    ] {
        let refused = find(&Once(batch), Filter::default(), Score::default()).unwrap_err();
        assert!(matches!(refused, Error::Shape { .. }), "{refused}");
    }
}

#[test]
fn bad_input_is_refused_by_row() {
    let probabilities = [0.5_f64, 0.5, 0.2, 0.8];
    let found = |labels: &[i64], probabilities: &[f64], classes| {
        find(
            &Slices::new(labels, probabilities, classes)?,
            Filter::default(),
            Score::default(),
        )
    };
    for label in [2, -1, i64::MAX, i64::MIN] {
        match found(&[0, label], &probabilities, 2).unwrap_err() {
            Error::Label {
                example_id: 1,
                label: found,
                classes: 2,
            } => assert_eq!(found, label),
            other => panic!("{other}"),
        }
    }
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        match found(&[0, 1], &[0.5, 0.5, 0.2, bad], 2).unwrap_err() {
            error @ Error::Probability {
                example_id: 1,
                class: 1,
                ..
            } => assert_eq!(
                error.to_string().contains("softmax"),
                bad.is_finite(),
                "{error}"
            ),
            other => panic!("{other}"),
        }
    }
    for (labels, classes) in [
        (&[0, 1][..], 3),
        (&[0][..], 2),
        (&[0, 0, 0, 0][..], 1),
        (&[][..], 0),
    ] {
        assert!(matches!(
            found(labels, &probabilities, classes),
            Err(Error::Shape { .. })
        ));
    }
    assert_eq!(found(&[], &[], 2).unwrap().samples, []);
}

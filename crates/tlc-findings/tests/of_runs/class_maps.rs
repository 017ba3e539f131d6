//! Labels of classes with ids of their own: findings are those of classes 0 to n-1, with ids.

use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Int32Type, Int64Type};
use tlc_core::{
    AddMetrics, ClassMap, Column, Columns, MetricsTable, Role, Run, RunOptions, Table,
    TableOptions, Url, ValueType,
};
use tlc_findings::label_issues::{Filter, LabelIssues, MetricsPredictions, Score, find};
use tlc_findings::probe::{Probe, ProbeOptions};
use tlc_findings::{Error, Result};

const CLASSES: usize = 3;
const NAMES: [&str; CLASSES] = ["cat", "dog", "cow"];

/// Ids in an order of their own, with a void.
fn with_ids(ids: [i32; CLASSES], void: i32) -> ClassMap {
    let classes = ClassMap::from_ids(ids.into_iter().zip(NAMES)).unwrap();
    classes.with_void(void).unwrap()
}

fn root() -> Url {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    Url::parse(&format!("memory://of-runs-class-maps-{next}/")).unwrap()
}

/// A run about a table with these labels, and `values` of its rows as a column.
fn collected<V>(classes: &ClassMap, labels: &[i32], column: &str, values: Vec<V>) -> (Run, Table)
where
    Vec<V>: tlc_core::IntoArray,
{
    let root = root();
    let label = Column::new("label", ValueType::labels(classes));
    let options = TableOptions::new("p", "d", "t").root(&root).column(label);
    let columns = Columns::new().column("label", labels.to_vec());
    let table = Table::create(options, |writer| writer.add_batch(columns)).unwrap();
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let about = AddMetrics::new().foreign_table(&table).constant("epoch", 1);
    run.add_metrics(Columns::new().column(column, values), about)
        .unwrap();
    (run, table)
}

fn found(classes: &ClassMap, labels: &[i32], rows: &[[f32; CLASSES]]) -> Result<LabelIssues> {
    let (run, table) = collected(classes, labels, "probabilities", rows.to_vec());
    let predictions = MetricsPredictions::of_run(&run, &table)?;
    find(&predictions, Filter::Both, Score::default())
}

/// Positions of labels, of which `CLASSES` stands for void, and probabilities.
fn any_samples() -> impl Strategy<Value = Vec<(usize, [f32; CLASSES])>> {
    let row = [0.01_f32..1.0, 0.01_f32..1.0, 0.01_f32..1.0];
    let row = row.prop_map(|row| row.map(|p| p / row.iter().sum::<f32>()));
    prop::collection::vec((0..=CLASSES, row), 2..60)
}

fn any_ids() -> impl Strategy<Value = (Vec<i32>, i32)> {
    let ids = prop::collection::btree_set(-50_i32..300, CLASSES + 1);
    let ids = ids.prop_map(|ids| ids.into_iter().collect::<Vec<_>>());
    ids.prop_shuffle().prop_map(|mut ids| {
        let void = ids.pop().unwrap();
        (ids, void)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn findings_of_classes_with_any_ids_are_those_of_positions(
        samples in any_samples(),
        (ids, void) in any_ids(),
    ) {
        let ids: [i32; CLASSES] = ids.try_into().unwrap();
        let rows: Vec<_> = samples.iter().map(|(_, row)| *row).collect();
        let positions = samples.iter().map(|(label, _)| *label as i32);
        // 3 is no class of the counted ones.
        let counted = ClassMap::new(NAMES).with_void(CLASSES as i32).unwrap();
        let expected = found(&counted, &positions.collect::<Vec<_>>(), &rows);
        let labels = samples.iter().map(|(label, _)| ids.get(*label).copied().unwrap_or(void));
        let by_id = found(&with_ids(ids, void), &labels.collect::<Vec<_>>(), &rows);
        let (expected, by_id) = (expected.unwrap(), by_id.unwrap());
        let voids = samples.iter().filter(|(label, _)| *label == CLASSES).count();
        prop_assert_eq!((by_id.void, by_id.samples.len()), (voids, samples.len() - voids));
        prop_assert_eq!(expected.void, voids);
        prop_assert_eq!(&by_id.joint, &expected.joint);
        prop_assert_eq!(&by_id.thresholds, &expected.thresholds);
        prop_assert_eq!(&by_id.memorization, &expected.memorization);
        for (found, expected) in by_id.samples.iter().zip(&expected.samples) {
            prop_assert_eq!(found.label, ids[expected.label as usize]);
            prop_assert_eq!(found.suggested, ids[expected.suggested as usize]);
            let rest = |sample: &tlc_findings::label_issues::RankedLabel| {
                (sample.example_id, sample.probability, sample.score, sample.is_issue)
            };
            prop_assert_eq!(rest(found), rest(expected));
        }
    }
}

fn column(table: &MetricsTable, name: &str) -> Vec<i32> {
    let read = table.read().unwrap();
    read[name].as_primitive::<Int32Type>().values().to_vec()
}

#[test]
fn written_issues_have_ids_and_their_names_and_tell_what_is_void() {
    let classes = with_ids([90, -3, 7], 255);
    let rows = vec![
        [0.9, 0.05, 0.05],
        [0.1, 0.8, 0.1],
        [0.1, 0.1, 0.8],
        [0.9, 0.05, 0.05],
    ];
    let (run, table) = collected(&classes, &[90, 255, -3, 90], "probabilities", rows);
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    assert_eq!(predictions.example_ids(), [0, 2, 3]);
    let issues = find(&predictions, Filter::PredictedNeqGiven, Score::default()).unwrap();
    assert_eq!((issues.void, issues.count()), (1, 1));
    assert!(issues.to_string().contains("1 more are void"), "{issues}");
    let written = issues.write(&run, &predictions).unwrap();
    assert_eq!(column(&written, "given_label"), [-3, 90, 90]);
    assert_eq!(column(&written, "suggested_label"), [7, 90, 90]);
    for name in ["given_label", "suggested_label"] {
        let value = &written.schema().column(name).unwrap().value;
        assert_eq!(value.classes(), Some(&classes));
    }
}

#[test]
fn labels_that_are_all_void_leave_nothing_to_judge() {
    let classes = with_ids([90, -3, 7], 255);
    let issues = found(&classes, &[255, 255], &[[0.5, 0.25, 0.25]; 2]).unwrap();
    assert_eq!((issues.void, issues.samples.len()), (2, 0));
}

#[test]
fn classes_that_only_predictions_have_are_those_of_the_labels() {
    let root = root();
    let options = TableOptions::new("p", "d", "t").root(&root);
    let labels = Columns::new().column("label", vec![90_i64, -3, 7]);
    let table = Table::create(options, |writer| writer.add_batch(labels)).unwrap();
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let predicted = ValueType::labels(with_ids([90, -3, 7], 255));
    let about = AddMetrics::new().foreign_table(&table);
    let about = about.column(Column::new("predicted", predicted).role(Role::Prediction));
    let columns = Columns::new().column("predicted", vec![90, 7, 7]).column(
        "probabilities",
        vec![[0.9_f32, 0.1, 0.0], [0.1, 0.1, 0.8], [0.0, 0.1, 0.9]],
    );
    run.add_metrics(columns, about).unwrap();
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    let issues = find(&predictions, Filter::PredictedNeqGiven, Score::default()).unwrap();
    let first = issues.samples[0];
    assert_eq!((first.example_id, first.label, first.suggested), (1, -3, 7));
}

#[test]
fn a_label_that_is_no_class_is_named_as_the_table_has_it() {
    let root = root();
    let options = TableOptions::new("p", "d", "t").root(&root);
    let labels = Columns::new().column("label", vec![90_i64, 8]);
    let table = Table::create(options, |writer| writer.add_batch(labels)).unwrap();
    let run = Run::create(RunOptions::new("p").root(&root)).unwrap();
    let predicted = ValueType::labels(with_ids([90, -3, 7], 255));
    let about = AddMetrics::new().foreign_table(&table);
    let about = about.column(Column::new("predicted", predicted).role(Role::Prediction));
    let columns = Columns::new()
        .column("predicted", vec![90, 7])
        .column("probabilities", vec![[0.9_f32, 0.1, 0.0]; 2]);
    run.add_metrics(columns, about).unwrap();
    let refused = MetricsPredictions::of_run(&run, &table).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Label {
                example_id: 1,
                label: 8,
                classes: 3
            }
        ),
        "{refused}"
    );
}

#[test]
fn a_probe_learns_positions_and_writes_ids_of_all_that_is_not_void() {
    let vectors: Vec<[f32; 2]> = (0..60)
        .map(|row| [(row % 3) as f32 * 10.0, (row % 7) as f32])
        .collect();
    let ids = [90, -3, 7];
    let mut labels: Vec<i32> = (0..60).map(|row| ids[row % 3]).collect();
    (labels[4], labels[31]) = (255, 255);
    let classes = with_ids(ids, 255);
    let (run, table) = collected(&classes, &labels, "embeddings_hidden", vectors);
    let source = &run.metrics().unwrap().about(&table)[0];
    let options = ProbeOptions::new();
    let probe = Probe::of_metrics(source, "embeddings_hidden", "label", &options).unwrap();
    assert_eq!((probe.void, probe.classes(), probe.folds.len()), (2, 3, 58));
    let written = probe.write(&run, source).unwrap();
    let kept: Vec<usize> = (0..60).filter(|row| labels[*row] != 255).collect();
    let read = written.read().unwrap();
    let example_ids = read["example_id"].as_primitive::<Int64Type>().values();
    let expected: Vec<i64> = kept.iter().map(|row| *row as i64).collect();
    assert_eq!(example_ids, &expected[..]);
    let expected: Vec<i32> = kept.iter().map(|row| labels[*row]).collect();
    assert_eq!(column(&written, "label"), expected);
    assert_eq!(column(&written, "predicted"), expected);
    // Metrics of another number of rows are none that it was fitted on.
    let about = AddMetrics::new().foreign_table(&table).stream("fewer");
    let fewer = Columns::new().column("example_id", vec![0_i64, 1]);
    let fewer = run
        .add_metrics(fewer.column("x", vec![0.5_f32; 2]), about)
        .unwrap();
    assert!(matches!(probe.write(&run, &fewer), Err(Error::Rows { .. })));
    // What it says is read as any other probabilities.
    let predictions = MetricsPredictions::new([&written], "probabilities", "label").unwrap();
    let issues = find(&predictions, Filter::default(), Score::default()).unwrap();
    assert_eq!((issues.samples.len(), issues.count()), (58, 0));
    assert!(
        issues
            .samples
            .iter()
            .all(|sample| ids.contains(&sample.label))
    );
}

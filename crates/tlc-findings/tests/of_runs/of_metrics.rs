//! Several metrics tables read as one: folds, epochs, subsets, in whatever order.

use crate::given::{Seen, epoch, given, probabilities, table};
use std::collections::BTreeMap;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use tlc_core::{
    AddMetrics, Column, Columns, MetricsTable, Role, Run, RunOptions, Table, TableOptions, Url,
    ValueType,
};
use tlc_findings::label_issues::{
    Filter, LabelIssues, MetricsPredictions, Score, Slices, find, rank,
};
use tlc_findings::{Error, Result};

const SAMPLES: usize = 20_000; // more than one batch of a scan

/// A label, one of ten wrong, and what a model says that knows the truth, not too surely.
fn sample(id: usize) -> (i32, [f32; 2]) {
    let random = |salt: usize| (id * 2_654_435_761 + salt * 97_003) % 104_729;
    let truth = random(1) % 2;
    let sure = 0.5 + (random(2) % 500) as f32 / 1000.0;
    let row = [sure, 1.0 - sure];
    let label = if random(3) % 10 == 0 {
        1 - truth
    } else {
        truth
    };
    let row = if truth == 0 { row } else { [row[1], row[0]] };
    (i32::try_from(label).unwrap(), row)
}

fn samples() -> (Vec<i32>, Vec<[f32; 2]>) {
    (0..SAMPLES).map(sample).unzip()
}

/// All ids once, far from their order.
fn shuffled(rows: &[[f32; 2]]) -> Vec<Seen> {
    let ids = (0..rows.len()).map(|at| (at * 7_919 + 13) % rows.len());
    ids.map(|id| (i64::try_from(id).unwrap(), rows[id]))
        .collect()
}

fn of_run(run: &Run, table: &Table) -> Result<LabelIssues> {
    let predictions = MetricsPredictions::of_run(run, table)?;
    find(&predictions, Filter::default(), Score::default())
}

#[test]
fn folds_in_any_order_are_one_and_every_finding_has_its_example_id() {
    let (labels, rows) = samples();
    let (run, table) = given("folds-in-any-order", &labels);
    let seen = shuffled(&rows);
    for (fold, seen) in seen.chunks(SAMPLES / 3).enumerate() {
        let about = AddMetrics::new().foreign_table(&table);
        run.add_metrics(probabilities(seen), about.constant("fold", fold))
            .unwrap();
    }
    let found = of_run(&run, &table).unwrap();
    let wide: Vec<i64> = labels.iter().map(|label| i64::from(*label)).collect();
    let flat = rows.as_flattened();
    let in_memory = Slices::new(&wide, flat, 2).unwrap();
    let expected = find(&in_memory, Filter::default(), Score::default()).unwrap();
    assert!(expected.count() > 1_000);
    assert_eq!(found.samples, expected.samples);
    assert_eq!(found.joint, expected.joint);
}

#[test]
fn epochs_are_averaged_and_a_sample_that_one_lacks_has_the_mean_of_the_others() {
    let (run, table) = given("averaged", &[0, 1, 0, 1]);
    epoch(&run, &table, 2, &[(2, [0.5, 0.5]), (0, [0.5, 0.5])]);
    epoch(
        &run,
        &table,
        1,
        &[(0, [0.75, 0.25]), (1, [0.75, 0.25]), (3, [0.0, 1.0])],
    );
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    assert_eq!(predictions.example_ids(), [0, 1, 2, 3]);
    assert_eq!(predictions.epochs().collect::<Vec<_>>(), [1, 2]);
    let ranking = rank(&predictions, Score::SelfConfidence).unwrap();
    let expected = [(0.75_f64 * 0.5).sqrt(), 0.25, 0.5, 1.0];
    for (score, expected) in ranking.scores().iter().zip(expected) {
        assert!((score - expected).abs() < 1e-12, "{score} {expected}");
    }
    let margins = rank(&predictions, Score::NormalizedMargin).unwrap();
    assert_eq!(margins.scores()[0], 0.625);
    assert_eq!(ranking.ranked(), [1, 2, 0, 3]);
    let found = of_run(&run, &table).unwrap();
    let first = found.samples[0];
    assert_eq!((first.example_id, first.label, first.suggested), (1, 1, 0));
    assert_eq!((first.probability, first.score), (0.75, 0.25));

    let second = predictions.of_epochs(2..).unwrap();
    assert_eq!(second.example_ids(), [0, 2]);
    let each = predictions.each_epoch().unwrap();
    assert_eq!(each.len(), 2);
    assert_eq!(each[0].example_ids(), [0, 1, 3]);
    let none = predictions.of_epochs(7..).unwrap_err();
    assert!(matches!(none, Error::TooFew { .. }), "{none}");
}

#[test]
fn a_sample_that_comes_twice_in_one_epoch_is_refused_whichever_table_has_it() {
    let (run, table) = given("twice", &[0, 1]);
    epoch(&run, &table, 1, &[(0, [0.5, 0.5])]);
    epoch(&run, &table, 2, &[(0, [0.5, 0.5])]);
    assert!(of_run(&run, &table).is_ok());
    epoch(&run, &table, 2, &[(1, [0.5, 0.5]), (0, [0.5, 0.5])]);
    match of_run(&run, &table).unwrap_err() {
        Error::Repeated {
            example_id: 0,
            epoch: Some(2),
        } => {}
        other => panic!("{other}"),
    }
    let (run, table) = given("twice-in-one", &[0, 1]);
    let about = AddMetrics::new().foreign_table(&table);
    run.add_metrics(probabilities(&[(1, [0.5, 0.5]), (1, [0.5, 0.5])]), about)
        .unwrap();
    let error = of_run(&run, &table).unwrap_err();
    assert_eq!(
        error.to_string().split(':').next(),
        Some("example 1 stands twice")
    );
}

#[test]
fn models_that_have_not_seen_the_samples_go_before_those_that_have() {
    let (run, table) = given("folds-first", &[0, 1]);
    epoch(&run, &table, 1, &[(0, [1.0, 0.0]), (1, [0.0, 1.0])]);
    let seen = [(0, [0.5, 0.5]), (1, [0.75, 0.25])];
    let about = AddMetrics::new().foreign_table(&table);
    run.add_metrics(probabilities(&seen).column("fold", vec![0, 1]), about)
        .unwrap();
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    assert!(predictions.is_out_of_fold());
    let ranking = rank(&predictions, Score::SelfConfidence).unwrap();
    assert_eq!(ranking.scores(), [0.5, 0.25]);
}

#[test]
fn tables_that_do_not_go_together_are_refused() {
    let (run, train) = given("not-together", &[0, 1]);
    let other = table(&run.url().parent().unwrap(), "other", &[1, 1]);
    let seen = [(0, [0.5, 0.5]), (1, [0.5, 0.5])];
    let first = epoch(&run, &train, 1, &seen);
    let new =
        |other: &MetricsTable| MetricsPredictions::new([&first, other], "probabilities", "label");
    let of_other = epoch(&run, &other, 2, &seen);
    match new(&of_other).unwrap_err() {
        Error::OtherTable { metrics, .. } => assert_eq!(metrics, of_other.name()),
        other => panic!("{other}"),
    }
    let about = |epoch: i64| {
        AddMetrics::new()
            .foreign_table(&train)
            .constant("epoch", epoch)
    };
    let own = probabilities(&seen).column("label", vec![0, 0]);
    let relabelled = run.add_metrics(own, about(3)).unwrap();
    match new(&relabelled).unwrap_err() {
        Error::LabelVaries {
            example_id: 1,
            first: 1,
            found: 0,
            ..
        } => {}
        other => panic!("{other}"),
    }
    let wider = Columns::new().column("probabilities", vec![[0.2_f32, 0.3, 0.5]; 2]);
    let wider = run.add_metrics(wider, about(4)).unwrap();
    let error = new(&wider).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
    let varies = probabilities(&seen).column("epoch", vec![5_i64, 6]);
    let of_two = AddMetrics::new().foreign_table(&train).stream("of two");
    let varies = run.add_metrics(varies, of_two).unwrap();
    let error = new(&varies).unwrap_err();
    assert!(
        matches!(
            error,
            Error::EpochVaries {
                first: 5,
                found: 6,
                ..
            }
        ),
        "{error}"
    );
    let none: [&MetricsTable; 0] = [];
    let error = MetricsPredictions::new(none, "probabilities", "label").unwrap_err();
    assert!(matches!(error, Error::TooFew { .. }), "{error}");
}

#[test]
fn what_is_no_probability_is_refused_even_where_the_mean_would_be_one() {
    for bad in [1.25, -0.25, f32::NAN, f32::INFINITY] {
        let (run, table) = given(&format!("bad-{bad}"), &[0, 1]);
        epoch(&run, &table, 1, &[(0, [0.5, 0.5]), (1, [0.5, 0.5])]);
        epoch(&run, &table, 2, &[(1, [0.5, bad]), (0, [0.5, 0.5])]);
        match of_run(&run, &table).unwrap_err() {
            Error::Probability {
                example_id: 1,
                class: 1,
                ..
            } => {}
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_run_without_probabilities_says_what_to_collect_and_one_without_metrics_what_there_is() {
    let (run, table) = given("nothing", &[0, 1]);
    let error = of_run(&run, &table).unwrap_err().to_string();
    assert!(error.contains("about"), "{error}");
    let about = AddMetrics::new().foreign_table(&table);
    run.add_metrics(Columns::new().column("loss", vec![0.5_f32, 0.5]), about)
        .unwrap();
    let error = of_run(&run, &table).unwrap_err();
    assert!(error.to_string().contains("probabilities(true)"), "{error}");
}

#[test]
fn labels_are_the_column_of_that_role_and_classes_are_named_by_predictions_where_they_must() {
    #[derive(serde::Serialize)]
    struct Sample {
        kind: i32,
    }
    let root = Url::parse("memory://by-role/").unwrap();
    let kind = Column::new("kind", ValueType::labels(["cat", "dog"]));
    let options = TableOptions::new("project", "by-role", "initial").root(&root);
    let rows = [Sample { kind: 1 }, Sample { kind: 0 }];
    let table = Table::create(options.column(kind), |writer| writer.add_rows(&rows)).unwrap();
    let run = Run::create(RunOptions::new("project").root(&root)).unwrap();
    epoch(&run, &table, 1, &[(1, [0.9, 0.1]), (0, [0.7, 0.3])]);
    assert_eq!(of_run(&run, &table).unwrap().samples[0].label, 1);

    let plain = TableOptions::new("project", "plain", "initial").root(&root);
    let rows = [
        BTreeMap::from([("label", 1)]),
        BTreeMap::from([("label", 0)]),
    ];
    let plain = Table::create(plain, |writer| writer.add_rows(&rows)).unwrap();
    let names = ValueType::labels(["no", "yes"]);
    for (stream, predicted, expected) in [
        ("named", true, names.clone()),
        ("numbered", false, ValueType::Int64),
    ] {
        let mut columns = probabilities(&[(1, [0.9, 0.1]), (0, [0.7, 0.3])]);
        let mut about = AddMetrics::new().foreign_table(&plain).stream(stream);
        if predicted {
            columns.push("predicted", vec![0, 0]);
            let column = Column::new("predicted", names.clone());
            about = about.column(column.role(Role::Prediction));
        }
        let metrics = run.add_metrics(columns, about).unwrap();
        let predictions = MetricsPredictions::new([&metrics], "probabilities", "label").unwrap();
        let found = find(&predictions, Filter::default(), Score::default()).unwrap();
        let written = found.write(&run, &predictions).unwrap();
        let value = &written.schema().column("given_label").unwrap().value;
        assert_eq!(*value, expected);
    }
}

#[test]
fn one_sample_and_none_are_ranked_like_many() {
    let (run, one) = given("one", &[1]);
    epoch(&run, &one, 1, &[(0, [0.9, 0.1])]);
    let found = of_run(&run, &one).unwrap();
    assert_eq!(found.samples.len(), 1);
    let predictions = MetricsPredictions::of_run(&run, &one).unwrap();
    assert_eq!(found.write(&run, &predictions).unwrap().len(), 1);
    let (run, table) = given("none", &[1]);
    epoch(&run, &table, 1, &[]);
    let found = of_run(&run, &table).unwrap();
    assert_eq!(found.samples, []);
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    assert!(found.write(&run, &predictions).unwrap().is_empty());
}

#[test]
fn a_table_of_label_issues_tells_all_without_a_join_and_keeps_the_names_of_classes() {
    let (run, table) = given("written", &[0, 1, 0]);
    for number in [1, 2] {
        let seen = [(2, [0.25, 0.75]), (0, [0.875, 0.125]), (1, [0.5, 0.5])];
        let about = AddMetrics::new()
            .foreign_table(&table)
            .constant("split", "train");
        run.add_metrics(probabilities(&seen), about.constant("epoch", number))
            .unwrap();
    }
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    let found = find(&predictions, Filter::PredictedNeqGiven, Score::default()).unwrap();
    let written = found.write(&run, &predictions).unwrap();
    assert!(written.is_finding() && written.is_about(&table));
    assert_eq!(written.stream(), "label_issues");
    let names: Vec<&str> = written.schema().names().collect();
    let expected = [
        "example_id",
        "label_rank",
        "label_score",
        "is_label_issue",
        "given_label",
        "suggested_label",
        "suggested_probability",
        "split",
        "ranked_by",
        "marked_by",
    ];
    assert_eq!(names, expected);
    for label in ["given_label", "suggested_label"] {
        let value = &written.schema().column(label).unwrap().value;
        assert_eq!(*value, ValueType::labels(["cat", "dog"]));
    }
    let text = |name| written.constant(name).unwrap().unwrap();
    assert_eq!(
        text("ranked_by"),
        "self_confidence, geometric mean of epochs 1 to 2"
    );
    assert_eq!(
        (text("marked_by"), text("split")),
        ("predicted_neq_given".into(), "train".into())
    );
    let rows = written.read().unwrap();
    let ints = |name: &str| rows[name].as_primitive::<Int64Type>().values().to_vec();
    let floats = |name: &str| rows[name].as_primitive::<Float32Type>().values().to_vec();
    let classes = |name: &str| rows[name].as_primitive::<Int32Type>().values().to_vec();
    assert_eq!(ints("example_id"), [2, 1, 0]);
    assert_eq!(ints("label_rank"), [1, 2, 3]);
    let scores = floats("label_score").into_iter().zip([0.25, 0.5, 0.875]);
    scores.for_each(|(score, expected)| assert!((score - expected).abs() < 1e-6));
    assert_eq!(classes("given_label"), [0, 1, 0]);
    assert_eq!(classes("suggested_label"), [1, 0, 0]);
    assert_eq!(floats("suggested_probability"), [0.75, 0.5, 0.875]);
    let marked: Vec<bool> = rows["is_label_issue"]
        .as_boolean()
        .values()
        .iter()
        .collect();
    assert_eq!(marked, [true, false, false]);
    let shown = written.best("label_score", 1, &[]).unwrap().to_string();
    assert!(shown.contains("dog") && shown.contains("cat"), "{shown}");
}

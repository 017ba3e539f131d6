//! A model that knows the labels by heart finds no issues, and is not believed.

use crate::given::{Seen, epoch, given, table};
use tlc_core::{AddMetrics, Columns, Run, Table};
use tlc_findings::label_issues::{
    Filter, LabelIssues, MetricsPredictions, Score, Slices, Verdict, find,
};

const SAMPLES: usize = 200;
/// Every tenth label is wrong.
const WRONG: usize = SAMPLES / 10;

fn labels() -> Vec<i32> {
    let label = |id: usize| (id % 2 + usize::from(id.is_multiple_of(10))) % 2;
    (0..SAMPLES)
        .map(|id| i32::try_from(label(id)).unwrap())
        .collect()
}

/// How sure a model is of the true class, and how far it knows the labels by heart.
fn seen(truth: f32, by_heart: f32) -> Vec<Seen> {
    let rows = (0..).zip(labels());
    let rows = rows.map(|(id, label)| {
        let of = |class: i64| {
            let true_class = if id % 2 == class { truth } else { 1.0 - truth };
            let given = f32::from(u8::from(i64::from(label) == class));
            by_heart * (given * 0.98 + 0.01) + (1.0 - by_heart) * true_class
        };
        (id, [of(0), of(1)])
    });
    rows.collect()
}

fn held_out(run: &Run, epoch: i64, right: usize) {
    let project = run.url().parent().unwrap();
    let valid = table(&project, &format!("valid-{epoch}"), &[0; 100]);
    let accuracy: Vec<f32> = (0..100).map(|at| f32::from(u8::from(at < right))).collect();
    let loss: Vec<f32> = accuracy.iter().map(|right| 1.5 - right).collect();
    let columns = Columns::new()
        .column("accuracy", accuracy)
        .column("loss", loss);
    let about = AddMetrics::new().foreign_table(&valid).stream("valid");
    run.add_metrics(columns, about.constant("epoch", epoch))
        .unwrap();
}

fn of_run(run: &Run, table: &Table) -> LabelIssues {
    let predictions = MetricsPredictions::of_run(run, table).unwrap();
    find(&predictions, Filter::default(), Score::default()).unwrap()
}

#[test]
fn labels_known_by_heart_are_told_with_the_figures_and_what_to_do() {
    let (run, table) = given("by-heart", &labels());
    epoch(&run, &table, 1, &seen(0.8, 0.0));
    held_out(&run, 1, 80);
    let early = of_run(&run, &table);
    assert_eq!(early.count(), WRONG);
    assert_eq!(early.memorization.verdict(), Verdict::Unlikely);
    for number in 2..9 {
        epoch(&run, &table, number, &seen(0.9, 1.0));
        held_out(&run, number, 85);
    }
    let found = of_run(&run, &table);
    assert_eq!(found.count(), 0, "what cleanlab would find, too");
    let memorization = &found.memorization;
    assert_eq!(memorization.verdict(), Verdict::Likely);
    assert_eq!(memorization.last_epoch_before(), Some(1));
    let last = memorization.epochs.last().unwrap();
    assert_eq!((last.epoch, last.train.accuracy()), (Some(8), 1.0));
    assert!((last.train.confidence() - 0.99).abs() < 1e-6);
    assert_eq!(last.held_out.unwrap().accuracy(), 0.85);
    let told = found.to_string();
    for part in [
        "0 of 200",
        "by heart",
        "100.0 %",
        "85.0 %",
        "of_epochs(..=1)",
        "out_of_fold",
        "probe",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // The one epoch before is remembered by the ranking.
    let first = &found.samples[..WRONG];
    assert!(first.iter().all(|sample| sample.example_id % 10 == 0));
    let predictions = MetricsPredictions::of_run(&run, &table).unwrap();
    let before = predictions.of_epochs(..=1).unwrap();
    let before = find(&before, Filter::default(), Score::default()).unwrap();
    assert_eq!(before.count(), WRONG);
    assert_eq!(before.memorization.verdict(), Verdict::Unlikely);
}

#[test]
fn without_anything_held_out_nearly_all_labels_predicted_are_a_doubt() {
    let (run, table) = given("no-held-out", &labels());
    epoch(&run, &table, 1, &seen(0.9, 1.0));
    let found = of_run(&run, &table);
    assert_eq!(found.memorization.verdict(), Verdict::Possible);
    assert!(found.to_string().contains("earlier epochs"));
    // Of the same epoch only.
    held_out(&run, 2, 50);
    assert_eq!(
        of_run(&run, &table).memorization.verdict(),
        Verdict::Possible
    );
}

#[test]
fn what_was_known_by_heart_once_is_not_forgotten_for_want_of_a_comparison() {
    let (run, table) = given("not-forgotten", &labels());
    epoch(&run, &table, 1, &seen(0.9, 1.0));
    held_out(&run, 1, 60);
    epoch(&run, &table, 2, &seen(0.9, 0.0));
    let found = of_run(&run, &table);
    assert_eq!(found.memorization.verdict(), Verdict::Likely);
    assert!(found.to_string().contains("60.0 %"), "{found}");
    held_out(&run, 2, 90);
    let verdict = of_run(&run, &table).memorization.verdict();
    assert_eq!(verdict, Verdict::Unlikely);
}

#[test]
fn metrics_of_no_samples_and_with_gaps_are_nothing_to_compare_with() {
    let (run, table) = given("no-comparison", &labels());
    epoch(&run, &table, 1, &seen(0.9, 1.0));
    let of_classes = Columns::new()
        .column("accuracy", vec![0.0_f32])
        .column("loss", vec![9.0_f32]);
    run.add_metrics(of_classes, AddMetrics::new().constant("epoch", 1))
        .unwrap();
    let valid = crate::given::table(&run.url().parent().unwrap(), "gaps", &[0, 0]);
    let gaps = Columns::new()
        .column("accuracy", vec![Some(0.0_f32), None])
        .column("loss", vec![9.0_f32, 9.0]);
    let about = AddMetrics::new().foreign_table(&valid).constant("epoch", 1);
    run.add_metrics(gaps, about).unwrap();
    assert_eq!(
        of_run(&run, &table).memorization.verdict(),
        Verdict::Possible
    );
}

#[test]
fn a_model_that_is_as_good_on_what_it_has_not_seen_is_believed() {
    let (run, table) = given("as-good", &labels());
    epoch(&run, &table, 1, &seen(0.9, 1.0));
    held_out(&run, 1, 100);
    let found = of_run(&run, &table);
    assert_eq!(found.memorization.verdict(), Verdict::Unlikely);
    assert!(!found.memorization.is_likely_or_possible());
}

#[test]
fn models_of_folds_have_not_seen_the_labels_however_well_they_predict_them() {
    let (run, table) = given("folds", &labels());
    for fold in 0..2 {
        let of_fold = |(id, _): &Seen| id % 2 == fold;
        let rows: Vec<Seen> = seen(1.0, 1.0).into_iter().filter(of_fold).collect();
        let about = AddMetrics::new()
            .foreign_table(&table)
            .constant("fold", fold);
        run.add_metrics(crate::given::probabilities(&rows), about)
            .unwrap();
    }
    let verdict = of_run(&run, &table).memorization.verdict();
    assert_eq!(verdict, Verdict::OutOfFold);
}

#[test]
fn in_memory_probabilities_that_agree_with_all_labels_are_a_doubt_and_none_are_no_doubt() {
    let of = |labels: &[i64], probabilities: &[f32]| {
        let predictions = Slices::new(labels, probabilities, 2).unwrap();
        let found = find(&predictions, Filter::default(), Score::default()).unwrap();
        found.memorization.verdict()
    };
    assert_eq!(of(&[0, 1], &[0.9, 0.1, 0.1, 0.9]), Verdict::Possible);
    assert_eq!(of(&[0, 0], &[0.9, 0.1, 0.1, 0.9]), Verdict::Unlikely);
    assert_eq!(of(&[], &[]), Verdict::Unlikely);
}

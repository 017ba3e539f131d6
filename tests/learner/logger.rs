//! Burn's own metrics in the run.

use crate::{BATCH, Mlp, Setup, TRAIN, learner};
use burn::optim::SgdConfig;
use burn::train::metric::LossMetric;
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::{Learner, LearnerSummary, MetricEarlyStoppingStrategy, StoppingCondition};
use tlc_burn::{CollectInTraining, RunLogger, Schedule};
use tlc_core::{Axis, IfExists, Run, RunOptions, Url};
use tlc_tests::{doubles, series};

#[test]
fn metrics_of_the_learner_are_series_over_epochs() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let by_pass = tlc_tests::run_in(&tlc_tests::root());
    let result = setup
        .training(folder.path(), 3)
        .collect_validation(setup.sample_metrics(&by_pass))
        .log_to(&setup.run, folder.path())
        .unwrap()
        .launch(learner());
    assert!(result.error.is_none(), "{:?}", result.error);
    for key in [
        "burn_train_loss",
        "burn_valid_loss",
        "burn_train_accuracy_percent",
        "burn_valid_accuracy_percent",
    ] {
        let epochs: Vec<_> = series(&setup.run, key)
            .iter()
            .map(|point| point.0)
            .collect();
        assert_eq!(epochs, [1.0, 2.0, 3.0], "{key}");
    }
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    for (epoch, table) in by_pass.metrics().unwrap().iter().enumerate() {
        let accuracy = series(&setup.run, "burn_valid_accuracy_percent")[epoch].1;
        assert!((accuracy - 100.0 * mean(doubles(table, "accuracy"))).abs() < 1e-4);
    }
}

#[test]
fn batches_are_series_over_iterations_where_wanted() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let training = setup.training(folder.path(), 2);
    let logger = RunLogger::new(&setup.run, training.interrupter())
        .unwrap()
        .iterations(true);
    training.with_metric_logger(logger).launch(learner());
    let aggregates = setup.run.aggregates().unwrap();
    let losses = aggregates
        .iter()
        .find(|series| series.key == "burn_train_loss" && series.axis == Axis::Iteration)
        .unwrap();
    let iterations: Vec<_> = losses.points.iter().map(|point| point.0).collect();
    let expected = 1..=2 * TRAIN.div_ceil(BATCH);
    assert_eq!(iterations, expected.map(|at| at as f64).collect::<Vec<_>>());
}

#[test]
fn burns_own_summary_shows_the_training_that_was_logged_to_the_run() {
    let folder = tempfile::tempdir().unwrap();
    for epochs in [3, 2] {
        let setup = Setup::new();
        let training = setup
            .training(folder.path(), epochs)
            .summary()
            .log_to(&setup.run, folder.path())
            .unwrap();
        assert!(training.launch(learner()).error.is_none());
        let summary = LearnerSummary::new(folder.path(), &["Loss"]).unwrap();
        let shown = &summary.metrics.valid[0].entries;
        let logged = series(&setup.run, "burn_valid_loss");
        assert_eq!(logged.len(), epochs);
        for (shown, logged) in shown.iter().zip(logged) {
            assert!((shown.value - logged.1).abs() < 1e-6);
        }
    }
}

#[test]
fn burns_series_and_those_of_a_collection_from_the_same_split_are_two() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    setup
        .training(folder.path(), 2)
        .collect_validation(setup.sample_metrics(&setup.run))
        .log_to(&setup.run, folder.path())
        .unwrap()
        .launch(learner());
    for key in ["valid_loss", "burn_valid_loss"] {
        assert_eq!(series(&setup.run, key).len(), 2, "{key}");
    }
}

/// A training whose loss does not change.
fn stuck() -> Learner<Mlp> {
    Learner::new(Mlp::new(), SgdConfig::new().init(), 0.0)
}

fn without_improvement(epochs: usize) -> MetricEarlyStoppingStrategy {
    MetricEarlyStoppingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        Direction::Lowest,
        Split::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: epochs },
    )
}

#[test]
fn early_stopping_and_checkpoints_read_their_metric_from_the_logger() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let result = setup
        .training(folder.path(), 9)
        .with_default_checkpointers()
        .early_stopping(without_improvement(2))
        .log_to(&setup.run, folder.path())
        .unwrap()
        .collect_at(Schedule::last_epoch(), |_, _: &Mlp| Ok::<_, String>(()))
        .launch(stuck());
    result.unwrap();
    assert_eq!(series(&setup.run, "burn_valid_loss").len(), 3);
    // The best epoch, and the last two.
    let checkpoint = folder.path().join("checkpoint");
    let models = std::fs::read_dir(checkpoint).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("model")
    });
    assert_eq!(models.count(), 3);
}

#[test]
fn a_run_that_cannot_be_written_stops_the_training() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let root = Url::from_path(&folder.path().join("projects")).unwrap();
    let run = Run::create(RunOptions::new("tests").name("torn").root(&root)).unwrap();
    // Moved at once: the metrics' thread may be writing into it.
    let (below, away) = ["projects", "away"]
        .map(|name| folder.path().join(name))
        .into();
    let result = setup
        .training(folder.path(), 9)
        .log_to(&run, folder.path())
        .unwrap()
        .collect_at(Schedule::every_epoch(), move |epoch, _: &Mlp| {
            if epoch == 2 {
                std::fs::rename(&below, &away)?;
                std::fs::write(&below, "not a folder")?;
            }
            Ok::<_, std::io::Error>(())
        })
        .launch(learner());
    let error = result.err().unwrap().to_string();
    assert!(error.contains("torn"), "{error}");
}

#[test]
fn a_training_that_resumes_with_its_run_knows_the_epochs_before() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    let train = |epochs: usize, run: &Run| {
        setup
            .training(folder.path(), epochs)
            .with_default_checkpointers()
            .log_to(run, folder.path())
            .unwrap()
    };
    train(2, &setup.run).launch(stuck());
    let options = RunOptions::new("tests")
        .name(setup.run.name())
        .root(tlc_tests_root(&setup.run))
        .if_exists(IfExists::Reuse);
    let again = Run::create(options).unwrap();
    let result = train(3, &again).checkpoint(2).launch(stuck());
    assert!(result.error.is_none());
    let epochs: Vec<_> = series(&again, "burn_valid_loss")
        .iter()
        .map(|point| point.0)
        .collect();
    assert_eq!(epochs, [1.0, 2.0, 3.0]);
    // Epoch 1 is the best, and known: epoch 3 is kept as one of the last two.
    let models = std::fs::read_dir(folder.path().join("checkpoint")).unwrap();
    let models: Vec<_> = models
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("model"))
        .collect();
    assert_eq!(models.len(), 3, "{models:?}");
}

/// The root a run was made in.
fn tlc_tests_root(run: &Run) -> Url {
    let url = run.url().to_string();
    let end = url.find("tests/runs").unwrap();
    Url::parse(&url[..end]).unwrap()
}

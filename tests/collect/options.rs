//! What a collection leaves in its run, and what the options change.

use crate::{BATCH, into_run, predictor};
use std::sync::{Arc, Mutex};
use tlc_burn::prelude::*;
use tlc_burn::{Activations, Error, HostBatch, Readback, collect_metrics};
use tlc_core::{Column, Columns, Run, Status, ValueType};
use tlc_tests::{decode, floats, ints, samples};

/// Keeps the status of the run while rows are written.
struct Seen {
    run: Run,
    status: Arc<Mutex<Option<Status>>>,
}

impl MetricsCollector for Seen {
    type Input = ();

    fn name(&self) -> &str {
        "seen"
    }

    fn compute(&self, (): (), _: &Activations, _: &mut Readback) -> Result<(), Error> {
        Ok(())
    }

    fn collect(&self, _: &HostBatch) -> Result<Columns, Error> {
        *self.status.lock().unwrap() = Some(self.run.status()?);
        Ok(Columns::new())
    }
}

#[test]
fn a_collection_registers_one_table_and_its_input_and_restores_the_status() {
    let (plain, run) = samples(BATCH + 3);
    let samples = plain.table().samples().try_map(decode);
    let status = Arc::new(Mutex::new(None));
    let seen = Seen {
        run: run.clone(),
        status: Arc::clone(&status),
    };
    assert_eq!(run.status().unwrap(), Status::Empty);
    let metrics = collect_metrics(
        &samples,
        (Loss::cross_entropy(), seen),
        &predictor(),
        into_run(&run),
    )
    .unwrap();
    assert_eq!(*status.lock().unwrap(), Some(Status::Collecting));
    assert_eq!(run.status().unwrap(), Status::Running);
    assert_eq!(run.input_tables().unwrap(), [plain.table().url().clone()]);
    let registered = run.metrics().unwrap();
    assert_eq!(registered.len(), 1);
    assert_eq!(registered[0].info(), metrics.info());
    assert_eq!(
        metrics.foreign_table().unwrap().unwrap().url(),
        plain.table().url()
    );

    run.set_status(Status::PostProcessing).unwrap();
    collect_metrics(
        &samples,
        Loss::cross_entropy(),
        &predictor(),
        into_run(&run),
    )
    .unwrap();
    assert_eq!(run.status().unwrap(), Status::PostProcessing);
    assert_eq!(run.metrics().unwrap().len(), 2);
}

#[test]
fn constants_are_columns_of_every_row_under_their_schemas() {
    let (samples, run) = samples(BATCH + 3);
    let threshold = Column::new("threshold", ValueType::Float32).unit("m");
    let options = into_run(&run)
        .constant("epoch", 3)
        .constant_of(threshold.clone(), 0.5_f32)
        .stream("train");
    let metrics = collect_metrics(&samples, Loss::cross_entropy(), &predictor(), options).unwrap();
    assert_eq!(ints(&metrics, "epoch"), [3; BATCH + 3]);
    assert_eq!(floats(&metrics, "threshold"), [0.5; BATCH + 3]);
    assert_eq!(metrics.schema().column("threshold"), Some(&threshold));
    assert_eq!(
        metrics.schema().column("epoch").unwrap().value,
        ValueType::Epoch
    );
    assert_eq!(metrics.info().stream_name, "train");
}

#[test]
fn the_options_batch_size_wins_over_the_predictors() {
    let (samples, run) = samples(BATCH + 3);
    let sizes = Mutex::new(Vec::new());
    let collector = |output: &ClassificationInput| {
        sizes.lock().unwrap().push(output.logits.dims()[0]);
        (
            "first",
            output.logits.clone().narrow(1, 0, 1).squeeze_dim::<1>(1),
        )
    };
    let options = into_run(&run).batch_size(5).check_order(false);
    collect_metrics(&samples, collector, &predictor(), options).unwrap();
    assert_eq!(*sizes.lock().unwrap(), [5, 5, 1]);
}

#[test]
fn without_a_run_one_is_made_beside_the_table_and_collected_into_from_then_on() {
    let (samples, other) = samples(3);
    let collect = || {
        let options = CollectOptions::new().progress(false);
        collect_metrics(&samples, Loss::cross_entropy(), &predictor(), options).unwrap();
    };
    collect();
    collect();
    let run = tlc_core::active_run().unwrap();
    assert_eq!(run.url().parent(), other.url().parent());
    assert_ne!(run.id(), other.id());
    assert_eq!(run.metrics().unwrap().about(samples.table()).len(), 2);
    tlc_core::set_active_run(None);
}

#[test]
fn metrics_of_two_tables_without_a_split_are_not_mixed() {
    let (samples, run) = samples(3);
    let (others, _) = tlc_tests::samples(4);
    let collect =
        |samples, options| collect_metrics(samples, Loss::cross_entropy(), &predictor(), options);
    collect(&samples, into_run(&run)).unwrap();
    let error = collect(&others, into_run(&run)).unwrap_err();
    assert!(matches!(error, Error::Split { .. }), "{error}");
    collect(&others, into_run(&run).split("valid")).unwrap();
    collect(&samples, into_run(&run)).unwrap();
    assert_eq!(tlc_tests::series(&run, "loss").len(), 2);
}

#[test]
fn a_device_that_is_not_built_in_names_its_feature() {
    let error = tlc_burn::device("ndarray").unwrap_err();
    let expected =
        "device \"ndarray\" is not built in: add the cargo feature `ndarray` of tlc-burn";
    assert_eq!(error.to_string(), expected);
    assert!(matches!(
        tlc_burn::device("tpu"),
        Err(Error::UnknownDevice { .. })
    ));
}

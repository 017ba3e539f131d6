//! Collection on a thread of its own, from snapshots that training does not touch.

use crate::{BATCH, into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tlc_burn::prelude::*;
use tlc_burn::{BackgroundCollector, Error, collect_metrics};
use tlc_core::{MetricsTable, Run};
use tlc_tests::{CLASSES, Image, Net, Pixels, Stack, cpu, floats, ints, samples};

const ROWS: usize = 5 * BATCH + 3;

/// One step of training on every sample.
fn train(model: Net, samples: &Samples<Pixels, Image>, optimizer: &mut ModuleOptimizer) -> Net {
    let device = cpu().autodiff();
    let items = (0..samples.len()).map(|row| samples.trained(row).unwrap().item);
    let batch = Stack.batch(items.collect(), &device);
    let targets = batch.targets.clone();
    let logits = model.predict(batch, &mut ()).logits;
    let loss = CrossEntropyLossConfig::new().init(&device);
    let gradients = loss.forward(logits, targets).backward();
    let gradients = GradientsParams::from_grads(gradients, &model);
    optimizer.step(0.5, model, gradients)
}

fn collect(
    samples: &Samples<Pixels, Image>,
    model: &Net,
    run: &Run,
    epoch: usize,
) -> tlc_burn::Result<MetricsTable> {
    collect_metrics(
        samples,
        Classification::new(CLASSES),
        &Predictor::new(model, Stack).batch_size(BATCH),
        into_run(run).constant("epoch", epoch as i64),
    )
}

#[test]
fn rows_of_the_background_are_those_of_the_foreground_while_training_goes_on() {
    let (samples, foreground) = samples(ROWS);
    let (_, background) = tlc_tests::samples(1);
    let (own, into) = (samples.clone(), background.clone());
    let mut collector =
        BackgroundCollector::new(move |epoch, model: &Net| collect(&own, model, &into, epoch))
            .unwrap();
    let (mut model, mut optimizer) = (Net::new(&cpu()), SgdConfig::new().init());
    for epoch in 1..=4 {
        model = train(model, &samples, &mut optimizer);
        collector.submit(epoch, &model).unwrap();
        collect(&samples, &model, &foreground, epoch).unwrap();
    }
    collector.finish().unwrap();

    let (there, here) = (background.metrics().unwrap(), foreground.metrics().unwrap());
    assert_eq!((there.len(), here.len()), (4, 4));
    for (epoch, (there, here)) in (1..).zip(there.iter().zip(&here)) {
        assert_eq!(ints(there, "epoch"), vec![epoch; ROWS]);
        assert_eq!(ints(there, "example_id"), ints(here, "example_id"));
        for column in ["loss", "accuracy", "confidence"] {
            assert_eq!(floats(there, column), floats(here, column), "{column}");
        }
    }
    assert_ne!(floats(&here[0], "loss"), floats(&here[3], "loss"));
}

#[test]
fn training_does_not_alter_the_snapshot() {
    let (samples, run) = samples(ROWS);
    let (go, wait) = channel::<()>();
    let (own, into) = (samples.clone(), run.clone());
    let mut collector = BackgroundCollector::new(move |epoch, model: &Net| {
        wait.recv()
            .map_err(|error| Error::collector("test", error))?;
        collect(&own, model, &into, epoch)
    })
    .unwrap();
    let (mut model, mut optimizer) = (Net::new(&cpu()), SgdConfig::new().init());
    let before = collect(&samples, &model, &run, 1).unwrap();
    collector.submit(1, &model).unwrap();
    for _ in 0..3 {
        model = train(model, &samples, &mut optimizer);
    }
    go.send(()).unwrap();
    collector.finish().unwrap();
    let snapshot = &run.metrics().unwrap()[1];
    assert_eq!(floats(snapshot, "loss"), floats(&before, "loss"));
    let after = collect(&samples, &model, &run, 2).unwrap();
    assert_ne!(floats(&after, "loss"), floats(&before, "loss"));
}

#[test]
fn one_collection_runs_at_a_time_and_one_snapshot_waits() {
    let (go, wait) = channel::<()>();
    let running = AtomicUsize::new(0);
    let epochs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&epochs);
    let mut collector = BackgroundCollector::new(move |epoch, _: &Net| {
        assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
        wait.recv().map_err(|error| error.to_string())?;
        seen.lock().unwrap().push(epoch);
        running.fetch_sub(1, Ordering::SeqCst);
        Ok::<_, String>(())
    })
    .unwrap();
    let model = Net::new(&cpu());
    collector.submit(1, &model).unwrap();
    collector.submit(2, &model).unwrap();
    let released = Arc::new(AtomicBool::new(false));
    let releases = Arc::clone(&released);
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        releases.store(true, Ordering::SeqCst);
        (0..3).for_each(|_| go.send(()).unwrap());
    });
    collector.submit(3, &model).unwrap();
    assert!(
        released.load(Ordering::SeqCst),
        "the third did not wait for the first"
    );
    collector.finish().unwrap();
    releasing.join().unwrap();
    assert_eq!(*epochs.lock().unwrap(), [1, 2, 3]);
}

/// A collector that fails or panics at the first epoch.
fn failing(panics: bool) -> BackgroundCollector<Net> {
    BackgroundCollector::new(move |epoch, _: &Net| {
        assert!(epoch > 1 || !panics, "torn disk");
        if epoch > 1 { Ok(()) } else { Err("full disk") }
    })
    .unwrap()
}

#[test]
fn an_error_is_returned_by_the_next_call() {
    let model = Net::new(&cpu());
    let mut collector = failing(false);
    collector.submit(1, &model).unwrap();
    let error = collector.wait().unwrap_err();
    assert!(matches!(&error, Error::Epoch { epoch: 1, .. }), "{error:?}");
    assert_eq!(error.to_string(), "collection at epoch 1: full disk");
    collector.submit(2, &model).unwrap();
    collector.finish().unwrap();
}

#[test]
fn an_error_is_returned_by_a_later_submit_at_the_latest() {
    let model = Net::new(&cpu());
    let mut collector = failing(false);
    // The first snapshot's result is taken when the third would be under way.
    let results: Vec<_> = (1..=3)
        .map(|epoch| collector.submit(epoch, &model))
        .collect();
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert_eq!(failed, 1, "{results:?}");
    collector.finish().unwrap();
}

#[test]
fn a_panic_is_an_error_of_finish() {
    let mut collector = failing(true);
    collector.submit(1, &Net::new(&cpu())).unwrap();
    assert_eq!(
        collector.finish().unwrap_err().to_string(),
        "panic in the collection at epoch 1: torn disk"
    );
}

#[test]
fn a_dropped_collector_waits_for_its_collections() {
    let done = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&done);
    let mut collector = BackgroundCollector::new(move |_, _: &Net| {
        std::thread::sleep(Duration::from_millis(20));
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, String>(())
    })
    .unwrap();
    let model = Net::new(&cpu());
    collector.submit(1, &model).unwrap();
    collector.submit(2, &model).unwrap();
    drop(collector);
    assert_eq!(done.load(Ordering::SeqCst), 2);
}

/// Ends each way a background collection can end, for the count of threads.
pub(crate) fn end_in_every_way() {
    for panics in [false, true] {
        let mut finished = failing(panics);
        finished.submit(1, predictor().model()).unwrap();
        assert!(finished.finish().is_err());
        let mut dropped = failing(panics);
        dropped.submit(1, predictor().model()).unwrap();
    }
}

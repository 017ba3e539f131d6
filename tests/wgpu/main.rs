//! Every collector on wgpu gives the columns that it gives on the CPU.
//!
//! `TLC_REQUIRE_WGPU=1` makes a machine without an adapter a failure.

#![allow(clippy::panic, clippy::unwrap_used)] // a test may fail loudly

mod compare;
mod tasks;

use burn::data::dataloader::batcher::Batcher;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use compare::{TOLERANCE, assert_same_tables};
use std::panic::catch_unwind;
use tlc_burn::prelude::*;
use tlc_burn::verify_device;
use tlc_core::{MetricsTable, Run};
use tlc_tests::{CLASSES, Image, Images, Net, Pixels, SIDE, Stack, cpu, samples};

const BATCH: usize = 8;
/// Two full batches and a partial one.
const ROWS: usize = 2 * BATCH + 3;

/// The GPU, or `None`, said aloud, where there is no adapter.
fn gpu() -> Option<Device> {
    let found = catch_unwind(|| {
        let device = tlc_burn::device("wgpu").unwrap();
        let sum = Tensor::<1>::ones([3], &device)
            .sum()
            .try_into_vec_as::<f32>();
        assert_eq!(sum.unwrap(), [3.0]);
        device
    });
    if found.is_err() {
        let required = std::env::var("TLC_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        assert!(!required, "TLC_REQUIRE_WGPU=1, but no wgpu adapter works");
        eprintln!("SKIPPED: no wgpu adapter works on this machine");
    }
    found.ok()
}

/// The tables of every built-in collector, in three collections, since each loss is
/// a column of the same name.
fn collect(samples: &Samples<Pixels, Image>, run: &Run, device: &Device) -> [MetricsTable; 3] {
    let predictor = Predictor::new(&Net::new(&cpu()), Stack)
        .batch_size(BATCH)
        .device(device);
    let options = || CollectOptions::new().run(run).progress(false);
    let functional = Functional::new("mine", |batch: &Images, output: &ClassificationInput| {
        let largest = output.logits.clone().max_dim(1).squeeze_dim::<1>(1);
        (
            ("target", batch.targets.clone()),
            ("positive", largest.greater_scalar(0.0)),
        )
    });
    let embeddings = Embeddings::of(["hidden"]).with("conv", Reduce::AvgPool(2));
    let collectors = (Classification::new(CLASSES), embeddings, functional);
    let squares = Loss::with(|output: &ClassificationInput| {
        output
            .logits
            .clone()
            .powi_scalar(2)
            .mean_dim(1)
            .squeeze_dim::<1>(1)
    });
    [
        collect_metrics(samples, collectors, &predictor, options()).unwrap(),
        collect_metrics(samples, Loss::cross_entropy(), &predictor, options()).unwrap(),
        collect_metrics(samples, squares, &predictor, options()).unwrap(),
    ]
}

#[test]
fn every_column_is_what_the_cpu_computes_the_last_partial_batch_included() {
    let Some(gpu) = gpu() else { return };
    let (samples, run) = samples(ROWS);
    let (on_cpu, on_gpu) = (
        collect(&samples, &run, &cpu()),
        collect(&samples, &run, &gpu),
    );
    for (cpu, gpu) in on_cpu.iter().zip(&on_gpu) {
        assert_eq!(cpu.len(), ROWS);
        assert_same_tables(cpu, gpu);
    }
}

#[test]
fn embeddings_of_tokens_leave_padding_out() {
    let Some(gpu) = gpu() else { return };
    for reduce in [Reduce::Mean, Reduce::FirstToken, Reduce::LastToken] {
        for left in [false, true] {
            let on = |device: &Device| {
                let show = |tokens: &tlc_tests::tokens::Tokens| {
                    tap_tokens("tokens", &tokens.values, &tokens.padding);
                };
                tlc_tests::tokens::embeddings(device, reduce.clone(), left, 3, show).unwrap()
            };
            let what = format!("{reduce:?}, left {left}");
            tlc_tests::assert_close(&what, &on(&cpu()).concat(), &on(&gpu).concat(), 1e-4);
        }
    }
}

#[test]
fn a_batcher_that_ignores_its_device_is_told_so() {
    let Some(gpu) = gpu() else { return };
    struct OnCpu;
    impl Batcher<Image, Tensor<2>> for OnCpu {
        fn batch(&self, images: Vec<Image>, _: &Device) -> Tensor<2> {
            Stack.batch(images, &cpu()).inputs.flatten::<2>(1, 3)
        }
    }
    let (samples, run) = samples(ROWS);
    let model = LinearConfig::new(SIDE * SIDE, 1).init(&gpu);
    let forward = |model: &Linear, images: Tensor<2>| model.forward(images);
    let predictor = Predictor::by(&model, OnCpu, forward).batch_size(BATCH);
    let options = CollectOptions::new().run(&run).progress(false);
    let first = |output: &Tensor<2>| ("first", output.clone().squeeze_dim::<1>(1));
    let error = collect_metrics(&samples, first, &predictor, options).unwrap_err();
    assert!(
        matches!(error, tlc_burn::Error::OtherDevice { .. }),
        "{error}"
    );
    let advice = "must put its tensors on the device that it is given";
    assert!(error.to_string().contains(advice), "{error}");
}

#[test]
fn the_self_check_finds_the_device_close_to_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let (samples, _) = samples(ROWS);
    let predictor = Predictor::new(&Net::new(&cpu()), Stack)
        .batch_size(BATCH)
        .device(&gpu);
    let collectors = (Classification::new(CLASSES), Embeddings::of(["hidden"]));
    let check = verify_device(&samples, collectors, &predictor).unwrap();
    assert_eq!((check.rows, check.differences.len()), (BATCH, 5));
    assert!(f64::from(check.largest()) < TOLERANCE, "{check:?}");
}

//! Trains a small convolutional net on Fashion-MNIST with a loop of its own, and
//! collects per-sample metrics of the training and the test samples each epoch.
//!
//! `cargo run --release -p tlc-examples --example train_classifier`
//!
//! `samples.rs` and the call of `collect_metrics` below are all that collection adds
//! to the training program; `--help` tells the options.

#![allow(unreachable_pub)] // nothing is, in a program

mod args;
mod augment;
#[cfg(feature = "dashboard")]
mod dashboard;
mod data;
#[path = "../fashion.rs"]
mod fashion;
#[path = "../grey.rs"]
mod grey;
mod idx;
mod model;
mod report;
mod samples;
mod sheet;
mod training;
mod worst;

use args::Args;
use burn::tensor::Device;
use clap::Parser;
use data::Data;
use model::Cnn;
use report::{Epoch, Report};
use samples::Stack;
use std::error::Error;
use std::time::Instant;
use tlc::prelude::*;
use tlc::{MetricsTable, Run, RunOptions};
use training::Trainer;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let started = Instant::now();
    #[cfg(feature = "dashboard")]
    let _serving = dashboard::start(&args)?;
    let device = tlc::device(&args.device)?;
    let data = Data::open(&args)?;
    let run = init(&args, &data)?;
    let report = train(&args, &data, &run, &device)?;
    run.close()?;
    report.print(&args, started.elapsed())
}

fn init(args: &Args, data: &Data) -> Result<Run, tlc::core::Error> {
    let options = RunOptions::new(data.project.as_str())
        .name(args.run.as_str())
        .description("a small CNN, collected from after every epoch")
        .root(args.root()?)
        .parameter("epochs", args.epochs())
        .parameter("batch_size", args.batch_size())
        .parameter("seed", args.seed)
        .parameter("device", args.device.as_str());
    tlc::init(options)
}

fn train(args: &Args, data: &Data, run: &Run, device: &Device) -> Result<Report, Box<dyn Error>> {
    let mut trainer = Trainer::new(data, args, device);
    let mut report = Report::new(run.url(), data.train.table(), &data.classes);
    for number in 1..=args.epochs() {
        let started = Instant::now();
        let train_loss = trainer.epoch(number)?;
        let train_secs = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let train = collect(&trainer.model, data, "train", number)?;
        collect(&trainer.model, data, "test", number)?;
        let collect_secs = started.elapsed().as_secs_f64();

        tlc::log([
            ("epoch", number as f64),
            ("train_loss_augmented", train_loss),
        ])?;
        report.epochs.push(Epoch {
            number,
            train_loss,
            train_accuracy: latest(run, "train_accuracy")?,
            test_loss: latest(run, "test_loss")?,
            test_accuracy: latest(run, "test_accuracy")?,
            train_secs,
            collect_secs,
        });
        report.show_last_epoch(args.json);
        if number == args.epochs() {
            report.worst = worst::find(&train, sheet::SAMPLES)?;
            report.sheet = Some(sheet::write(&report.worst, &data.classes, args)?);
        }
    }
    Ok(report)
}

/// The newest value of an aggregate that collection has logged.
fn latest(run: &Run, key: &str) -> Result<f64, tlc::core::Error> {
    let series = run
        .aggregates()?
        .into_iter()
        .find(|series| series.key == key);
    Ok(series
        .and_then(|series| series.points.last().copied())
        .map_or(f64::NAN, |point| point.1))
}

/// Loss, prediction, confidence and embedding of every sample, into the active run.
fn collect(
    model: &Cnn,
    data: &Data,
    split: &str,
    epoch: usize,
) -> Result<MetricsTable, tlc::Error> {
    let samples = if split == "train" {
        &data.train
    } else {
        &data.test
    };
    collect_metrics(
        samples,
        (
            Classification::new(data.classes.iter().cloned()).probabilities(true),
            Embeddings::of(["hidden"]),
        ),
        &Predictor::new(model, Stack),
        CollectOptions::new().split(split).epoch(epoch),
    )
}

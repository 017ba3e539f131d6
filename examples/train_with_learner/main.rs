//! Trains with Burn's own `Learner`, and gets from it a ranked list of the labels that are
//! most likely wrong, with the embeddings in two dimensions.
//!
//! `cargo run --release -p tlc-examples --example train_with_learner --features train`
//!
//! The model and its samples are those of `train_classifier`. A share of the training
//! labels is flipped first, so that the list can be held against what is known to be wrong.

#![allow(unreachable_pub)] // nothing is, in a program

mod args;
#[path = "../train_classifier/augment.rs"]
mod augment;
mod data;
#[path = "../fashion.rs"]
mod fashion;
#[path = "../grey.rs"]
mod grey;
#[path = "../train_classifier/model.rs"]
mod model;
mod plot;
mod progress;
mod report;
#[path = "../train_classifier/samples.rs"]
mod samples;
mod sheet;
mod steps;

use args::Args;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::optim::AdamWConfig;
use burn::tensor::Device;
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{Learner, SupervisedTraining};
use clap::Parser;
use data::Data;
use fashion::FASHION;
use model::Cnn;
use progress::Progress;
use report::Report;
use samples::{Batch, ImageSamples, Stack};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use tlc::findings::dynamics::Dynamics;
use tlc::findings::label_issues::{self, LabelIssues, MetricsPredictions, Score};
use tlc::findings::reduce::{self, Umap, UmapOptions};
use tlc::findings::{Findings, Ranking};
use tlc::prelude::*;
use tlc::{CollectInTraining, Difficulty, Indexed, SampleMetrics, Schedule};
use tlc::{Run, RunOptions, Url};

const LEARNING_RATE: f64 = 1e-3;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let device = tlc::device(&args.device)?.autodiff();
    device.seed(args.seed);
    let data = Data::open(&args)?;
    let run = Run::create(
        RunOptions::new(data::PROJECT)
            .name("learner")
            .root(args.root()?),
    )?;
    let started = Instant::now();
    train(&args, &data, &run, &device)?;
    let train_secs = started.elapsed().as_secs_f64();
    let found = Found::of(&run, &data)?;
    plot::write(&found, &data, &args.plot)?;
    sheet::write(&found.issues, data.train.table(), &args.sheet)?;
    run.close()?;
    Report::new(&run, &data, &found, train_secs).print(&args)
}

/// Burn's `Learner`: the lines on `run` and `into` are what collection adds.
fn train(args: &Args, data: &Data, run: &Run, device: &Device) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let learner = Learner::new(
        Cnn::new(FASHION.len(), device),
        AdamWConfig::new().with_weight_decay(1e-2).init(),
        LEARNING_RATE,
    );
    let training = SupervisedTraining::new(
        &folder,
        batches(&data.train, args),
        batches(&data.test, args),
    )
    .with_application_logger(None)
    .renderer(Box::new(Progress::new()))
    .metrics((LossMetric::new(), AccuracyMetric::new()))
    .num_epochs(args.epochs())
    .collect_validation(SampleMetrics::<ClassificationInput>::new(
        data.test.table(),
        Classification::new(FASHION),
        CollectOptions::new().run(run).split("test"),
    ))
    .log_to(run, &folder)?;
    let (train, into) = (data.train.clone(), run.clone());
    training
        .collect_at(Schedule::every_epoch(), move |epoch, model| {
            collect_metrics(
                &train,
                (
                    Classification::new(FASHION).probabilities(true),
                    Difficulty::new(),
                    Embeddings::of(["hidden"]),
                ),
                &Predictor::new(model, Stack),
                CollectOptions::new().run(&into).split("train").epoch(epoch),
            )
        })
        .launch(learner)?;
    Ok(())
}

fn batches(samples: &ImageSamples, args: &Args) -> Arc<dyn DataLoader<Indexed<Batch>>> {
    DataLoaderBuilder::new(WithIds(Stack))
        .batch_size(args.batch_size())
        .shuffle(args.seed)
        .build(samples.clone())
}

/// What the run says about the training samples.
#[derive(Debug)]
pub struct Found {
    /// What was found and what was left out, in words.
    pub overview: String,
    /// Of all epochs.
    pub issues: LabelIssues,
    /// Where the run keeps them.
    pub issues_url: Url,
    /// Of the last epoch alone.
    pub last: Ranking,
    /// Of all epochs, where there is more than one.
    pub dynamics: Option<Dynamics>,
    /// `[samples, 2]`, in the order of the samples.
    pub points: tlc::findings::Embeddings,
}

impl Found {
    /// Finds them and writes them into the run, as metrics tables of their own.
    fn of(run: &Run, data: &Data) -> Result<Self, Box<dyn Error>> {
        let train = data.train.table();
        let findings = Findings::of(run, train)?;
        let overview = findings.to_string();
        findings.write(run)?;

        let metrics = run.metrics()?.about(train).newest()?;
        let embeddings = tlc::findings::Embeddings::of_metrics(&metrics, "embeddings_hidden")?;
        let umap = Umap::fit(&embeddings, &UmapOptions::new())?;
        reduce::save(&umap, run, "hidden")?;
        reduce::apply(&umap, run, &metrics, "embeddings_hidden")?;

        let last = MetricsPredictions::new([&metrics], "probabilities", "label")?;
        let written = run.metrics()?.stream(label_issues::STREAM).newest()?;
        Ok(Self {
            overview,
            issues: findings.label_issues.ok_or("no probabilities")?,
            issues_url: written.url().clone(),
            last: label_issues::rank(&last, Score::default())?,
            dynamics: findings.dynamics,
            points: umap.points().clone(),
        })
    }
}

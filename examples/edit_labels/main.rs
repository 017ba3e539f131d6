//! The loop: trains on labels some of which are wrong, ranks them by what the model said in
//! every epoch, mends those at the top, and trains on the latest revision.
//!
//! `cargo run --release -p tlc-examples --example edit_labels`
//!
//! Here the right labels are known, and stand in for the person who looks.

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
#[path = "../precision.rs"]
mod precision;
#[path = "../train_classifier/samples.rs"]
mod samples;
mod tables;
#[path = "../train_classifier/training.rs"]
mod training;

use args::{Args, PROJECT};
use burn::tensor::Device;
use clap::Parser;
use data::Data;
use fashion::FASHION;
use precision::Precision;
use samples::Stack;
use std::error::Error;
use tlc::findings::label_issues::{Filter, LabelIssues, MetricsPredictions, Score, find};
use tlc::prelude::*;
use tlc::{RevisionOptions, Run, RunOptions, Table};
use training::Trainer;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let device = tlc::device(&args.device)?;
    let (original, noisy) = tables::tables(&args)?;
    let wrong = wrong_labels(&original, &noisy)?;
    println!("{wrong} of {} training labels are wrong", noisy.len());

    let (run, before) = train("before", &noisy, &args, &device)?;
    let predictions = MetricsPredictions::of_run(&run, &noisy)?;
    let issues = find(&predictions, Filter::default(), Score::default())?;
    println!("{}", issues.memorization);
    println!("{}", Precision::of(&issues, &original, &noisy)?);

    let fixed = mend(&noisy, &original, &issues, args.look_at)?;
    let left = wrong_labels(&original, &fixed)?;
    println!(
        "looked at {}: {} were wrong and are mended\n",
        args.look_at,
        wrong - left
    );
    println!("{}", original.lineage()?);

    let (_, after) = train("after", &noisy.latest()?, &args, &device)?;
    println!("test accuracy: {before:.3} before, {after:.3} after");
    Ok(())
}

/// Puts the known labels back for the samples at the top of the list.
fn mend(
    table: &Table,
    known: &Table,
    issues: &LabelIssues,
    look_at: usize,
) -> Result<Table, Box<dyn Error>> {
    let labels: Vec<i32> = tables::labels(known)?;
    let mut editor = table.edit()?;
    for suspect in issues.samples.iter().take(look_at) {
        let row = usize::try_from(suspect.example_id)?;
        editor.set("label", row, labels[row])?;
    }
    let what = format!("the {look_at} labels that look most wrong");
    Ok(editor.commit(RevisionOptions::new(what).author("edit_labels"))?)
}

fn wrong_labels(known: &Table, table: &Table) -> Result<usize, tlc::core::Error> {
    let cells = known.diff(table)?.map(|batch| Ok(batch?.num_rows()));
    cells.sum()
}

/// Trains, collects after every epoch, and tells the accuracy on the test samples.
fn train(
    name: &str,
    table: &Table,
    args: &Args,
    device: &Device,
) -> Result<(Run, f64), Box<dyn Error>> {
    let data = Data::of(table, args)?;
    let options = RunOptions::new(PROJECT).name(name).root(args.root()?);
    let run = Run::create(options.parameter("table", table.name()))?;
    let mut trainer = Trainer::new(&data, args, device);
    for epoch in 1..=args.epochs() {
        trainer.epoch(epoch)?;
        for (split, samples) in [("train", &data.train), ("test", &data.test)] {
            collect_metrics(
                samples,
                Classification::new(FASHION).probabilities(split == "train"),
                &Predictor::new(&trainer.model, Stack),
                CollectOptions::new().run(&run).split(split).epoch(epoch),
            )?;
        }
    }
    run.close()?;
    let accuracy = run
        .series("test_accuracy")?
        .points
        .last()
        .map(|point| point.1);
    Ok((run, accuracy.ok_or("no accuracy")?))
}

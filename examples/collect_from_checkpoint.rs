//! Per-sample metrics of weights that are loaded from files, without training: from
//! safetensors and from a Burn record.
//!
//! `cargo run --release -p tlc-examples --features checkpoint --example collect_from_checkpoint`
//!
//! The files are of a linear classifier whose weights are the mean images of the
//! classes, written by the example itself. `--safetensors FILE` and `--record FILE`
//! load others of the same shape.

#![allow(unreachable_pub)] // nothing is, in a program

#[path = "fashion.rs"]
mod fashion;
#[path = "grey.rs"]
mod grey;
#[path = "mean_images.rs"]
mod mean_images;
#[path = "train_classifier/samples.rs"]
mod samples;

use burn::prelude::*;
use burn_store::{ModuleSnapshot, SafetensorsStore};
use clap::Parser;
use fashion::FASHION;
use mean_images::{Classifier, images, means, table};
use samples::{ImageSamples, Stack};
use std::error::Error;
use std::path::{Path, PathBuf};
use tlc::prelude::*;
use tlc::{MetricsTable, Run, RunOptions};

#[derive(Parser)]
struct Args {
    /// Weights in the safetensors format; written first if not given.
    #[arg(long)]
    safetensors: Option<PathBuf>,
    /// Weights as a Burn record; written first if not given.
    #[arg(long)]
    record: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let device = tlc::device("cpu")?;
    let (train, test) = (images(&table("train_5k")?), images(&table("test_1k")?));
    let folder = std::env::temp_dir().join(format!("tlc-checkpoint-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let own = |name: &str| folder.join(name);
    let safetensors = args.safetensors.unwrap_or(own("model.safetensors"));
    let record = args.record.unwrap_or(own("model.bpk"));
    if safetensors.starts_with(&folder) || record.starts_with(&folder) {
        write(&means(&train, &device)?, &folder)?;
    }

    let run = Run::create(RunOptions::new("fashion-mnist").name("from-checkpoints"))?;
    let first = collect(
        &from_safetensors(&safetensors, &device)?,
        &test,
        &run,
        "safetensors",
    )?;
    let second = collect(&from_record(&record, &device)?, &test, &run, "record")?;
    std::fs::remove_dir_all(&folder)?;
    run.close()?;

    let mut same = true;
    for column in ["loss", "predicted", "confidence"] {
        same &= first.column(column)? == second.column(column)?;
    }
    for series in run.aggregates()? {
        if let Some((_, value)) = series.points.last() {
            println!("{:<24} {value:.4}", series.key);
        }
    }
    println!("both files give the same metrics: {same}");
    println!("{} holds them", run.url());
    Ok(())
}

/// The whole of loading safetensors.
fn from_safetensors(file: &Path, device: &Device) -> Result<Classifier, Box<dyn Error>> {
    let mut model = Classifier::new(device);
    model.load_from(&mut SafetensorsStore::from_file(file))?;
    Ok(model)
}

/// The whole of loading a Burn record.
fn from_record(file: &Path, device: &Device) -> Result<Classifier, Box<dyn Error>> {
    Ok(Classifier::new(device).try_load_file(file)?)
}

/// And of collecting: no training, no epoch.
fn collect(
    model: &Classifier,
    samples: &ImageSamples,
    run: &Run,
    split: &str,
) -> Result<MetricsTable, tlc::Error> {
    collect_metrics(
        samples,
        Classification::new(FASHION),
        &Predictor::new(model, Stack),
        CollectOptions::new().run(run).split(split),
    )
}

fn write(model: &Classifier, folder: &Path) -> Result<(), Box<dyn Error>> {
    let safetensors = folder.join("model.safetensors");
    model.save_into(&mut SafetensorsStore::from_file(safetensors))?;
    model.clone().save_file(folder.join("model.bpk"))?;
    Ok(())
}

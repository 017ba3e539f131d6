//! Collection on a cluster: one program is client, scheduler and executor, so that all of them
//! have the same model. See README.md beside this file.
//!
//! `cargo run --release -p tlc-examples --features cluster --example collect_on_cluster`

#![allow(unreachable_pub)] // nothing is, in a program

#[path = "../fashion.rs"]
mod fashion;
#[path = "../grey.rs"]
mod grey;
#[path = "../mean_images.rs"]
mod mean_images;
#[path = "../train_classifier/samples.rs"]
mod samples;

use burn_store::{ModuleSnapshot, SafetensorsStore};
use clap::{Parser, ValueEnum};
use fashion::FASHION;
use mean_images::{Classifier, images, means, table};
use samples::Stack;
use std::error::Error;
use std::path::{Path, PathBuf};
use tlc::prelude::*;
use tlc::{IfExists, MetricsTable, Run, RunOptions, Shards};
use tlc_query::datafusion::prelude::SessionContext;
use tlc_query::{Collection, cluster, collect_on};

/// What a process is for.
#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// Everything in this process, on DataFusion.
    Local,
    /// A scheduler and an executor of Ballista in this process.
    Standalone,
    /// Hands out jobs.
    Scheduler,
    /// Runs jobs, with the model.
    Executor,
    /// Begins a collection, and commits it.
    Client,
}

#[derive(Parser)]
struct Args {
    #[arg(long, value_enum, default_value = "local")]
    role: Role,
    /// Host and port of the scheduler.
    #[arg(long, default_value = "127.0.0.1:50050")]
    scheduler: String,
    /// Where others reach this executor.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The first of two free ports of this executor.
    #[arg(long, default_value_t = 50_051)]
    port: u16,
    /// Weights in the safetensors format, the same file for all; written by the first process
    /// that finds none.
    #[arg(long)]
    weights: Option<PathBuf>,
    /// Name of the run: in one that has the metrics already, nothing is collected.
    #[arg(long, default_value = "on-a-cluster")]
    run: String,
    /// Rows of a job.
    #[arg(long, default_value_t = 500)]
    shard_rows: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    tokio::runtime::Runtime::new()?.block_on(play(&args))
}

async fn play(args: &Args) -> Result<(), Box<dyn Error>> {
    match args.role {
        Role::Scheduler => cluster::schedule(args.scheduler.parse()?).await?,
        Role::Executor => {
            let (host, port) = args.scheduler.rsplit_once(':').ok_or("HOST:PORT")?;
            let executor = cluster::Executor::new(host, port.parse()?);
            let ports = [args.port, args.port + 1];
            let serve = executor.address(&args.host, ports);
            serve.serve(&[collection(args)?]).await?;
        }
        Role::Client => collect(args, &cluster::connect(&args.scheduler).await?).await?,
        Role::Standalone => {
            collect(args, &cluster::standalone(&[collection(args)?]).await?).await?
        }
        Role::Local => collect(args, &SessionContext::new()).await?,
    }
    Ok(())
}

/// The whole of collecting on an engine, whichever it is.
async fn collect(args: &Args, session: &SessionContext) -> Result<(), Box<dyn Error>> {
    let table = table("train_5k")?;
    let run = Run::create(
        RunOptions::new("fashion-mnist")
            .name(&args.run)
            .if_exists(IfExists::Reuse),
    )?;
    let options = CollectOptions::new().run(&run).split("train");
    let metrics = collect_on(session, &table, &collection(args)?, options).await?;
    report(&metrics, &run)?;
    Ok(())
}

/// What all processes know: how rows become samples, the model, what is collected.
fn collection(args: &Args) -> Result<Collection, Box<dyn Error>> {
    let weights = weights(args)?;
    let mut model = Classifier::new(&tlc::device("cpu")?);
    model.load_from(&mut SafetensorsStore::from_file(&weights))?;
    let shards = Shards::new(
        checksum(&weights)?,
        images,
        Classification::new(FASHION).per_class(true),
        Predictor::new(&model, Stack),
    );
    Ok(Collection::new(shards.shard_rows(args.shard_rows)))
}

fn weights(args: &Args) -> Result<PathBuf, Box<dyn Error>> {
    let file = match &args.weights {
        Some(file) => file.clone(),
        None => std::env::temp_dir().join("tlc-mean-images.safetensors"),
    };
    if !file.exists() {
        let samples = images(&table("train_5k")?);
        let written = file.with_extension(std::process::id().to_string());
        let model = means(&samples, &tlc::device("cpu")?)?;
        model.save_into(&mut SafetensorsStore::from_file(&written))?;
        // Whole or not at all: others may look for it.
        std::fs::rename(written, &file)?;
    }
    Ok(file)
}

/// Tells these weights from others: what was collected with them is not collected again.
fn checksum(weights: &Path) -> Result<String, Box<dyn Error>> {
    let sum = crc32c::crc32c(&std::fs::read(weights)?);
    Ok(format!("mean images {sum:08x}"))
}

fn report(metrics: &MetricsTable, run: &Run) -> Result<(), tlc::Error> {
    run.refresh()?;
    for series in run.aggregates()? {
        if let Some((_, value)) = series.points.last() {
            println!("{:<24} {value:.4}", series.key);
        }
    }
    println!("{} rows in {}", metrics.len(), metrics.url());
    Ok(())
}

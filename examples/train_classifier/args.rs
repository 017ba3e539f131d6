//! The command line.

use clap::Parser;
use std::path::PathBuf;
use tlc::core::Error;
use tlc::{Url, project_root};

/// Trains a small CNN and collects per-sample metrics after every epoch.
#[derive(Debug, Parser)]
pub struct Args {
    /// Where to compute: cpu, ndarray or wgpu (the last two behind cargo features of
    /// the same names).
    #[arg(long, default_value = "cpu")]
    pub device: String,

    /// Passes over the training samples.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    epochs: u16,

    /// Samples of a training batch.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,

    /// Folder with the four IDX files of Fashion-MNIST or MNIST, gzipped or not; the
    /// default is a part of Fashion-MNIST that comes with this project.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Folder or URL where projects are kept; else TLC_PROJECT_ROOT, else the
    /// platform's data folder.
    #[arg(long, value_name = "URL")]
    project_root: Option<String>,

    /// Name of the run; a number is added if it is taken.
    #[arg(long, default_value = "train-classifier")]
    pub run: String,

    /// The same seed on the same device gives the same metrics.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,

    /// Where the contact sheet of the 50 worst training samples is written.
    #[arg(long, value_name = "PNG", default_value = "worst.png")]
    pub sheet: PathBuf,

    /// Show the run in the dashboard while it trains.
    #[cfg(feature = "dashboard")]
    #[arg(long)]
    pub dashboard: bool,

    /// Print the result as one JSON document, and nothing else.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    pub fn epochs(&self) -> usize {
        self.epochs.into()
    }

    pub fn batch_size(&self) -> usize {
        self.batch_size.into()
    }

    /// Where others find the run, as they are told.
    pub fn place(&self) -> String {
        let given = self.project_root.as_ref();
        given.map_or_else(String::new, |root| format!(" --project-root {root}"))
    }

    pub fn root(&self) -> Result<Url, Error> {
        let given = self.project_root.as_deref().map(Url::parse).transpose()?;
        project_root(given.as_ref())
    }
}

//! The command line.

use clap::Parser;
use tlc::core::Error;
use tlc::{Url, project_root};

pub const PROJECT: &str = "fashion-mnist-edited";

/// Trains on labels some of which are wrong, mends those that look most wrong, and trains again.
#[derive(Debug, Parser)]
pub struct Args {
    /// Where to compute: cpu, ndarray or wgpu (the last two behind cargo features of
    /// the same names).
    #[arg(long, default_value = "cpu")]
    pub device: String,

    /// Passes over the training samples.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    epochs: u16,

    /// Samples of a training batch.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,

    /// How many of a hundred training labels are replaced by another one.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u8).range(1..=80))]
    pub flip_percent: u8,

    /// How many of the labels that look most wrong are looked at.
    #[arg(long, default_value_t = 1_500)]
    pub look_at: usize,

    /// Folder or URL where projects are kept; else TLC_PROJECT_ROOT, else the
    /// platform's data folder.
    #[arg(long, value_name = "URL")]
    project_root: Option<String>,

    /// Of weights, order and flips.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,

    /// Show no progress bars.
    #[arg(long = "quiet")]
    pub json: bool,
}

impl Args {
    pub fn epochs(&self) -> usize {
        self.epochs.into()
    }

    pub fn batch_size(&self) -> usize {
        self.batch_size.into()
    }

    pub fn root(&self) -> Result<Url, Error> {
        let given = self.project_root.as_deref().map(Url::parse).transpose()?;
        project_root(given.as_ref())
    }
}

//! The command line.

use clap::Parser;
use std::path::PathBuf;
use tlc::core::Error;
use tlc::{Url, project_root};

pub const PROJECT: &str = "fashion-mnist-pretrained";

/// Finds wrong labels by the features of a pretrained network, without training it.
#[derive(Debug, Parser)]
pub struct Args {
    /// Where to compute: cpu, ndarray or wgpu (the last two behind cargo features of
    /// the same names).
    #[arg(long, default_value = "cpu")]
    pub device: String,

    /// Weights of EfficientNet-Lite0, as `convert.py` writes them.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "efficientnet_lite0.safetensors"
    )]
    pub weights: PathBuf,

    /// Width and height that images are enlarged to.
    #[arg(long, default_value_t = 96, value_parser = clap::value_parser!(u16).range(32..=512))]
    size: u16,

    /// How many of the samples are looked at, the first ones.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u16).range(100..=5_000))]
    rows: u16,

    /// How many of a hundred training labels are replaced by another one.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=80))]
    pub flip_percent: u8,

    /// Folder or URL where projects are kept; else TLC_PROJECT_ROOT, else the
    /// platform's data folder.
    #[arg(long, value_name = "URL")]
    project_root: Option<String>,

    /// Of the flips.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,

    /// Where a contact sheet of the 50 labels most likely wrong is written, if anywhere.
    #[arg(long, value_name = "PNG")]
    pub sheet: Option<PathBuf>,
}

impl Args {
    pub fn size(&self) -> usize {
        self.size.into()
    }

    pub fn rows(&self) -> usize {
        self.rows.into()
    }

    pub fn root(&self) -> Result<Url, Error> {
        let given = self.project_root.as_deref().map(Url::parse).transpose()?;
        project_root(given.as_ref())
    }
}

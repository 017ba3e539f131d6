//! What can be said of images and arrays.

use super::into::Into;
use clap::{Args, ValueEnum};
use tlc_core::Url;
use tlc_formats::{Cifar, Csv, Format, HuggingFace, Idx, ImageFolder, ImagePaths, NumPy};

#[derive(Args, Debug)]
pub(super) struct Images {
    /// A folder of images: with a folder a class, or a split and in it a class, or without
    folder: String,
    #[command(flatten)]
    pub(super) into: Into,
    /// A CSV file whose rows name the images, relative to the folder
    #[arg(long, value_name = "FILE", requires = "paths_in")]
    csv: Option<String>,
    /// The column of the CSV file that names them
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    paths_in: Option<String>,
    /// Lets names in the CSV file lead into this folder, too
    #[arg(long, value_name = "FOLDER", requires = "csv")]
    allow: Vec<Url>,
    /// Leaves the images where they are, and keeps where that is
    #[arg(long)]
    by_url: bool,
    /// Takes one split alone
    #[arg(long, value_name = "NAME", conflicts_with = "csv")]
    split: Option<String>,
    /// Takes folders called like splits for classes
    #[arg(long, conflicts_with = "csv")]
    no_splits: bool,
    /// Takes all images at any depth, without classes
    #[arg(long, conflicts_with = "csv")]
    no_labels: bool,
}

impl Images {
    pub(super) fn format(&self) -> Box<dyn Format> {
        if let (Some(csv), Some(column)) = (&self.csv, &self.paths_in) {
            let images = ImagePaths::new(Csv::new(csv), column, &self.folder);
            let images = self.allow.iter().fold(images, ImagePaths::allow);
            return match self.by_url {
                true => Box::new(images.by_url()),
                false => Box::new(images),
            };
        }
        let mut images = ImageFolder::new(&self.folder);
        if let Some(split) = &self.split {
            images = images.split(split);
        }
        for (is_set, set) in [
            (
                self.by_url,
                ImageFolder::by_url as fn(ImageFolder) -> ImageFolder,
            ),
            (self.no_splits, ImageFolder::without_splits),
            (self.no_labels, ImageFolder::without_labels),
        ] {
            if is_set {
                images = set(images);
            }
        }
        Box::new(images)
    }
}

#[derive(Args, Debug)]
pub(super) struct Hugging {
    /// Folders or files: Parquet of the hub, `to_parquet` or `save_to_disk`
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    pub(super) into: Into,
    /// Takes one split alone
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// Reads images that the data name from this folder, too
    #[arg(long, value_name = "FOLDER")]
    allow: Vec<Url>,
}

impl Hugging {
    pub(super) fn format(&self) -> HuggingFace {
        let data = HuggingFace::new(self.paths.as_slice());
        let data = self.allow.iter().fold(data, HuggingFace::allow);
        match &self.split {
            Some(split) => data.split(split),
            None => data,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct Arrays {
    /// The folder of the data set; of IDX also a file of images
    path: String,
    #[command(flatten)]
    pub(super) into: Into,
    /// Takes one split alone
    #[arg(long, value_enum)]
    split: Option<Split>,
    /// Keeps images as numbers, not as PNG files
    #[arg(long)]
    tensors: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Split {
    Train,
    Test,
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

impl Arrays {
    pub(super) fn cifar(&self) -> Cifar {
        let mut cifar = Cifar::new(&self.path);
        if let Some(split) = self.split {
            cifar = cifar.split(split.name());
        }
        match self.tensors {
            true => cifar.tensors(),
            false => cifar,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct IdxFiles {
    #[command(flatten)]
    pub(super) of: Arrays,
    /// The file of labels of a file of images
    #[arg(long, value_name = "FILE")]
    labels: Option<String>,
    /// Names of the classes
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    classes: Option<Vec<String>>,
}

impl IdxFiles {
    pub(super) fn format(&self) -> Idx {
        let mut idx = Idx::new(&self.of.path);
        if let Some(split) = self.of.split {
            idx = idx.split(split.name());
        }
        if let Some(labels) = &self.labels {
            idx = idx.labels(labels);
        }
        if let Some(classes) = &self.classes {
            idx = idx.classes(classes.clone());
        }
        match self.of.tensors {
            true => idx.tensors(),
            false => idx,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct NumpyFiles {
    /// Files `.npy`, a column each, and `.npz`, a column for each array; folders, globs or URLs
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    pub(super) into: Into,
    /// Takes these arrays alone
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    arrays: Option<Vec<String>>,
}

impl NumpyFiles {
    pub(super) fn format(&self) -> NumPy {
        let files = NumPy::new(self.paths.as_slice());
        match &self.arrays {
            Some(arrays) => files.arrays(arrays),
            None => files,
        }
    }
}

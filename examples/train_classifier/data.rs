//! The tables of the training and the test samples.

use crate::args::Args;
use crate::augment::augmented;
use crate::fashion::{FASHION, Row};
use crate::idx;
use crate::samples::{self, ImageSamples};
use std::error::Error;
use std::path::{Path, PathBuf};
use tlc::prelude::*;
use tlc::{Column, IfExists, Table, TableOptions, Url, ValueType};

pub struct Data {
    /// Name of the project the tables are kept in.
    pub project: String,
    /// Names of the classes, by index.
    pub classes: Vec<String>,
    /// Augmented for training, not for collection.
    pub train: ImageSamples,
    /// Never augmented.
    pub test: ImageSamples,
}

impl Data {
    /// Opens the latest revisions of the tables, or makes them where this is the first time.
    pub fn open(args: &Args) -> Result<Self, Box<dyn Error>> {
        let source = Source::of(args)?;
        let root = args.root()?;
        let train = source.table("train", &root)?.samples::<Row>();
        let test = source.table("test", &root)?.samples::<Row>();
        Ok(Self {
            train: train
                .try_map(augmented(args.seed))
                .try_map_collect_metrics(samples::decode),
            test: test.try_map(samples::decode),
            project: source.project,
            classes: source.classes,
        })
    }
}

/// Where samples come from.
struct Source {
    project: String,
    classes: Vec<String>,
    /// Folder of IDX files; none for the data that come with the project.
    folder: Option<PathBuf>,
}

impl Source {
    fn of(args: &Args) -> Result<Self, Box<dyn Error>> {
        let Some(folder) = &args.data else {
            return Ok(Self::new("fashion-mnist", FASHION, None));
        };
        let folder = folder.canonicalize()?;
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.ok_or("--data: the folder's name names the project, and has none")?;
        let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let is_fashion = name.to_lowercase().contains("fashion");
        let classes = if is_fashion { FASHION } else { digits };
        Ok(Self::new(
            &format!("{name}-idx"),
            classes,
            Some(folder.clone()),
        ))
    }

    fn new(project: &str, classes: [&str; 10], folder: Option<PathBuf>) -> Self {
        let classes = classes.map(str::to_owned).to_vec();
        let project = project.to_owned();
        Self {
            project,
            classes,
            folder,
        }
    }

    fn table(&self, split: &str, root: &Url) -> Result<Table, Box<dyn Error>> {
        let options = TableOptions::new(self.project.as_str(), split, "initial")
            .root(root)
            .if_exists(IfExists::Reuse)
            .column(Column::new("image", ValueType::image_bytes()))
            .column(Column::new(
                "label",
                ValueType::labels(self.classes.iter().cloned()),
            ));
        let Some(folder) = &self.folder else {
            let name = if split == "train" {
                "train_5k"
            } else {
                "test_1k"
            };
            let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
            let file = data.join(format!("fashion_mnist_{name}.parquet"));
            return Ok(Table::from_parquet(file, options)?.latest()?);
        };
        let rows = idx::read(folder, split)?;
        let table = Table::create(options, |writer| {
            rows.chunks(1000).try_for_each(|rows| writer.add_rows(rows))
        })?;
        Ok(table.latest()?)
    }
}

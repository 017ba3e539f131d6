//! `tlc import`: files become tables.

mod annotations;
mod csv;
mod images;
mod into;
mod made;

use self::into::Into;
use self::made::Made;
use crate::{Failure, Place, print};
use clap::{Args, Subcommand};
use tlc_formats::{Arrow, Format, JsonLines, Parquet};

const EXAMPLES: &str = "\
Examples:
  tlc import csv penguins.csv --project zoo --dataset penguins --label species
  tlc import parquet 'shards/*.parquet' --project zoo --dataset photos --column image=image
  tlc import json dump.jsonl.gz --project zoo --dataset texts --weight --skip-bad-rows
  tlc import images photos --project zoo --dataset photos --split train
  tlc import huggingface downloads/pets --project zoo --dataset pets
  tlc import coco instances.json --images val2017 --project zoo --dataset coco
  tlc import yolo pets/data.yaml --project zoo --dataset pets --task segment";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    of: Of,
}

#[derive(Subcommand, Debug)]
enum Of {
    /// Values between commas, tabs or the like
    Csv(csv::Arguments),
    /// JSON lines: an object a line
    Json(Files),
    /// Arrow IPC files and streams; Feather files are such
    Arrow(Files),
    /// Parquet files
    Parquet(Files),
    /// A folder of images, or a CSV file that names images
    Images(images::Images),
    /// What the package `datasets` of Hugging Face wrote
    #[command(name = "huggingface", visible_alias = "hf")]
    Hugging(images::Hugging),
    /// Boxes, outlines, masks and keypoints: a JSON file of COCO
    Coco(annotations::CocoFile),
    /// Boxes, outlines, keypoints or oriented boxes: a data.yaml of YOLO
    Yolo(annotations::YoloFile),
    /// A folder of images and one of semantic masks
    Masks(annotations::MaskFiles),
    /// IDX files, as MNIST has them, gzipped or not
    Idx(images::IdxFiles),
    /// CIFAR-10 or CIFAR-100, the binary version
    Cifar(images::Arrays),
    /// Arrays that NumPy has saved, as columns
    #[command(name = "npy", visible_alias = "npz")]
    Numpy(images::NumpyFiles),
}

#[derive(Args, Debug)]
struct Files {
    /// Files, folders, globs or URLs; those of one table
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    into: Into,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    match &arguments.of {
        Of::Csv(csv) => import(&csv.format()?, &csv.into, place),
        Of::Json(files) => import(&JsonLines::new(files.paths.as_slice()), &files.into, place),
        Of::Arrow(files) => import(&Arrow::new(files.paths.as_slice()), &files.into, place),
        Of::Parquet(files) => import(&Parquet::new(files.paths.as_slice()), &files.into, place),
        Of::Images(images) => import(&*images.format(), &images.into, place),
        Of::Hugging(data) => import(&data.format(), &data.into, place),
        Of::Coco(coco) => import(&coco.format(), &coco.into, place),
        Of::Yolo(yolo) => import(&yolo.format(), &yolo.into, place),
        Of::Masks(masks) => import(&masks.format()?, &masks.into, place),
        Of::Idx(idx) => import(&idx.format(), &idx.of.into, place),
        Of::Cifar(cifar) => import(&cifar.cifar(), &cifar.into, place),
        Of::Numpy(numpy) => import(&numpy.format(), &numpy.into, place),
    }
}

/// Makes the table, and says which it is.
fn import(format: &dyn Format, into: &Into, place: &Place) -> Result<(), Failure> {
    let began = chrono::Utc::now().to_rfc3339();
    let imported = into.import(format, place)?;
    print::tell(&Made::of(&imported, into.project(), &began), place)
}

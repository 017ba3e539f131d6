//! Data sets of every format as tables, each in a few lines. What is imported is written by
//! `files.rs` first, a few images of Fashion-MNIST in each format.
//!
//! ```sh
//! cargo run --release --features formats --example import_anything
//! ```

#![allow(unreachable_pub)] // nothing is, in a program

#[path = "../fashion.rs"]
mod fashion;
mod files;
#[path = "../grey.rs"]
mod grey;

use crate::fashion::FASHION;
use burn::data::dataset::InMemDataset;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::{Path, PathBuf};
use tlc::formats::{
    Arrow, Cifar, Coco, Csv, HuggingFace, Idx, ImageFolder, ImagePaths, ImportOptions, JsonLines,
    Masks, NumPy, Parquet, Records, Yolo, import,
};
use tlc::prelude::*;
use tlc::{ClassMap, Column, ValueType};

type Imported = Result<Table, Box<dyn Error>>;

const PROJECT: &str = "import-anything";

/// Where files are.
struct Files {
    /// The data of this repository.
    data: PathBuf,
    /// What was written for this example.
    made: tempfile::TempDir,
}

fn main() -> Result<(), Box<dyn Error>> {
    let made = tempfile::tempdir()?;
    files::write(made.path())?;
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let files = Files { data, made };
    for import in [
        csv,
        json_lines,
        arrow,
        parquet,
        records,
        burn_dataset,
        image_folder,
        image_paths,
        hugging_face,
        idx,
        cifar,
        numpy,
        coco,
        yolo,
        masks,
    ] {
        let table = import(&files)?;
        let columns: Vec<&str> = table.schema().names().collect();
        println!(
            "{:<13}{:>5} rows: {}",
            table.dataset(),
            table.len(),
            columns.join(", ")
        );
    }
    Ok(())
}

/// Where the rows go: a data set of a format.
fn into(dataset: &str) -> ImportOptions {
    ImportOptions::new(PROJECT, dataset)
}

impl Files {
    fn made(&self, name: &str) -> PathBuf {
        self.made.path().join(name)
    }
}

/// Types are inferred; texts that name classes become classes when they are labels.
fn csv(files: &Files) -> Imported {
    let penguins = Csv::new(files.data.join("penguins.csv")).missing(["", "NA"]);
    let options = into("csv").label("species").label("sex").weight(1.0);
    Ok(import(&penguins, options)?.table)
}

/// An object a line, nested as deep as one likes. Bad lines are counted and told, not fatal.
fn json_lines(files: &Files) -> Imported {
    let lines = JsonLines::new(files.made("rows/fashion.jsonl"));
    let imported = import(&lines, into("json-lines").skip_bad_rows())?;
    assert!(imported.skipped.is_empty());
    Ok(imported.table)
}

/// Arrow IPC and Feather files keep their types.
fn arrow(files: &Files) -> Imported {
    let feather = Arrow::new(files.made("rows/fashion.arrow"));
    Ok(import(&feather, into("arrow"))?.table)
}

/// What a column means that the file doesn't say is said by hand.
fn parquet(files: &Files) -> Imported {
    let digits = Parquet::new(files.data.join("digits8x8.parquet"));
    let options = into("parquet")
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new(
            "label",
            ValueType::labels(('0'..='9').map(String::from)),
        ));
    Ok(import(&digits, options)?.table)
}

/// Structs in memory, with options, lists and structs in them.
fn records(_: &Files) -> Imported {
    #[derive(Serialize)]
    struct Review {
        words: Vec<&'static str>,
        stars: Option<u8>,
    }
    let reviews = [
        Review {
            words: vec!["good", "fit"],
            stars: Some(5),
        },
        Review {
            words: vec!["late"],
            stars: None,
        },
    ];
    Ok(import(&Records::of(&reviews), into("records"))?.table)
}

/// Any data set of Burn whose items are serde rows; `samples` is a data set again.
fn burn_dataset(_: &Files) -> Imported {
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct House {
        area: f32,
        price: f32,
    }
    let house = |area: u8| House {
        area: f32::from(area),
        price: 2.5 * f32::from(area),
    };
    let houses = InMemDataset::new((40..80).map(house).collect());
    let samples = houses.to_samples(TableOptions::new(PROJECT, "burn-dataset", "initial"))?;
    Ok(samples.table().clone())
}

/// A folder a class, or a folder a split with those in it.
fn image_folder(files: &Files) -> Imported {
    Ok(import(
        &ImageFolder::new(files.made("images")),
        into("image-folder"),
    )?
    .table)
}

/// Rows that name files; with `.by_url()` the images stay where they are.
fn image_paths(files: &Files) -> Imported {
    let rows = Csv::new(files.made("images/labels.csv"));
    let images = ImagePaths::new(rows, "path", files.made("images"));
    Ok(import(&images, into("image-paths").label("label"))?.table)
}

/// What the hub has, what `to_parquet` and `save_to_disk` write, or a cache, split by split.
fn hugging_face(files: &Files) -> Imported {
    let hub = HuggingFace::new(files.made("hub"));
    assert_eq!(hub.splits()?, ["train"]);
    Ok(import(&hub.split("train"), into("hugging-face"))?.table)
}

/// MNIST and its family, gzipped or not.
fn idx(files: &Files) -> Imported {
    let images = Idx::new(files.made("idx")).split("train").classes(FASHION);
    Ok(import(&images, into("idx"))?.table)
}

/// CIFAR-10 or CIFAR-100, the binary version.
fn cifar(files: &Files) -> Imported {
    Ok(import(
        &Cifar::new(files.made("cifar")).split("test"),
        into("cifar"),
    )?
    .table)
}

/// Each array of an `.npz` a column, or an `.npy` alone.
fn numpy(files: &Files) -> Imported {
    Ok(import(
        &NumPy::new(files.made("numpy/embeddings.npy")),
        into("numpy"),
    )?
    .table)
}

/// Boxes, outlines, masks, keypoints.
fn coco(files: &Files) -> Imported {
    let coco = Coco::new(files.made("coco/instances.json")).images(files.made("coco"));
    Ok(import(&coco, into("coco"))?.table)
}

/// Boxes, outlines, poses, oriented boxes.
fn yolo(files: &Files) -> Imported {
    Ok(import(
        &Yolo::new(files.made("yolo/data.yaml")).split("train"),
        into("yolo"),
    )?
    .table)
}

/// A class a pixel: a PNG beside each image.
fn masks(files: &Files) -> Imported {
    let classes = ClassMap::new(["ground", "garment"])
        .with_background(0)?
        .with_void(255)?;
    let masks = Masks::new(
        files.made("masks/images"),
        files.made("masks/masks"),
        classes,
    );
    Ok(import(&masks, into("masks"))?.table)
}

//! Annotations in and out: COCO, YOLO, semantic masks.
//!
//! Some tests want a Python with the packages pycocotools, numpy and pyarrow: `TLC_PYTHON`, else
//! `python3`; they say aloud that they skip without. `TLC_REQUIRE_TOOLS=1` makes that a failure.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod coco;
mod coco_foreign;
mod coco_round;
mod hostile;
mod masks;
#[path = "../tools/python.rs"]
mod tools;
mod yolo;
mod yolo_round;

use serde_json::Value;
use std::path::{Path, PathBuf};
use tlc_core::{Column, Table, Url, ValueType};
use tlc_formats::{Coco, Error, ImportOptions, Imported, Rows, ToJsonLines, export, import};

/// A grey image without much in it.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let pixels = vec![7; width as usize * height as usize];
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A folder of a data set, and room for projects beside it.
pub(crate) struct Given {
    temporary: tempfile::TempDir,
    pub(crate) root: Url,
}

impl Given {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Self {
            root: Url::from_path(&temporary.path().join("projects")).unwrap(),
            temporary,
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.temporary.path().join("data").join(file)
    }

    pub(crate) fn write(&self, file: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn options(&self, dataset: &str) -> ImportOptions {
        ImportOptions::new("p", dataset).root(&self.root)
    }

    /// A file of COCO, without its images.
    pub(crate) fn coco(&self, json: &str) -> Result<Imported, Error> {
        let file = self.write("coco.json", json);
        import(&Coco::new(file).without_images(), self.options("coco"))
    }

    /// The same, without what is bad.
    pub(crate) fn coco_skipping(&self, json: &str) -> Result<Imported, Error> {
        let file = self.write("coco.json", json);
        let options = self.options("coco").skip_bad_rows();
        import(&Coco::new(file).without_images(), options)
    }
}

/// The rows of a table as JSON, labels as ids.
pub(crate) fn rows(table: &Table) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.jsonl");
    export(&ToJsonLines::new(&file).label_ids(), &Rows::of(table)).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The fields of the boxes of a table.
pub(crate) fn fields(table: &Table) -> Vec<Column> {
    let ValueType::List { item, .. } = &table.schema().column("boxes").unwrap().value else {
        panic!("no list");
    };
    match &**item {
        ValueType::Struct { fields } => fields.clone(),
        other => panic!("{other:?}"),
    }
}

/// What a Python script prints, or `None`, said aloud, where its packages are missing.
pub(crate) fn python(packages: &[&str], script: &str, arguments: &[&Path]) -> Option<Value> {
    let printed = tools::run(packages, true, script, arguments)?;
    Some(serde_json::from_slice(&printed).unwrap())
}

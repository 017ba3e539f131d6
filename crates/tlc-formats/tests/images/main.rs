//! Images in: folders, lists of paths, Hugging Face; and out.
//!
//! The files in `fixtures` are images of 3 x 2 pixels, written by Pillow 13.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod export;
mod folder;
mod formats;
mod huggingface;
mod paths;
#[path = "../tools/python.rs"]
mod tools;

use std::path::{Path, PathBuf};
use tlc_core::arrow::array::AsArray;
use tlc_core::{Table, Url};
use tlc_formats::ImportOptions;

/// A fixture, by its name.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

/// A folder of files, and room for projects beside them.
pub(crate) struct Given {
    _temporary: tempfile::TempDir,
    pub(crate) folder: PathBuf,
    pub(crate) root: Url,
}

impl Given {
    pub(crate) fn new(files: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let given = Self {
            folder: temporary.path().join("images"),
            root: Url::from_path(&temporary.path().join("projects")).unwrap(),
            _temporary: temporary,
        };
        std::fs::create_dir(&given.folder).unwrap();
        files
            .iter()
            .for_each(|file| given.write(file, &fixture("rgb.png")));
        given
    }

    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn options(&self) -> ImportOptions {
        ImportOptions::new("p", "d").root(&self.root)
    }
}

pub(crate) fn texts(table: &Table, column: &str) -> Vec<String> {
    let values = table.column(column).unwrap();
    let texts = values.as_string::<i32>().iter();
    texts
        .map(|text| text.unwrap_or("null").to_owned())
        .collect()
}

pub(crate) fn numbers(table: &Table, column: &str) -> Vec<Option<i32>> {
    let values = table.column(column).unwrap();
    values
        .as_primitive::<tlc_core::arrow::datatypes::Int32Type>()
        .iter()
        .collect()
}

pub(crate) fn bytes(table: &Table, column: &str) -> Vec<Vec<u8>> {
    let values = table.column(column).unwrap();
    let cells = values.as_binary::<i32>().iter();
    cells.map(|cell| cell.unwrap().to_vec()).collect()
}

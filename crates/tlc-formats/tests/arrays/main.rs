//! Arrays in: NumPy, IDX, CIFAR.
//!
//! Some want a Python with numpy: `TLC_PYTHON`, else `python3`. `TLC_REQUIRE_TOOLS=1` makes its
//! absence a failure.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod cifar;
mod idx;
mod numpy;
#[path = "../tools/python.rs"]
mod tools;
mod written;

use std::path::{Path, PathBuf};
use tlc_core::arrow::array::{AsArray, PrimitiveArray};
use tlc_core::arrow::datatypes::ArrowPrimitiveType;
use tlc_core::{Table, Url};
use tlc_formats::ImportOptions;

/// A folder of files, and a project root in memory.
pub(crate) struct Given {
    folder: tempfile::TempDir,
}

impl Given {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn options(&self) -> ImportOptions {
        let name = self.path().file_name().unwrap().to_str().unwrap();
        let root = Url::parse(&format!("memory://formats-arrays/{name}")).unwrap();
        ImportOptions::new("p", "d").root(root)
    }
}

pub(crate) fn primitive<T: ArrowPrimitiveType>(table: &Table, column: &str) -> PrimitiveArray<T> {
    table.column(column).unwrap().as_primitive::<T>().clone()
}

pub(crate) fn texts(table: &Table, column: &str) -> Vec<String> {
    let values = table.column(column).unwrap();
    let texts = values.as_string::<i32>().iter().flatten();
    texts.map(str::to_owned).collect()
}

/// Whether a Python script has run, with the folder as its argument; said aloud where it cannot.
pub(crate) fn python(script: &str, folder: &Path) -> bool {
    tools::run(&["numpy"], true, script, &[folder]).is_some()
}

/// The PNG's size, bytes a pixel, and pixels.
pub(crate) fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    (info.width, info.height, bytes)
}

//! Data sets in and out of tables.
//!
//! A [`Format`] is a value that says where the data are and how they are written;
//! [`import()`] makes a table of it. The same [`ImportOptions`] go with each of them: project,
//! data set and table, what columns mean, what to do with bad rows.
//!
//! # How it is built
//!
//! ```text
//! parallel.rs   pieces of work side by side, results in order
//! source/       files by path, folder, glob or URL; read in pieces, unpacked where gzipped
//! import/       Format, RowSink, ImportOptions: batches of rows become a table, bad rows are told
//! tabular/      formats of rows          images/       formats of images and labels
//! annotations/  formats of boxes, masks  arrays/       formats of arrays
//! export/       the mirror: rows of a table, a revision or a stream become files
//! ```
//!
//! Each takes from those above it. A new format is a file in one of the four folders: a struct
//! with a [`Source`] and its settings, and an implementation of [`Format`] that reads and gives
//! batches to a [`RowSink`]. Labels by name, weights, extra columns, places of bad rows, skipping
//! and progress are the sink's. A whole one:
//!
//! ```
//! use std::io::BufRead;
//! use tlc_core::{Columns, Url};
//! use tlc_formats::{Error, Format, ImportOptions, Places, Result, RowSink, Source, import};
//!
//! /// A number a line.
//! struct Numbers { source: Source }
//!
//! impl Format for Numbers {
//!     fn describe(&self) -> String {
//!         format!("numbers of {}", self.source)
//!     }
//!
//!     fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
//!         for file in self.source.files(&["txt"])? {
//!             let (mut lines, mut numbers) = (Vec::new(), Vec::new());
//!             for (line, text) in (1..).zip(file.unpacked()?.lines()) {
//!                 let text = text.map_err(|error| file.failed(error))?;
//!                 match text.parse::<f64>() {
//!                     Ok(number) => { lines.push(line); numbers.push(number); }
//!                     Err(error) => rows.bad(Error::row(file.url(), line, "number", &text, error))?,
//!                 }
//!             }
//!             rows.add(Columns::new().column("number", numbers), &Places::lines(&file, lines))?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("a.txt"), "1\n2.5\noops\n")?;
//! let root = Url::parse("memory://docs-formats/")?;
//! let numbers = Numbers { source: folder.path().into() };
//!
//! let refused = import(&numbers, ImportOptions::new("demo", "numbers").root(&root)).unwrap_err();
//! assert!(refused.to_string().contains("a.txt, line 3, column `number`"));
//! let options = ImportOptions::new("demo", "numbers").root(&root).skip_bad_rows().weight(1.0);
//! let imported = import(&numbers, options)?;
//! assert_eq!((imported.table.len(), imported.skipped.len()), (2, 1));
//! assert!(imported.table.description().contains("1 of 3 rows skipped"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod annotations;
mod arrays;
mod error;
mod export;
mod images;
mod import;
mod parallel;
mod source;
mod tabular;

pub use self::annotations::{Coco, Masks, Yolo, YoloTask, run_lengths};
pub use self::arrays::{Cifar, Idx, NumPy};
pub use self::error::{At, BadRow, Error, Place, Result};
pub use self::export::{
    ExportFormat, Exported, RowSource, Rows, ToArrow, ToCoco, ToCsv, ToImageFolder, ToJsonLines,
    ToParquet, ToYolo, export,
};
pub use self::images::{HuggingFace, ImageFolder, ImagePaths};
pub use self::import::{
    Format, ImportOptions, Imported, OnError, Places, Progress, RowSink, Skipped, import,
};
pub use self::source::{FileReader, Source, SourceFile};
pub use self::tabular::{Arrow, Csv, JsonLines, Parquet, Records};

//! What is the same for every format: sources, options, bad rows.

#![allow(clippy::unwrap_used, clippy::panic)] // a test stops at the first surprise

mod bad_rows;
mod labels;
mod options;
mod sources;

use tlc_core::{Columns, Url};
use tlc_formats::{Error, Format, ImportOptions, Places, Result, RowSink, Source};

/// Lines of a name and a number, in batches.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) source: Source,
    pub(crate) batch_rows: usize,
}

impl Lines {
    pub(crate) fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
            batch_rows: 1000,
        }
    }
}

impl Format for Lines {
    fn describe(&self) -> String {
        "lines".to_owned()
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        for file in self.source.files(&["txt"])? {
            let bytes = file.bytes(1 << 20)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| file.refused(error))?;
            let lines: Vec<(u64, &str)> = (1..).zip(text.lines()).collect();
            for chunk in lines.chunks(self.batch_rows) {
                let mut read = Vec::new();
                for (line, text) in chunk {
                    let (name, number) = text.split_once(' ').unwrap();
                    match number.parse::<i64>() {
                        Ok(number) => read.push((*line, name, number)),
                        Err(error) => {
                            rows.bad(Error::row(file.url(), *line, "number", number, error))?;
                        }
                    }
                }
                let batch = Columns::new()
                    .column("name", read.iter().map(|row| row.1).collect::<Vec<_>>())
                    .column("number", read.iter().map(|row| row.2).collect::<Vec<_>>());
                let lines = read.iter().map(|row| row.0).collect();
                rows.add(batch, &Places::lines(&file, lines))?;
            }
        }
        Ok(())
    }
}

/// A file of these lines, and options for a table of it.
pub(crate) fn given(lines: &str) -> (tempfile::TempDir, Lines, ImportOptions) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    std::fs::write(&file, lines).unwrap();
    let root = Url::from_path(&folder.path().join("projects")).unwrap();
    let options = ImportOptions::new("p", "d").root(root);
    (folder, Lines::new(file), options)
}

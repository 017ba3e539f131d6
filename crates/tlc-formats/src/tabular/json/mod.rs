//! JSON lines: an object a line.

mod build;
mod shape;
mod value;

use self::build::Plan;
use self::shape::Shape;
use super::blocks::{Block, Blocks, Records};
use super::done::Done;
use crate::import::{Format, Places, RowSink};
use crate::source::{Source, SourceFile};
use crate::{Result, parallel};

/// Names of files of the format.
const ENDINGS: [&str; 3] = ["jsonl", "ndjson", "json"];

/// JSON lines (also called NDJSON): an object on each line is a row, gzipped or not.
///
/// A column has the type that holds all its values in all rows: `bool`, `int64`, `uint64`,
/// `float64`, `string`, lists and structs of these. A key that some lines lack, or `null`, is a
/// missing value. No digit is lost: a whole number beyond 64 bits, or one that floats beside it
/// would round, is refused, as are columns of different kinds, such as numbers and texts.
/// A column declared in the options has that type: texts are moments in a `datetime`, and
/// Base64 in `bytes` and images. A value that is none of it is a bad row, and so is a key that
/// comes twice.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{ImportOptions, JsonLines, import};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("pets.jsonl");
/// std::fs::write(&file, "{\"name\":\"Tom\",\"at\":[0.5,2]}\n{\"name\":\"Rex\",\"at\":[],\"chip\":1}\n")?;
/// let root = Url::parse("memory://docs-json/")?;
/// let table = import(&JsonLines::new(file), ImportOptions::new("pets", "all").root(root))?.table;
/// assert_eq!(table.schema().names().collect::<Vec<_>>(), ["name", "at", "chip"]);
/// assert!(table.schema().require("chip")?.nullable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct JsonLines {
    source: Source,
}

impl JsonLines {
    /// These files.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl Format for JsonLines {
    fn describe(&self) -> String {
        format!("JSON lines of {}", self.source)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let files = self.source.files(&ENDINGS)?;
        let done = Done::times(&files, 2)?;
        let mut shape = Shape::default();
        for file in &files {
            let look = |block: Block| shape::of(&value::records(&block, file));
            parallel::in_order(blocks(file)?, look, |block: Shape| {
                shape.merge(block)?;
                done.tell(rows);
                Ok(())
            })?;
        }
        let plan = Plan::new(&shape, rows)?;
        rows.add(plan.no_rows(), &Places::in_memory(0))?;
        for file in &files {
            let make = |block: Block| plan.build(value::records(&block, file), file);
            parallel::in_order(blocks(file)?, make, |built: build::Built| {
                built
                    .bad
                    .into_iter()
                    .try_for_each(|error| rows.bad(error))?;
                rows.add(built.batch, &Places::lines(file, built.lines))?;
                done.tell(rows);
                Ok(())
            })?;
        }
        match (shape == Shape::default(), files.first()) {
            (true, Some(file)) => Err(file.refused("there is no row in it")),
            _ => Ok(()),
        }
    }
}

/// The lines of a file, unless it is one array.
fn blocks(file: &SourceFile) -> Result<impl Iterator<Item = Result<Block>> + Send + use<>> {
    let file = file.clone();
    let blocks = Blocks::of(&file, Records::Lines)?;
    Ok(blocks.map(move |block| match block {
        Ok(block) if block.is_first && block.bytes.trim_ascii_start().starts_with(b"[") => {
            let reason = "a JSON array where lines of objects belong: write each of its objects \
                          on a line of its own, as `jq -c '.[]'` does";
            Err(file.refused(reason))
        }
        other => other,
    }))
}

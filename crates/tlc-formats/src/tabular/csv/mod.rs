//! CSV and its relatives: fields between delimiters, a record a line.

mod cell;
mod columns;
mod header;
mod infer;
mod read;

use self::cell::Missing;
use self::header::Heads;
use self::infer::Seen;
use self::read::{Plan, Read};
use super::blocks::Block;
use super::done::Done;
use crate::import::{Format, Places, RowSink};
use crate::source::Source;
use crate::{Result, parallel};

/// Names of files of the format.
const ENDINGS: [&str; 5] = ["csv", "tsv", "tab", "txt", "data"];
/// What stands for a missing number, truth value or moment.
const MISSING: [&str; 6] = ["NA", "N/A", "n/a", "NULL", "null", "None"];

/// Files of delimited values, as RFC 4180 and the `csv` crate have them; gzipped or not.
///
/// The type of a column is the narrowest that holds all its values in all rows: `bool`
/// (`true`, `false`), `int64`, `uint64`, `float64`, `datetime` (ISO 8601; UTC where there is no
/// zone), else `string`. No digit is lost: whole numbers beyond 64 bits, those that a float
/// beside them would round, and codes such as `007` are texts. A field without anything in it
/// is missing, and so are `NA`, `N/A`, `n/a`, `NULL`, `null` and `None` in columns that are no
/// texts. A column declared in the options has that type: a value that is none of it is a bad
/// row.
///
/// Several files have the same columns, in any order. Their first rows tell the types; if a later
/// row has another, all is read once more to find the types before the rows are made. Blocks
/// are read side by side.
///
/// ```
/// use tlc_core::Url;
/// use tlc_formats::{Csv, ImportOptions, import};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("pets.csv");
/// std::fs::write(&file, "name,kind,kilograms\nTom,cat,4.5\nRex,dog,\n")?;
/// let root = Url::parse("memory://docs-csv/")?;
/// let options = ImportOptions::new("pets", "all").root(root).label("kind");
/// let table = import(&Csv::new(file), options)?.table;
/// assert_eq!(table.schema().class_map("kind")?.id_of("dog"), Some(1));
/// assert!(table.schema().require("kilograms")?.nullable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    source: Source,
    delimiter: Option<u8>,
    has_header: bool,
    names: Option<Vec<String>>,
    missing: Vec<String>,
    trims: bool,
    has_quotes: bool,
    has_empty_texts: bool,
}

impl Csv {
    /// Files with a header. The delimiter is the tab if the name ends in `.tsv` or `.tab`, else
    /// the comma, or, where the header has none, that of tab, `;` and `|` that it has.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
            delimiter: None,
            has_header: true,
            names: None,
            missing: MISSING.map(str::to_owned).to_vec(),
            trims: false,
            has_quotes: true,
            has_empty_texts: false,
        }
    }

    /// Sets what stands between fields.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Files whose first record is a row: columns are called `column_0`, `column_1`, ...
    #[must_use]
    pub fn no_header(mut self) -> Self {
        self.has_header = false;
        self
    }

    /// Names the columns, in the place of the header if there is one.
    #[must_use]
    pub fn names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets what stands for a missing value in columns that are no texts, beside a field
    /// without anything in it.
    #[must_use]
    pub fn missing<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.missing = texts.into_iter().map(Into::into).collect();
        self
    }

    /// Takes a field without anything in it for a text, in columns of texts.
    #[must_use]
    pub fn empty_texts(mut self) -> Self {
        self.has_empty_texts = true;
        self
    }

    /// Leaves white space around names and values out; around numbers it never counts.
    #[must_use]
    pub fn trim(mut self) -> Self {
        self.trims = true;
        self
    }

    /// Takes quotes for characters like others.
    #[must_use]
    pub fn no_quotes(mut self) -> Self {
        self.has_quotes = false;
        self
    }
}

impl Format for Csv {
    fn describe(&self) -> String {
        format!("CSV of {}", self.source)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let files = self.source.files(&ENDINGS)?;
        let heads = header::of_files(self, &files)?;
        let declared: Vec<_> = heads.names.iter().map(|name| rows.declared(name)).collect();
        let missing = Missing::of(&self.missing);
        let plan = |seen: &[Seen]| {
            let texts = self.has_empty_texts;
            Plan::new(&heads.names, &declared, seen, &missing, texts)
        };
        if rows.may_start_over() {
            let mut seen = first_fields(&heads, &missing)?;
            if seen.iter().all(Seen::is_settled) {
                let begun = plan(&seen)?.of_first(&seen, &declared);
                let done = Done::times(&files, 1)?;
                return make(&heads, &begun, rows, &done, |rows, read| {
                    merge(&mut seen, &read);
                    match plan(&seen)?.is_as(&begun) {
                        true => Ok(()),
                        false => Err(rows.start_over()),
                    }
                });
            }
        }
        let done = Done::times(&files, 2)?;
        let mut seen = vec![Seen::default(); heads.names.len()];
        for head in &heads.files {
            let look = |block: Block| Ok(infer::look(&block, head, &missing));
            parallel::in_order(head.blocks()?, look, |block: Vec<Seen>| {
                merge(&mut seen, &block);
                done.tell(rows);
                Ok(())
            })?;
        }
        make(&heads, &plan(&seen)?, rows, &done, |_, _| Ok(()))
    }
}

/// What the fields of the first block look like.
fn first_fields(heads: &Heads, missing: &Missing<'_>) -> Result<Vec<Seen>> {
    let mut seen = vec![Seen::default(); heads.names.len()];
    if let Some(head) = heads.files.first()
        && let Some(block) = head.blocks()?.next()
    {
        merge(&mut seen, &infer::look(&block?, head, missing));
    }
    Ok(seen)
}

fn merge(seen: &mut [Seen], block: &[Seen]) {
    let both = seen.iter_mut().zip(block);
    both.for_each(|(seen, block)| seen.merge(block));
}

/// Makes the rows of all files, block by block; `check` is told what the fields of each look
/// like, if the plan does not know it, before its rows are given away.
fn make(
    heads: &Heads,
    plan: &Plan<'_>,
    rows: &mut RowSink<'_>,
    done: &Done<'_>,
    mut check: impl FnMut(&mut RowSink<'_>, Vec<Seen>) -> Result<()>,
) -> Result<()> {
    rows.add(plan.no_rows(), &Places::in_memory(0))?;
    for head in &heads.files {
        let read = |block: Block| plan.read(&block, head);
        parallel::in_order(head.blocks()?, read, |read: Read| {
            check(rows, read.seen)?;
            read.bad.into_iter().try_for_each(|error| rows.bad(error))?;
            rows.add(read.batch, &read.places)?;
            done.tell(rows);
            Ok(())
        })?;
    }
    Ok(())
}

//! What the columns of files are called, and which field of a record is which column.

use super::super::blocks::{Block, Blocks, Records};
use super::Csv;
use crate::Result;
use crate::source::SourceFile;
use csv::{ReaderBuilder, StringRecord, Trim};
use memchr::memchr;
use std::collections::{HashMap, HashSet};

/// What else stands between fields, where it is no comma.
const OTHER_DELIMITERS: [u8; 3] = [b'\t', b';', b'|'];

/// The columns of all files.
pub(super) struct Heads {
    /// Names of the columns, in the order of the first file.
    pub(super) names: Vec<String>,
    pub(super) files: Vec<Head>,
}

/// How one file is to be read.
pub(super) struct Head {
    pub(super) file: SourceFile,
    delimiter: u8,
    has_header: bool,
    has_quotes: bool,
    trims: bool,
    /// For each column its field in a record.
    pub(super) fields: Vec<usize>,
}

/// Reads the first record of each file.
pub(super) fn of_files(csv: &Csv, files: &[SourceFile]) -> Result<Heads> {
    let (mut names, mut heads) = (Vec::new(), Vec::new());
    for file in files {
        let (mut head, own) = begun(csv, file)?;
        if heads.is_empty() {
            names.clone_from(&own);
        }
        head.fields = matched(&names, &own, file)?;
        heads.push(head);
    }
    Ok(Heads {
        names,
        files: heads,
    })
}

impl Head {
    /// The file in blocks.
    pub(super) fn blocks(&self) -> Result<Blocks> {
        let delimiter = self.delimiter;
        let records = match self.has_quotes {
            true => Records::Quoted { delimiter },
            false => Records::Unquoted,
        };
        Blocks::of(&self.file, records)
    }

    /// The records of a block that are rows, each with its line, or why it is none.
    pub(super) fn records(
        &self,
        block: &Block,
        mut each: impl FnMut(u64, Result<&StringRecord, String>),
    ) {
        let mut reader = self.reader(&block.bytes);
        let mut record = StringRecord::new();
        let mut is_header = block.is_first && self.has_header;
        loop {
            let read = reader.read_record(&mut record);
            let line_of = |position: Option<&csv::Position>| {
                block.first_line + position.map_or(0, |position| position.line() - 1)
            };
            match read {
                Ok(false) => return,
                Ok(true) if std::mem::take(&mut is_header) => {}
                Ok(true) if record.len() != self.fields.len() => {
                    let (found, columns) = (record.len(), self.fields.len());
                    let reason = format!("{found} fields where {columns} belong");
                    each(line_of(record.position()), Err(reason));
                }
                Ok(true) => each(line_of(record.position()), Ok(&record)),
                Err(error) => {
                    is_header = false;
                    let line = line_of(error.position());
                    match error.is_io_error() {
                        true => return each(line, Err(error.to_string())),
                        false => each(line, Err("not UTF-8: convert the file".to_owned())),
                    }
                }
            }
        }
    }

    fn reader<'b>(&self, bytes: &'b [u8]) -> csv::Reader<&'b [u8]> {
        ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .quoting(self.has_quotes)
            .trim(if self.trims { Trim::All } else { Trim::None })
            .buffer_capacity(1 << 16)
            .from_reader(bytes)
    }
}

/// How a file is to be read, and what it calls its columns.
fn begun(csv: &Csv, file: &SourceFile) -> Result<(Head, Vec<String>)> {
    let mut head = Head {
        file: file.clone(),
        delimiter: csv.delimiter.unwrap_or_else(|| by_name(file)),
        has_header: csv.has_header,
        has_quotes: csv.has_quotes,
        trims: csv.trims,
        fields: Vec::new(),
    };
    let first = head.blocks()?.next().transpose()?;
    let first = first.unwrap_or_default();
    if csv.delimiter.is_none() {
        head.delimiter = by_first_line(&first.bytes, head.delimiter);
    }
    let mut record = StringRecord::new();
    let read = head.reader(&first.bytes).read_record(&mut record);
    if !read.map_err(|_| file.refused("the first record is not UTF-8: convert the file"))? {
        return Err(file.refused("there is nothing in it, not even a header"));
    }
    let names = match (&csv.names, csv.has_header) {
        (Some(names), _) if names.len() != record.len() => {
            let (names, fields) = (names.len(), record.len());
            return Err(file.refused(format!("{names} names for {fields} columns")));
        }
        (Some(names), _) => names.clone(),
        (None, true) => (0..).zip(&record).map(named).collect(),
        (None, false) => (0..record.len()).map(|place| named((place, ""))).collect(),
    };
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => {
            let reason = format!("two columns are called `{twice}`: give all names by hand");
            Err(file.refused(reason))
        }
        None => Ok((head, names)),
    }
}

fn named((place, name): (usize, &str)) -> String {
    match name.is_empty() {
        true => format!("column_{place}"),
        false => name.to_owned(),
    }
}

fn by_name(file: &SourceFile) -> u8 {
    let name = file.url().name().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.ends_with(".tsv") || name.ends_with(".tab") {
        true => b'\t',
        false => b',',
    }
}

/// The delimiter, or another if the first line does not have it.
fn by_first_line(bytes: &[u8], delimiter: u8) -> u8 {
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let has = |delimiter: &u8| memchr(*delimiter, line).is_some();
    match has(&delimiter) {
        true => delimiter,
        false => OTHER_DELIMITERS.into_iter().find(has).unwrap_or(delimiter),
    }
}

/// For each column the field that has its name in this file.
fn matched(names: &[String], own: &[String], file: &SourceFile) -> Result<Vec<usize>> {
    let places: HashMap<&String, usize> = own.iter().zip(0..).collect();
    let place = |name| {
        let place = places.get(name).copied();
        place.ok_or_else(|| file.refused(format!("no column `{name}`, as the files before have")))
    };
    let fields = names.iter().map(place).collect::<Result<_>>()?;
    let is_more = |name: &&String| own.len() > names.len() && !names.contains(name);
    match own.iter().find(is_more) {
        Some(name) => Err(file.refused(format!("a column `{name}`, which the files before lack"))),
        None => Ok(fields),
    }
}

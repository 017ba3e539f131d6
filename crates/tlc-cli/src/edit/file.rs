//! Edits from a file: the column `row`, and columns to set, as `tlc rows` writes them.

use super::asked::{Asked, AskedCell, at_line};
use crate::rows::{PLACES, TABLE};
use crate::{Failure, print};
use csv::{ReaderBuilder, StringRecord};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use tlc_core::Table;

const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What a file asks for, or what comes in.
pub(super) fn read(file: &Path, table: &Table) -> Result<Vec<Asked>, Failure> {
    let lines: Box<dyn Read> = match file == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(file)?),
    };
    asked(BufReader::new(lines), table)
}

fn asked(mut lines: impl BufRead, table: &Table) -> Result<Vec<Asked>, Failure> {
    if lines.fill_buf()?.starts_with(&MARK) {
        lines.consume(MARK.len());
    }
    // Texts with tabs in them stand in no heading.
    let first = lines.fill_buf()?;
    let first = first
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let delimiter = if first.contains(&b'\t') { b'\t' } else { b',' };
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(delimiter == b',')
        .from_reader(lines);
    let headings = reader.headers()?.clone();
    let places = Places::of(&headings, table)?;
    let columns = places.columns.iter();
    let mut asked: Vec<Asked> = columns
        .map(|(_, name)| Asked {
            column: name.clone(),
            cells: Vec::new(),
            is_of_file: true,
        })
        .collect();
    let mut lines_of_rows: HashMap<usize, u64> = HashMap::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map(csv::Position::line);
        let row = row(record.get(places.row).unwrap_or_default())
            .map_err(|error| at_line(error, line))?;
        if let Some(before) = lines_of_rows.insert(row, line.unwrap_or_default()) {
            let twice = format!("row {row} is there twice, in line {before}, too: leave one out");
            return Err(at_line(twice, line));
        }
        for ((place, _), asked) in places.columns.iter().zip(&mut asked) {
            let text = record.get(*place).unwrap_or_default().to_owned();
            asked.cells.push(AskedCell { row, text, line });
        }
    }
    Ok(asked)
}

/// Where in a line the row stands, and what is to be set.
struct Places {
    row: usize,
    columns: Vec<(usize, String)>,
}

impl Places {
    fn of(headings: &StringRecord, table: &Table) -> Result<Self, Failure> {
        // A column of the table may be called so, too: the first says which row it is.
        let mut names = headings.iter().map(str::trim);
        let row = names.position(|name| PLACES.contains(&name));
        let row = row.ok_or_else(|| {
            let first: Vec<&str> = headings.iter().take(8).collect();
            let found = print::plain(&first.join(", "));
            format!("no column `row`, which says the row of the table: the first line is {found}")
        })?;
        let mut columns: Vec<(usize, String)> = Vec::new();
        for (place, name) in headings
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != row)
        {
            let exact = table.schema().column(name);
            if exact.is_none() && name.trim() == TABLE {
                let reason = "the file is of a run, whose rows are of several tables: leave the \
                              column `table` out, and all rows but those of this one";
                return Err(reason.into());
            }
            let column = exact.map_or_else(|| table.schema().require(name.trim()), Ok)?;
            if columns.iter().any(|(_, known)| *known == column.name) {
                return Err(format!("the column `{}` is there twice", print::plain(name)).into());
            }
            columns.push((place, column.name.clone()));
        }
        match columns.is_empty() {
            true => Err("nothing to set: no column but that of the rows".into()),
            false => Ok(Self { row, columns }),
        }
    }
}

fn row(text: &str) -> Result<usize, Failure> {
    let row = text.trim().parse();
    row.map_err(|_| {
        let text = print::plain(text);
        format!("the row is `{text}`, expected a whole number from 0 on").into()
    })
}

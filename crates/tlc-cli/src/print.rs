//! Printing: aligned tables for people, JSON for programs.

use crate::Failure;
use serde::Serialize;
use std::io::{ErrorKind, Write, stdout};

/// A line, to where the output goes.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout().lock(), "{text}")?)
}

/// Whether nobody reads the output any more, as after `| head`.
pub(crate) fn is_closed(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Rows under their headings, in columns; numbers to the right.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
    let width = |column: usize, heading: &str| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widths = cells.map(|cell| cell.chars().count());
        widths.max().unwrap_or(0).max(heading.chars().count())
    };
    let columns: Vec<(usize, bool)> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| (width(column, heading), is_numbers(rows, column)))
        .collect();
    let heading: Vec<String> = headings
        .iter()
        .map(|heading| (*heading).to_owned())
        .collect();
    for row in [&heading].into_iter().chain(rows) {
        let cells = row.iter().zip(&columns).map(|(cell, (width, is_right))| {
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            if *is_right {
                format!("{gap}{cell}")
            } else {
                format!("{cell}{gap}")
            }
        });
        line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// Texts of others on one line, without what would steer a terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

fn is_numbers(rows: &[Vec<String>], column: usize) -> bool {
    let mut cells = rows.iter().filter_map(|row| row.get(column));
    !rows.is_empty() && cells.all(|cell| cell.is_empty() || cell.parse::<f64>().is_ok())
}

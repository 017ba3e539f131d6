//! Tables of text: aligned on a terminal, tab-separated elsewhere.

use super::style::{Tone, tinted, width};
use super::{line, lines, many, note, plain};
use crate::Failure;
use console::{measure_text_width, truncate_str};

const GAP: usize = 2;
/// A column is cut to no less, while another is wider.
const LEAST: usize = 10;

/// Text in a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        let text = text.into();
        Self { text, tone }
    }

    /// Its text alone, in its colour.
    pub(crate) fn tinted(&self) -> String {
        tinted(&plain(&self.text), self.tone)
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// Rows under their headings.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<Cell>>,
    indent: usize,
}

/// How a column is put.
#[derive(Clone, Copy)]
struct Column {
    width: usize,
    is_number: bool,
}

impl Table {
    pub(crate) fn new<H: Into<String>>(headings: impl IntoIterator<Item = H>) -> Self {
        Self {
            headings: headings.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            indent: 0,
        }
    }

    /// Puts the table farther right on a terminal.
    pub(crate) fn indented(mut self) -> Self {
        self.indent = GAP;
        self
    }

    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Prints the table under an empty line, unless it has no rows.
    pub(crate) fn print_section(&self) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        line("")?;
        self.print()
    }

    pub(crate) fn print(&self) -> Result<(), Failure> {
        match width() {
            Some(width) => self.print_aligned(width),
            None => self.print_separated(),
        }
    }

    fn print_separated(&self) -> Result<(), Failure> {
        let joined = |cells: Vec<String>| cells.join("\t");
        let headings = self.headings.iter().map(|name| plain(name)).collect();
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| plain(&cell.text));
            joined(cells.collect())
        });
        lines([joined(headings)].into_iter().chain(rows))
    }

    fn print_aligned(&self, width: usize) -> Result<(), Failure> {
        let columns = fitted(self.columns(), width.saturating_sub(self.indent));
        let headings = self.headings.iter();
        let headings: Vec<Cell> = headings
            .map(|name| Cell::toned(name, Tone::Strong))
            .collect();
        let rows = [&headings].into_iter().chain(&self.rows);
        lines(rows.map(|row| self.aligned(row, &columns)))?;
        match self.headings.len() - columns.len() {
            0 => Ok(()),
            left_out => note(&format!(
                "{} did not fit: a wider terminal, or a pipe, shows all",
                many(left_out, "column")
            )),
        }
    }

    fn aligned(&self, row: &[Cell], columns: &[Column]) -> String {
        let mut told = row.iter().take(columns.len());
        let last = told.rposition(|cell| !cell.text.is_empty());
        let cells = row.iter().zip(columns);
        let cells = cells.take(last.map_or(0, |last| last + 1)).enumerate();
        let cells = cells.map(|(place, (cell, column))| column.put(cell, Some(place) == last));
        let text = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
        format!("{}{text}", " ".repeat(self.indent))
    }

    fn columns(&self) -> Vec<Column> {
        let column = |(place, heading): (usize, &String)| {
            let cells = || self.rows.iter().filter_map(|row| row.get(place));
            let widths = cells().map(|cell| measure_text_width(&plain(&cell.text)));
            let is_number = |cell: &Cell| cell.text.is_empty() || cell.text.parse::<f64>().is_ok();
            Column {
                width: widths.fold(measure_text_width(heading), usize::max),
                is_number: !self.rows.is_empty() && cells().all(is_number),
            }
        };
        self.headings.iter().enumerate().map(column).collect()
    }
}

impl Column {
    /// As much of a text as fits, with what is between it and the next.
    fn put(self, cell: &Cell, is_last: bool) -> String {
        let text = plain(&cell.text);
        let text = truncate_str(&text, self.width, "…");
        let gap = " ".repeat(self.width - measure_text_width(&text).min(self.width));
        let text = tinted(&text, cell.tone);
        match self.is_number {
            true => format!("{gap}{text}"),
            false if is_last => text,
            false => format!("{text}{gap}"),
        }
    }
}

/// The widest columns are cut until all fit; those that do not fit even so are left out.
fn fitted(mut columns: Vec<Column>, width: usize) -> Vec<Column> {
    let needed = |columns: &[Column]| {
        let gaps = GAP * columns.len().saturating_sub(1);
        columns.iter().map(|column| column.width).sum::<usize>() + gaps
    };
    while needed(&columns) > width {
        let widest = columns.iter().map(|column| column.width).max();
        let widest = widest.unwrap_or_default();
        if widest <= LEAST && columns.len() > 1 {
            columns.pop();
            continue;
        }
        if widest <= 1 {
            break;
        }
        // Down to the next widest, or as far as needed.
        let over = needed(&columns) - width;
        let tied = columns.iter().filter(|column| column.width == widest);
        let each = over.div_ceil(tied.count().max(1));
        let narrower = columns.iter().map(|column| column.width);
        let next = narrower.filter(|width| *width < widest).max().unwrap_or(1);
        let least = if columns.len() > 1 { LEAST } else { 1 };
        let cut = widest.saturating_sub(each).max(next).max(least);
        for column in columns.iter_mut().filter(|column| column.width == widest) {
            column.width = cut;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::{Column, fitted};

    fn widths(widths: &[usize], width: usize) -> Vec<usize> {
        let column = |width: &usize| Column {
            width: *width,
            is_number: false,
        };
        let columns = fitted(widths.iter().map(column).collect(), width);
        columns.iter().map(|column| column.width).collect()
    }

    #[test]
    fn the_widest_column_is_cut_first_and_what_does_not_fit_is_left_out() {
        assert_eq!(widths(&[4, 5], 80), [4, 5]);
        assert_eq!(widths(&[4, 100], 40), [4, 34]);
        assert_eq!(widths(&[60, 100], 42), [20, 20]);
        assert_eq!(widths(&[10; 9], 40), [10, 10, 10]);
        assert_eq!(widths(&[200], 20), [20]);
        assert_eq!(widths(&[], 20), [0; 0]);
    }
}

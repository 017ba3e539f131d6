//! Rows as CSV.

use super::cell::Writer;
use super::target::Target;
use super::{ExportFormat, Exported, Rows, lines};
use crate::Result;
use memchr::{memchr, memchr3};
use std::path::PathBuf;

/// A CSV file with a header, as RFC 4180 has it, but lines end in a line feed. A name that ends
/// in `.gz` makes it gzipped.
///
/// A missing value is an empty field, a text without characters `""`. Labels are written as
/// the names of their classes, moments as RFC 3339, floats with the digits that are read as the
/// same number, bytes as Base64, lists and structs as JSON.
#[derive(Clone, Debug)]
pub struct ToCsv {
    target: Target,
    delimiter: u8,
    ids: bool,
}

impl ToCsv {
    /// A file of this path or URL, tab between fields if it ends in `.tsv`.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        let target = target.into();
        let name = target.to_string_lossy().to_lowercase();
        let is_tsv = name.trim_end_matches(".gz").ends_with(".tsv");
        Self {
            delimiter: if is_tsv { b'\t' } else { b',' },
            target: Target::of(target),
            ids: false,
        }
    }

    /// Sets what stands between fields.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Writes labels as ids.
    #[must_use]
    pub fn label_ids(mut self) -> Self {
        self.ids = true;
        self
    }

    /// Takes the place of a file that is there.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.target = self.target.overwriting();
        self
    }
}

impl ExportFormat for ToCsv {
    fn write(&self, rows: &Rows) -> Result<Exported> {
        let schema = rows.schema()?;
        let columns = schema.columns().iter();
        let mut writers: Vec<_> = columns.map(|column| Writer::of(column, self.ids)).collect();
        let mut header = Vec::new();
        for (place, name) in schema.names().enumerate() {
            self.delimit(place, &mut header);
            self.field(name.as_bytes(), &mut header);
        }
        header.push(b'\n');
        // A line without anything in it is none.
        let missing: &[u8] = if writers.len() == 1 { b"\"\"" } else { b"" };
        let mut field = Vec::new();
        let exported = lines::write(&self.target, rows, header, |batch, row, line| {
            let cells = writers.iter_mut().zip(batch.columns());
            for (place, (writer, values)) in cells.enumerate() {
                self.delimit(place, line);
                match values.is_valid(row) {
                    true => {
                        field.clear();
                        writer.field(values, row, &mut field)?;
                        self.field(&field, line);
                    }
                    false => line.extend_from_slice(missing),
                }
            }
            line.push(b'\n');
            Ok(())
        })?;
        Ok(Exported {
            not_finite: writers.iter().map(|writer| writer.not_finite).sum(),
            ..exported
        })
    }
}

impl ToCsv {
    fn delimit(&self, place: usize, line: &mut Vec<u8>) {
        if place > 0 {
            line.push(self.delimiter);
        }
    }

    /// Adds a field, in quotes where it would be read as something else.
    fn field(&self, field: &[u8], line: &mut Vec<u8>) {
        let is_plain = !field.is_empty()
            && memchr3(b'"', b'\n', b'\r', field).is_none()
            && memchr(self.delimiter, field).is_none();
        if is_plain {
            return line.extend_from_slice(field);
        }
        line.push(b'"');
        for (place, part) in field.split(|byte| *byte == b'"').enumerate() {
            if place > 0 {
                line.extend_from_slice(b"\"\"");
            }
            line.extend_from_slice(part);
        }
        line.push(b'"');
    }
}

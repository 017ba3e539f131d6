//! What can be said of CSV.

use super::into::Into;
use crate::{End, Failure};
use clap::Args;
use tlc_formats::Csv;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Files, folders, globs or URLs; those of one table
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    pub(super) into: Into,
    /// What stands between fields, `tab` for a tab [default: what the header has]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Takes the first line for a row; columns are called `column_0` and so on
    #[arg(long)]
    no_header: bool,
    /// Names of all columns
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    names: Option<Vec<String>>,
    /// What stands for a missing value, beside nothing [default: NA, N/A, n/a, NULL, null, None]
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',')]
    missing: Option<Vec<String>>,
    /// Takes an empty field among texts for a text, not a missing value
    #[arg(long)]
    empty_texts: bool,
    /// Leaves out white space around values
    #[arg(long)]
    trim: bool,
    /// Takes quotes for characters like others
    #[arg(long)]
    no_quotes: bool,
}

impl Arguments {
    pub(super) fn format(&self) -> Result<Csv, Failure> {
        let mut csv = Csv::new(self.paths.as_slice());
        if let Some(delimiter) = &self.delimiter {
            csv = csv.delimiter(byte(delimiter)?);
        }
        if let Some(names) = &self.names {
            csv = csv.names(names);
        }
        if let Some(missing) = &self.missing {
            csv = csv.missing(missing);
        }
        for (is_set, set) in [
            (self.no_header, Csv::no_header as fn(Csv) -> Csv),
            (self.empty_texts, Csv::empty_texts),
            (self.trim, Csv::trim),
            (self.no_quotes, Csv::no_quotes),
        ] {
            if is_set {
                csv = set(csv);
            }
        }
        Ok(csv)
    }
}

fn byte(delimiter: &str) -> Result<u8, Failure> {
    match delimiter.as_bytes() {
        _ if delimiter == "tab" || delimiter == "\\t" => Ok(b'\t'),
        [byte] if !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err(End::wrong_use(format!(
            "{delimiter:?} is no delimiter: one character of ASCII is, or `tab`"
        ))),
    }
}

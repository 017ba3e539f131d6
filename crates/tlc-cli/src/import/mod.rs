//! `tlc import`: files become tables.

mod csv;
mod into;
mod made;

use self::into::Into;
use self::made::Made;
use crate::{Failure, Place, print};
use clap::{Args, Subcommand};
use tlc_formats::{Arrow, Format, JsonLines, Parquet};

const EXAMPLES: &str = "\
Examples:
  tlc import csv penguins.csv --project zoo --dataset penguins --label species
  tlc import parquet 'shards/*.parquet' --project zoo --dataset photos --column image=image
  tlc import json dump.jsonl.gz --project zoo --dataset texts --weight --skip-bad-rows";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    of: Of,
}

#[derive(Subcommand, Debug)]
enum Of {
    /// Values between commas, tabs or the like
    Csv(csv::Arguments),
    /// JSON lines: an object a line
    Json(Files),
    /// Arrow IPC files and streams; Feather files are such
    Arrow(Files),
    /// Parquet files
    Parquet(Files),
}

#[derive(Args, Debug)]
struct Files {
    /// Files, folders, globs or URLs; those of one table
    #[arg(required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    into: Into,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    match &arguments.of {
        Of::Csv(csv) => import(&csv.format()?, &csv.into, place),
        Of::Json(files) => import(&JsonLines::new(files.paths.as_slice()), &files.into, place),
        Of::Arrow(files) => import(&Arrow::new(files.paths.as_slice()), &files.into, place),
        Of::Parquet(files) => import(&Parquet::new(files.paths.as_slice()), &files.into, place),
    }
}

/// Makes the table, and says which it is.
fn import(format: &dyn Format, into: &Into, place: &Place) -> Result<(), Failure> {
    let began = chrono::Utc::now().to_rfc3339();
    let imported = into.import(format, place)?;
    print::tell(&Made::of(&imported, into.project(), &began), place)
}

//! `tlc export`: a run as one page to send to a colleague, or rows as files for other programs.

mod draw;
mod figures;
pub(crate) mod file;
mod report;
mod rows;
mod texts;

use self::report::{Report, Summary};
#[cfg(feature = "sql")]
pub(crate) use self::rows::{As, write_rows};
use crate::print::{self, Told};
use crate::{End, Failure, Place, media, name};
use clap::{ArgGroup, Args};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// More than anybody looks through.
const MOST_WORST: u32 = 5000;

const EXAMPLES: &str = "\
Examples:
  tlc export fashion-mnist/train-classifier --html run.html
  tlc export fashion-mnist/train@latest --to train.parquet
  tlc export fashion-mnist/train-classifier --where \"predicted <> label\" --to wrong.csv
  tlc export fashion-mnist/train@latest --to images --as image-folder";

#[derive(Args)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("target").required(true).args(["html", "to"])))]
pub(crate) struct Arguments {
    /// A run, or a table
    name: String,
    /// One page about a run that opens without a network, for example run.html
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A file of rows, or a folder of images
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    rows: rows::Written,
    /// How many of the samples that the model is worst at the page shows
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_WORST)))]
    worst: u32,
    /// Overwrites the file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    images: media::Folders,
}

/// The page that was written, as `--json` says it.
#[derive(Serialize)]
struct Exported {
    file: PathBuf,
    bytes: u64,
    #[serde(flatten)]
    summary: Summary,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let Arguments { name, rows, .. } = arguments;
    match (&arguments.to, &arguments.html) {
        (Some(to), _) => {
            let found = name::any(name, place)?;
            rows.write(&found, to, arguments.force, &arguments.images, place)
        }
        (None, Some(_)) if rows.is_narrowed() => Err(End::wrong_use(
            "the page is about the whole run: --where, --epoch and --stream go with --to",
        )),
        (None, Some(file)) => page(arguments, file, place),
        (None, None) => Ok(()), // which clap refuses
    }
}

fn page(arguments: &Arguments, file: &Path, place: &Place) -> Result<(), Failure> {
    let target = file::Target::new(file, arguments.force)?;
    let folders = arguments.images.urls()?;
    let run = name::run(&arguments.name, place)?;
    let report = Report::of(&run, &place.root()?, arguments.worst as usize, folders)?;
    let page = draw::page(&report);
    target.write(page.as_bytes())?;
    let exported = Exported {
        file: file.to_owned(),
        bytes: page.len() as u64,
        summary: report.summary(),
    };
    print::tell(&exported, place)
}

impl Told for Exported {
    fn print(&self) -> Result<(), Failure> {
        let file = print::plain(&self.file.display().to_string());
        print::line(&format!("{file}: {}", print::size(self.bytes)))?;
        for (what, told) in self.summary.told() {
            print::line(&format!("  {what:<10} {told}"))?;
        }
        Ok(())
    }
}

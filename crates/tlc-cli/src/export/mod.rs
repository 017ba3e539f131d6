//! `tlc export`: a run as one file to send to a colleague.

mod draw;
mod figures;
pub(crate) mod file;
mod report;
mod texts;

use self::report::{Report, Summary};
use crate::{Failure, Place, name, print};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// More than anybody looks through.
const MOST_WORST: u32 = 5000;

#[derive(Args)]
pub(crate) struct Arguments {
    /// `project/run`, a path or a URL
    run: String,
    /// The file to write: one page that opens without a network, for example run.html
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    /// How many of the samples that the model is worst at to show
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_WORST)))]
    worst: u32,
    /// Overwrites the file
    #[arg(long)]
    force: bool,
}

/// What was written, as `--json` says it.
#[derive(Serialize)]
struct Exported {
    file: PathBuf,
    bytes: usize,
    #[serde(flatten)]
    summary: Summary,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let target = file::Target::new(&arguments.html, arguments.force)?;
    let run = name::run(&arguments.run, place)?;
    let report = Report::of(&run, &place.root()?, arguments.worst as usize)?;
    let page = draw::page(&report);
    target.write(page.as_bytes())?;
    let exported = Exported {
        file: arguments.html.clone(),
        bytes: page.len(),
        summary: report.summary(),
    };
    match place.json {
        true => print::json(&exported),
        false => tell(&exported),
    }
}

fn tell(exported: &Exported) -> Result<(), Failure> {
    let Exported {
        file,
        bytes,
        summary,
    } = exported;
    let named = file.display().to_string();
    print::line(&format!("{}: {}", print::plain(&named), size(*bytes)))?;
    for (what, told) in summary.told() {
        print::line(&format!("  {what:<10} {told}"))?;
    }
    Ok(())
}

/// Bytes as people say them.
fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

//! `tlc show`: what a run or a table is.

mod run;
mod table;

use crate::name::{self, Found};
use crate::{Failure, Place, print};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  tlc show fashion-mnist/train-classifier
  tlc show fashion-mnist/train@latest
  tlc show ./projects/fashion-mnist/runs/train-classifier --json";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// `project/run`, `project/dataset`, `project/dataset/table`, their start, a path or a URL
    name: String,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    match name::any(&arguments.name, place)? {
        Found::Run(run) => print::tell(&run::Shown::of(&run)?, place),
        Found::Table(table) => print::tell(&table::Shown::of(&table)?, place),
    }
}

/// What stands under the name of a run or table.
fn print_head(url: &str, created: &str, texts: &[&str]) -> Result<(), Failure> {
    print::line(&format!("  {url}"))?;
    print::line(&format!("  created {}", print::minutes(created)))?;
    for text in texts.iter().filter(|text| !text.is_empty()) {
        print::line(&format!("  {}", print::plain(text)))?;
    }
    Ok(())
}
